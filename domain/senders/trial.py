"""A trial: a secret of the kind that a webhook has, made up for one test, with the pen that goes with it."""

import math
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from domain.errors import InvalidInputError
from domain.secret import MAX_LIVE, Secrets, SigningSecret, TooManySecretsError, known, live
from domain.senders.key import Base64Key, KeyForm
from domain.senders.method import Ecdsa, Ed25519
from domain.senders.scheme import Scheme
from domain.senders.secret_form import new_secret
from domain.senders.sender import Sender
from domain.senders.signing import PrivateKey

TRIAL_MS: Final = 60_000
"""For how long a trial secret counts at a webhook, in milliseconds."""

_CURVE: Final = ec.SECP256R1()


@dataclass(frozen=True, slots=True)
class Trial:
    """A secret that nobody else has.

    Attributes:
        secret: what a webhook has to know for its requests to pass.
        private: what they are signed with, where the secret is a public key.
    """

    secret: bytes = field(repr=False)
    private: PrivateKey | None = field(default=None, repr=False)


def scheme_for(sender: Sender, secret: bytes) -> Scheme | None:
    """The first scheme of a sender that a secret is a key for; None when only the sender itself can sign."""
    for scheme in sender.counting:
        if scheme.hook is None and (key := scheme.key.read(secret)) and scheme.method.takes(key):
            return scheme
    return None


def new_trial(sender: Sender, like: bytes, entropy: bytes) -> Trial:
    """A fresh secret for the same scheme as another one.

    Args:
        sender: whose, see `tailored`.
        like: a secret that the webhook has.
        entropy: MIN_ENTROPY_BYTES random bytes.

    Raises:
        InvalidInputError: nobody but the sender can sign.
    """
    scheme = scheme_for(sender, like)
    if scheme is None:
        raise InvalidInputError("secret", f"With this secret nobody but {sender.title} itself can sign.")
    private = _private_key(scheme, entropy)
    if private is not None:
        return Trial(_spelled(scheme.key, _public(private)), private)
    if isinstance(scheme.key, Base64Key):
        return Trial(_spelled(scheme.key, entropy))
    return Trial(new_secret(sender.secret, entropy).encode())


def with_trial(secrets: Secrets, trial: SigningSecret, now_ms: int) -> Secrets:
    """The secrets of a webhook with one on trial, which ends by itself; the current one stays current.

    Trials that have ended before are forgotten.

    Args:
        secrets: those of the webhook so far, one of them current.
        trial: the new one, marked as one, with an end TRIAL_MS after it was made.
        now_ms: Unix time in milliseconds.

    Raises:
        TooManySecretsError: more than MAX_LIVE would be live.
    """
    kept = tuple(each for each in known(secrets, now_ms) if each.is_live(now_ms) or not each.is_trial)
    after = tuple(sorted((*kept, trial), key=_end, reverse=True))
    alive = live(after, now_ms)
    if len(alive) > MAX_LIVE:
        raise TooManySecretsError(next(each for each in reversed(alive) if each is not trial))
    return after


def _end(secret: SigningSecret) -> float:
    return math.inf if secret.expires_at is None else secret.expires_at


def _private_key(scheme: Scheme, entropy: bytes) -> PrivateKey | None:
    match scheme.method:
        case Ed25519():
            return ed25519.Ed25519PrivateKey.from_private_bytes(entropy)
        case Ecdsa():
            # Zero is no key; that 256 random bits are above the order of the group happens to nobody.
            return ec.derive_private_key(int.from_bytes(entropy) or 1, _CURVE)
        case _:
            return None


def _public(private: PrivateKey) -> bytes:
    public = private.public_key()
    if isinstance(public, ed25519.Ed25519PublicKey):
        return public.public_bytes_raw()
    return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _spelled(form: KeyForm, key: bytes) -> bytes:
    """A key as an owner would store it."""
    if isinstance(form, Base64Key):
        return form.prefix + b64encode(key)
    return key.hex().encode()
