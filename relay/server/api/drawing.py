"""Drawing: a request made up as the sender of a webhook would send it, signed if that can be done.

The relay signs, for it keeps the secret.
"""

from dataclasses import dataclass, replace
from typing import Final

from domain.errors import InvalidInputError
from domain.event import Request
from domain.ids import ENTROPY_BYTES, new_id
from domain.secret import Secrets, SigningSecret, live
from domain.senders import SENDERS, Sender, Site, Verdict, sign, tailored, verify
from domain.senders.method import Token
from domain.senders.samples import ENTROPY_BYTES as BLANKS_BYTES
from domain.senders.samples import SAMPLES, Blanks, Sample, closest, imitation
from domain.senders.secret_form import MIN_ENTROPY_BYTES
from domain.senders.signing import discreet
from domain.senders.trial import TRIAL_MS, Trial, new_trial, scheme_for, with_trial
from relay.server.api import opened
from relay.server.api.at_home import require_gateway
from relay.server.api.inputs import NewSample
from relay.server.api.receiver import require_sender
from relay.server.api.resource import Visit
from store import webhooks
from store.webhook_change import Change
from store.webhooks import StoredWebhook

_LATE_S: Final = 60
"""How much older than it may be a replayed request is, in seconds."""


@dataclass(frozen=True, slots=True)
class Place:
    """A webhook with all that its sender would have to know."""

    stored: StoredWebhook
    sender: Sender
    site: Site
    secrets: Secrets
    url: str

    @property
    def is_checked(self) -> bool:
        """Whether signatures matter here at all."""
        is_required = self.stored.webhook.require_signature
        return self.sender.must_verify(is_required=is_required, has_secret=bool(self.secrets))


@dataclass(frozen=True, slots=True)
class Drawn:
    """A request that was made up.

    Attributes:
        place: where it is to be sent.
        request: what is to be sent.
        scheme: id of the scheme that signed it, None when nothing did.
        verdict: what will be said of its signature; None when none is checked.
        at_ms: when it was made, Unix ms.
    """

    place: Place
    request: Request
    scheme: str | None
    verdict: Verdict | None
    at_ms: int


async def draw(visit: Visit, stored: StoredWebhook, wish: NewSample) -> Drawn:
    """Make a request up, and let the webhook know what it is signed with where that is a trial key.

    Raises:
        InvalidInputError: what is wished would show nothing, or nobody but the sender can sign it.
        TooManySecretsError: there is no place for a trial key.
    """
    now_ms, entropy = visit.context.clock_ms(), visit.context.entropy(BLANKS_BYTES)
    place = _place(visit, stored, now_ms)
    _check(place, wish)
    trial = _trial(visit, place, wish)
    request, scheme = _made(place, wish, trial, now_ms, entropy)
    if wish.replay:
        request, scheme = _made(place, wish, trial, now_ms - _too_old_ms(place, scheme), entropy)
    secrets = [each.value for each in place.secrets]
    if trial is not None and not wish.bad_signature:
        await _admit(visit, trial, now_ms)
        secrets.append(trial.secret)
    verdict = verify(place.sender, request, secrets, now_ms, place.site) if place.is_checked else None
    return Drawn(place, request, scheme, verdict, now_ms)


def _place(visit: Visit, stored: StoredWebhook, now_ms: int) -> Place:
    sealer, public_url = visit.context.sealer, visit.context.public_url
    require_sender(stored.webhook)
    vault = opened.vault_of(visit, stored)
    sender = tailored(SENDERS[stored.webhook.sender], vault.parameters)
    return Place(
        stored,
        sender,
        webhooks.site_of(sender, stored, vault, sealer, public_url),
        live(vault.secrets, now_ms),
        f"{public_url}/t/{webhooks.open_token(sealer, stored)}",
    )


def _check(place: Place, wish: NewSample) -> None:
    """Refuse what would show nothing."""
    key, name = place.sender.key, place.stored.webhook.name
    if wish.sender is not None and wish.sender != key:
        raise InvalidInputError(
            "sender",
            f"Webhook {name} is one of {key}, not of {wish.sender}: choose a webhook of {wish.sender}."
            f" If {SENDERS[wish.sender].title} calls this one:"
            f" 'fleet webhooks update {name} --sender {wish.sender}'.",
        )
    if wish.bad_signature and wish.replay:
        raise InvalidInputError("replay", "A request is either signed badly or too old; choose one.")
    if wish.bad_signature or wish.trial_key:
        require_gateway(place.stored.webhook)
    if wish.bad_signature and not place.is_checked:
        raise InvalidInputError(
            "bad_signature",
            f"Webhook {name} has no secret, so no signature is checked there, good or bad."
            f" 'fleet webhooks set-secret {name}' changes that.",
        )
    if place.sender.is_keyless and not (place.secrets or wish.bad_signature):
        raise InvalidInputError(
            "event",
            f"Nobody but {place.sender.title} can sign its requests. Let it send one itself; what is refused"
            " when it is not signed can be seen with --bad-signature.",
        )
    if wish.trial_key and not place.secrets:
        raise InvalidInputError("trial_key", _lone_trial(place.sender, name))


def _lone_trial(sender: Sender, name: str) -> str:
    """Why there is no trial key at a webhook without a secret: alone, it would refuse all that is real."""
    if not sender.schemes:
        return f"{sender.title} signs nothing, so there is no key to try; send it without a trial key."
    first = f"Webhook {name} has no secret, and a trial key only counts beside one:"
    if sender.secret.issued:
        return f"{first} 'fleet webhooks set-secret {name}' stores one. {sender.secret.where}"
    return f"{first} 'fleet webhooks rotate-secret {name}' makes one."


def _trial(visit: Visit, place: Place, wish: NewSample) -> Trial | None:
    """A secret made up for this request, be it that the webhook gets to know it or that it never does."""
    if not place.secrets or not (wish.bad_signature or wish.trial_key):
        return None
    current = place.secrets[0].value
    if wish.bad_signature and scheme_for(place.sender, current) is None:
        return None
    return new_trial(place.sender, current, visit.context.entropy(MIN_ENTROPY_BYTES))


def _made(
    place: Place, wish: NewSample, trial: Trial | None, at_ms: int, entropy: bytes
) -> tuple[Request, str | None]:
    """A request of some time, signed if there is anything to sign with, and the scheme that signed it.

    Raises:
        InvalidInputError: there is no such event, or nobody but the sender can sign it.
    """
    sample = closest(SAMPLES[place.sender.key], wish.event)
    request = _imitation(place, sample, wish.event, Blanks.at(at_ms, entropy))
    if not place.secrets or (wish.bad_signature and trial is None):
        return request, None
    # Some senders choose by the event how they sign; the owner's own choice goes before that.
    chosen = tuple(scheme for scheme in place.sender.counting if scheme.id == sample.scheme)
    signer = replace(place.sender, schemes=chosen) if chosen else place.sender
    pen = Trial(place.secrets[0].value) if trial is None else trial
    try:
        # No answer holds a secret of the webhook: not even its owner sees it again.
        able = discreet(signer) if trial is None else signer
        signed = sign(able, request, pen.secret, at_ms, place.site, entropy, pen.private)
    except InvalidInputError:
        raise _hindrance(signer, pen.secret) from None
    return signed, verify(signer, signed, [pen.secret], at_ms, place.site).scheme


def _imitation(place: Place, sample: Sample, event: str, blanks: Blanks) -> Request:
    try:
        return imitation(place.sender, sample, event, blanks, place.site)
    except InvalidInputError as error:
        known = ", ".join(each.event for each in SAMPLES[place.sender.key])
        raise InvalidInputError("event", f"{error} Choose one of these: {known}.") from None


def _hindrance(sender: Sender, secret: bytes) -> InvalidInputError:
    """Why nothing was signed with the secret of a webhook, and what can be done."""
    scheme = scheme_for(sender, secret)
    if scheme is None:
        return InvalidInputError(
            "secret", f"The secret of this webhook is no key with which {sender.title} or we could sign."
        )
    why = f"Only {sender.title} has the private key to the public one that the webhook knows."
    if isinstance(scheme.method, Token):
        why = f"{sender.title} sends the secret itself along, and nobody is shown that of the webhook again."
    return InvalidInputError(
        "trial_key", f"{why} With a trial key (--trial-key) the webhook knows another one for 60 seconds."
    )


def _too_old_ms(place: Place, scheme: str | None) -> int:
    """How old a request has to be to be refused, in milliseconds."""
    times = [each.timestamp for each in place.sender.schemes if each.id == scheme]
    past_s = times[0].past_s if times and times[0] else None
    if past_s is None:
        raise InvalidInputError(
            "replay",
            f"This request of {place.sender.title} is never too old: no time that counts is signed."
            " To send the same event twice, see --duplicate.",
        )
    return (past_s + _LATE_S) * 1000


async def _admit(visit: Visit, trial: Trial, now_ms: int) -> None:
    """Let the webhook know a trial secret, which ends by itself."""
    secret_id = new_id("sec", now_ms, visit.context.entropy(ENTROPY_BYTES))
    secret = SigningSecret(secret_id, trial.secret, now_ms, now_ms + TRIAL_MS, is_trial=True)

    def make(stored: StoredWebhook) -> Change:
        before = opened.vault_of(visit, stored)
        after = before.with_secrets(with_trial(before.secrets, secret, now_ms))
        return opened.to_vault(visit, stored, before, after)

    await opened.changed(visit, make)
