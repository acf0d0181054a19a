"""Senders as a form offers them: in groups, with what an owner has to know of the one he chooses."""

from typing import Final

from domain.senders import SENDERS, Sender, parameters_of
from domain.senders.catalogue.builders import BUILDERS
from domain.senders.catalogue.chat import CHAT
from domain.senders.catalogue.clouds import CLOUDS
from domain.senders.catalogue.git_hosts import GIT_HOSTS
from domain.senders.catalogue.mail import MAIL
from domain.senders.catalogue.papers import PAPERS
from domain.senders.catalogue.payments import PAYMENTS
from domain.senders.catalogue.standard import STANDARD
from domain.senders.catalogue.work import WORK
from domain.senders.samples import SAMPLES
from domain.webhook import GIT
from relay.server.inner_api import Json

CUSTOM: Final = "custom"
GIT_TITLE: Final = "Pushes of any Git host, for repos"

_GROUPS: Final = (
    ("Git hosts", GIT_HOSTS),
    ("Payments and shops", (*PAYMENTS, SENDERS["paypal"])),
    ("Chat and video", CHAT),
    ("Mail and telephone", MAIL),
    ("Builds, deployments, alerts", BUILDERS),
    ("Work and forms", WORK),
    ("Files and documents", PAPERS),
    ("Clouds and identity", (*CLOUDS, SENDERS["aws-sns"])),
    ("Standard Webhooks and Svix", STANDARD),
)


def groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """Titles of groups with the keys and titles of their senders; programs of one's own come first."""
    own = [(CUSTOM, "Any program of yours (signs in X-Signature)")]
    listed = [(title, [(each.key, each.title) for each in found]) for title, found in _GROUPS]
    return [("Your own", own), *listed, ("Repos", [(GIT, GIT_TITLE)])]


def title(key: str) -> str:
    """The name of a sender for people."""
    if key == GIT:
        return "Git hosts"
    return SENDERS[key].title.partition(" (")[0] if key in SENDERS else key


def events(key: str) -> list[str]:
    """The types of the events that a test of its webhook can send."""
    return [each.event for each in SAMPLES.get(key, ())]


def chosen(key: str) -> Json:
    """What stands beside a form while a sender is chosen. One that is unknown is `custom`."""
    if key == GIT:
        return _RECEIVER
    sender = SENDERS.get(key, SENDERS[CUSTOM])
    return {
        "key": sender.key,
        "title": "your program" if sender.is_own else title(sender.key),
        "docs_url": sender.docs_url,
        "where": sender.secret.where,
        "secret": _secret(sender),
        "can_sign": bool(sender.schemes),
        "uncovered": sender.uncovered,
        "doubt": sender.doubt,
        "parameters": [
            {
                "name": each.name,
                "meaning": each.meaning,
                "is_required": each.is_required,
                "is_secret": each.is_secret,
                "choices": each.choices,
            }
            for each in parameters_of(sender)
        ],
    }


def _secret(sender: Sender) -> str:
    """Where its secret comes from: a word that the templates turn into a sentence."""
    if not sender.schemes:
        return "none"
    if sender.is_keyless:
        return "keyless"
    if any(each.captures for each in sender.handshakes):
        return "handshake"
    return "issued" if sender.secret.issued else "made"


_RECEIVER: Final[Json] = {
    "key": GIT,
    "title": title(GIT),
    "docs_url": None,
    "where": (
        "The one address to which your Git hosts report pushes. The Secrets of repos vouch for them, so it"
        " has no secret of its own. The first repo that is applied makes it by itself."
    ),
    "secret": "receiver",
    "can_sign": False,
    "uncovered": "",
    "doubt": "",
    "parameters": [],
}
