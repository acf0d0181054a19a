"""A signing secret, and how one takes the place of another without a gap: rotation.

The secrets of a webhook stand in a row, the newest first. The first one is current and has no end; all
others have one, none later than that of its successor. What has ended verifies nothing that is received
from then on. It is kept for a while for what was received before, and so that a person can be told that
a sender still uses it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from unicodedata import category

from cryptography.hazmat.primitives import constant_time

from domain.errors import FleetError, InvalidInputError, UnknownThingError

MAX_SECRET_BYTES: Final = 4096

MAX_LIVE: Final = 5
"""So many secrets of a webhook count at a time: each may have to be tried on every event."""

DEFAULT_GRACE_S: Final = 24 * 3600
MAX_GRACE_S: Final = 30 * 24 * 3600
"""For how long an old secret may count beside the new one, in seconds."""

KEPT_MS: Final = 72 * 3600 * 1000
"""How long an ended secret is kept, in milliseconds; no more than MAX_ENDED of them."""

MAX_ENDED: Final = 5

_PEM: Final = "-----BEGIN "


@dataclass(frozen=True, slots=True)
class SigningSecret:
    """What a sender signs with.

    Attributes:
        id: its name; the value is never shown.
        value: the secret itself, byte for byte as it was given.
        created_at: since when we have it, Unix ms.
        expires_at: from when on it verifies nothing more, Unix ms; None: it is the current one.
        is_trial: whether it was made up for a test, see `domain.senders.trial`; it never becomes current.
    """

    id: str
    value: bytes = field(repr=False)
    created_at: int
    expires_at: int | None = None
    is_trial: bool = False

    def is_live(self, at_ms: int) -> bool:
        """Whether it counts for what was received at a time, Unix ms."""
        return self.expires_at is None or at_ms < self.expires_at


Secrets = tuple[SigningSecret, ...]


def checked_value(text: str, *, exact: bool = False) -> bytes:
    """The bytes of a secret that a person gave. Nothing is trimmed: what looks like a slip is refused.

    Args:
        text: what was given.
        exact: take it as it is, whatever it looks like.

    Raises:
        InvalidInputError: it is empty or too long, begins or ends with what nobody sees, or has control
            characters, which only a certificate in PEM has: its line ends.
    """
    value = text.encode()
    if not 0 < len(value) <= MAX_SECRET_BYTES:
        raise InvalidInputError("secret", f"A secret has 1 to {MAX_SECRET_BYTES} bytes.")
    if not exact and any(char.isspace() or not char.isprintable() for char in (text[0], text[-1])):
        raise InvalidInputError(
            "secret",
            "The secret begins or ends with white space or an invisible character, which nearly always came"
            " along when it was copied. Send it without, or mark it as exact (--exact) if it belongs there.",
        )
    if not exact and any(_is_control(char) for char in text) and not text.startswith(_PEM):
        raise InvalidInputError(
            "secret",
            "There is a line end, a tab or another control character within the secret; most likely more than"
            " the secret was copied. Send it without, or mark it as exact (--exact) if it belongs there.",
        )
    return value


def _is_control(char: str) -> bool:
    return category(char) == "Cc"


class TooManySecretsError(FleetError):
    """A webhook has as many live secrets as it may have."""

    def __init__(self, oldest: SigningSecret) -> None:
        super().__init__(
            f"A webhook has at most {MAX_LIVE} live secrets. Remove one first, such as {oldest.id}, the"
            f" oldest ('fleet webhooks remove-secret NAME {oldest.id}'), or let all others end at once"
            " ('fleet webhooks rotate-secret NAME --grace 0')."
        )
        self.oldest = oldest


class OnlySecretError(FleetError):
    """Without this secret the webhook would have none."""

    def __init__(self, secret: str) -> None:
        super().__init__(
            f"{secret} is the only secret that counts. 'fleet webhooks rotate-secret NAME --grace 0' replaces"
            " it at once; 'fleet webhooks remove-secret NAME --all' leaves the webhook without any."
        )


def live(secrets: Sequence[SigningSecret], at_ms: int) -> Secrets:
    """The secrets that count for what was received at a time (Unix ms), the newest first."""
    return tuple(each for each in secrets if each.is_live(at_ms))


def rotated(secrets: Secrets, fresh: SigningSecret, now_ms: int, grace_ms: int) -> Secrets:
    """A new current secret; those before count until the grace time is over, and no longer than they did.

    Done twice with the same fresh secret, it is done once.

    Args:
        secrets: those of the webhook so far.
        fresh: the new one, without an end.
        now_ms: Unix time in milliseconds.
        grace_ms: for how long the others count, too; 0: they end now.

    Raises:
        InvalidInputError: the value is that of the current secret.
        TooManySecretsError: more than MAX_LIVE would be live.
    """
    if any(each.id == fresh.id for each in secrets):
        return secrets
    if secrets and _same(secrets[0], fresh):
        raise InvalidInputError("secret", "This is the current secret already; nothing was changed.")
    # An older one of the same value would be told apart by nothing but luck.
    others = tuple(_ending(each, now_ms + grace_ms) for each in secrets if not _same(each, fresh))
    after = _kept((fresh, *others), now_ms)
    alive = live(after, now_ms)
    if len(alive) > MAX_LIVE:
        raise TooManySecretsError(alive[-1])
    return after


def replaced(secrets: Secrets, fresh: SigningSecret, now_ms: int) -> Secrets:
    """One secret that counts from now on, in place of all before; the current one stays if it is the same."""
    if secrets and _same(secrets[0], fresh):
        current, *others = secrets
        return _kept((current, *(_ending(each, now_ms) for each in others)), now_ms)
    return rotated(secrets, fresh, now_ms, 0)


def without(secrets: Secrets, wanted: str, now_ms: int) -> Secrets:
    """All but one. When that was the current secret, the one before it is current again and has no end.

    A trial key is none of those: what was made up for a test would stay for good.

    Args:
        secrets: those of the webhook so far.
        wanted: id of the secret to be removed.
        now_ms: Unix time in milliseconds.

    Raises:
        UnknownThingError: there is no such secret.
        OnlySecretError: no other one is live, but for trial keys.
    """
    rest = tuple(each for each in secrets if each.id != wanted)
    if len(rest) == len(secrets):
        raise UnknownThingError("secret", wanted)
    if secrets[0].id != wanted:
        return _kept(rest, now_ms)
    before = next((each for each in live(rest, now_ms) if not each.is_trial), None)
    if before is None:
        raise OnlySecretError(wanted)
    others = tuple(each for each in rest if each is not before)
    return _kept((replace(before, expires_at=None), *others), now_ms)


def known(secrets: Sequence[SigningSecret], now_ms: int) -> Secrets:
    """Those that have not ended long ago: the live ones, and a few that a person may ask about."""
    return _kept(tuple(secrets), now_ms)


def _kept(secrets: Secrets, now_ms: int) -> Secrets:
    alive = live(secrets, now_ms)
    ended = live(secrets[len(alive) :], now_ms - KEPT_MS)
    return (*alive, *ended[:MAX_ENDED])


def _ending(secret: SigningSecret, at_ms: int) -> SigningSecret:
    sooner = at_ms if secret.expires_at is None else min(secret.expires_at, at_ms)
    return replace(secret, expires_at=sooner)


def _same(one: SigningSecret, other: SigningSecret) -> bool:
    return constant_time.bytes_eq(one.value, other.value)
