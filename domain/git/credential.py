"""Credentials: whether a push comes from somebody who knows a repo's webhook secret.

What vouches for a push depends on its provider; how signatures are read and compared is `domain.senders`'.
The keys of a Secret are Rancher Fleet's (https://fleet.rancher.io/webhook); `gitea` and `bitbucket-hmac` are
ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from domain.event import Rejection, Request
from domain.git.provider import Provider
from domain.git.repo import Demand
from domain.senders import SENDERS, Scheme, Sender, verify
from domain.senders.catalogue.shapes import BODY, PAYLOAD, basic, body_hmac, token
from domain.senders.scheme import Signature
from domain.senders.source import Header

Data = Mapping[str, bytes]
"""What stands in a Secret: key -> value."""


class Standing(StrEnum):
    """What a credential is worth."""

    RIGHT = "right"
    REFUSED = "refused"
    MISCONFIGURED = "misconfigured"


@dataclass(frozen=True, slots=True)
class Credential:
    """What is known of the sender of a push.

    Attributes:
        standing: whether it is believed.
        detail: why not, in a sentence for the log. Never a value of a Secret or a header.
        is_proven: whether a secret vouches for it; not where a repo does without.
    """

    standing: Standing
    detail: str = ""
    is_proven: bool = True


@dataclass(frozen=True, slots=True)
class _Proof:
    """One way to vouch for a push.

    Attributes:
        keys: whose values in the Secret, joined by a colon, are the secret.
        sender: how it is read and compared. The first of its headers that the request carries decides.
    """

    keys: tuple[str, ...]
    sender: Sender

    def fault(self, request: Request, secret: Data) -> str:
        """What is wrong with a request, "" when it is vouched for."""
        value = b":".join(secret[key] for key in self.keys)
        # None of these is dated, so the time of receipt says nothing.
        rejection = verify(self.sender, _as_read(request), [value], 0).rejection
        if rejection is None:
            return ""
        headers = " or ".join(source.name for source, _ in self.sender.readers if isinstance(source, Header))
        words = _WORDS.get(rejection, "cannot be read")
        hint = _LINE_BREAK if value.endswith(b"\n") else ""
        return f"{headers} {words} (key {' and '.join(map(repr, self.keys))} of the Secret).{hint}"


_WORDS: Final = {
    Rejection.MISSING_SIGNATURE: "is missing",
    Rejection.MALFORMED_SIGNATURE: "is not of this provider's form, or stands there twice",
    Rejection.WRONG_SIGNATURE: "does not fit",
}
_LINE_BREAK: Final = " The value in the Secret ends with a line break, which counts."


def _as_read(request: Request) -> Request:
    """The request, which is a form only if it cannot be read as anything else.

    Who knows one signed text could otherwise wrap it as a field into a JSON document of his own.
    """
    if request.body.startswith(b"payload=") and b"&" not in request.body:
        return request
    return replace(request, headers=tuple(each for each in request.headers if each[0] != b"content-type"))


def _proof(like: str, *schemes: Scheme, keys: tuple[str, ...]) -> _Proof:
    return _Proof(keys, replace(SENDERS[like], schemes=schemes))


def _of_payload(scheme: str, header: str) -> Scheme:
    # Of a form Gogs and Gitea sign the JSON in it (Gitea's services/webhook/deliver.go).
    return Scheme(scheme, Signature(Header(header)), (PAYLOAD, BODY))


_GITHUB_SIGNATURE: Final = Signature(Header("X-Hub-Signature-256"), prefix=b"sha256=", prefix_optional=True)

_GITEA: Final = _proof(
    "gitea",
    _of_payload("gitea-hmac", "X-Gitea-Signature"),
    _of_payload("forgejo-hmac", "X-Forgejo-Signature"),
    _of_payload("gogs-hmac", "X-Gogs-Signature"),
    keys=("gitea",),
)

_PROOFS: Final[Mapping[Provider, tuple[_Proof, ...]]] = MappingProxyType(
    {
        Provider.GITHUB: (
            _proof("github", Scheme("github-sha256", _GITHUB_SIGNATURE, BODY), keys=("github",)),
        ),
        Provider.GOGS: (_proof("gogs", _of_payload("gogs-hmac", "X-Gogs-Signature"), keys=("gogs",)),),
        Provider.GITEA: (_GITEA,),
        Provider.GITLAB: (
            _proof("gitlab", token("gitlab-token", Header("X-Gitlab-Token")), keys=("gitlab",)),
        ),
        Provider.BITBUCKET: (
            _proof("bitbucket-cloud", token("bitbucket-uuid", Header("X-Hook-UUID")), keys=("bitbucket",)),
            _proof(
                "bitbucket-cloud",
                body_hmac("bitbucket-hmac", "X-Hub-Signature", b"sha256="),
                keys=("bitbucket-hmac",),
            ),
        ),
        Provider.BITBUCKET_SERVER: (
            _proof(
                "bitbucket-server",
                body_hmac("bitbucket-server-hmac", "X-Hub-Signature", b"sha256="),
                keys=("bitbucket-server",),
            ),
        ),
        Provider.AZURE: (
            _proof(
                "azure-devops",
                basic("azure-basic", Header("Authorization")),
                keys=("azure-username", "azure-password"),
            ),
        ),
    }
)


def authenticate(provider: Provider, request: Request, secret: Data | None) -> Credential:
    """Whether a Secret vouches for a request, by the provider's rules. Takes a bounded time, never raises.

    A request of a Gitea or Forgejo that also calls itself one of a Gogs, as all of theirs do, is vouched for
    by `gogs`, as in Rancher Fleet, or by `gitea`: each is a secret that the owner gave to such a server.
    A Bitbucket Cloud hook has to satisfy whatever the Secret has: the UUID alone proves little, since all who
    may see the hook know it, so beside an HMAC it rescues nothing; and an HMAC needs no UUID.

    Args:
        provider: who sends, see `domain.git.provider.detect`.
        request: what came, byte for byte.
        secret: the Secret that counts; None: there is none.
    """
    if secret is None:
        return Credential(Standing.REFUSED, "No webhook secret is set up.")
    proofs = _proofs(provider, request)
    keys = [key for proof in proofs for key in proof.keys]
    if empty := [key for key in keys if secret.get(key) == b""]:
        return Credential(Standing.MISCONFIGURED, f"The key {empty[0]!r} of the Secret is empty.")
    able = [proof for proof in proofs if all(key in secret for key in proof.keys)]
    if not able:
        lacking = next(key for key in keys if key not in secret)
        return Credential(Standing.MISCONFIGURED, f"The Secret lacks the key {lacking!r}.")
    faults = [fault for proof in able if (fault := proof.fault(request, secret))]
    is_right = not faults if provider is Provider.BITBUCKET else len(faults) < len(able)
    return Credential(Standing.RIGHT) if is_right else Credential(Standing.REFUSED, faults[0])


def _proofs(provider: Provider, request: Request) -> tuple[_Proof, ...]:
    names = (b"x-gitea-event", b"x-forgejo-event")
    if provider is Provider.GOGS and any(request.header(name) for name in names):
        return (*_PROOFS[provider], _GITEA)
    return _PROOFS[provider]


def chosen(demand: Demand, secrets: Mapping[str, Data]) -> Data | Credential:
    """The Secret that decides over pushes of a repo; or the decision itself, where there is none to ask.

    A Secret of the repo's own replaces the global one wholly, even when it is not there.

    Args:
        demand: the repo's.
        secrets: the Secrets of its gateway by name, at least those that this repo may need.
    """
    wanted = demand.secret
    secret = secrets.get(wanted)
    if secret is not None:
        return secret
    if demand.is_own:
        return Credential(
            Standing.MISCONFIGURED,
            f"There is no Secret {wanted!r}, which the repo names as its webhookSecret.",
        )
    if demand.is_open:
        return Credential(
            Standing.RIGHT,
            "The push is believed unauthenticated: no webhook secret is set up, and the repo allows that.",
            is_proven=False,
        )
    return Credential(Standing.REFUSED, f"No webhook secret is set up: there is no Secret {wanted!r}.")


@dataclass(slots=True)
class Vouching:
    """Judges one request for many repos. Each Secret is tried once: an HMAC of 1 MiB takes 0.6 ms.

    Attributes:
        provider: who sends.
        request: what came.
        secrets: the Secrets of the gateway by name, those that the repos name and the global one.
    """

    provider: Provider
    request: Request = field(repr=False)
    secrets: Mapping[str, Data] = field(repr=False)
    _known: dict[str, Credential] = field(default_factory=dict[str, Credential], repr=False)

    def credential(self, demand: Demand) -> Credential:
        """Whether the request is vouched for, as far as a repo with this demand is concerned."""
        secret = chosen(demand, self.secrets)
        if isinstance(secret, Credential):
            return secret
        wanted = demand.secret
        if wanted not in self._known:
            self._known[wanted] = authenticate(self.provider, self.request, secret)
        return self._known[wanted]


def keys_of(provider: Provider) -> tuple[tuple[str, ...], ...]:
    """The keys that vouch for pushes of a provider: each of these groups does."""
    return tuple(proof.keys for proof in _PROOFS[provider])


KEYS: Final = frozenset(key for provider in Provider for group in keys_of(provider) for key in group)
"""All keys that vouch for pushes of any provider."""
