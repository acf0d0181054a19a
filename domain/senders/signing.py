"""Signing as a sender does, for trials, demonstrations and tests."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from domain.errors import InvalidInputError
from domain.event import Rejection, Request
from domain.senders.condition import BodyDigest, Equals
from domain.senders.content import Content
from domain.senders.encoding import encode
from domain.senders.method import Ecdsa, Ed25519, Token, digest_of
from domain.senders.scheme import Scheme
from domain.senders.sender import Sender
from domain.senders.site import NOWHERE, Site
from domain.senders.timestamp import SignatureEntry
from domain.senders.verdict import verify
from domain.senders.writing import written

PrivateKey = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey
Pen = Callable[[bytes, Sequence[bytes]], bytes]
"""Makes a signature with a key, of a text in parts."""

_NO_ENTROPY: Final = bytes(16)


def sign(
    sender: Sender,
    request: Request,
    secret: bytes,
    now_ms: int,
    site: Site = NOWHERE,
    entropy: bytes = _NO_ENTROPY,
    private: PrivateKey | None = None,
) -> Request:
    """The request as the sender would vouch for it, by the first of its schemes that fits secret and request.

    What the scheme signs beside the body, a time or an id, is added where the request has none.

    Args:
        sender: who is imitated, see `tailored`.
        request: what will be sent, yet without a signature.
        secret: the signing secret; a public key where the sender has key pairs.
        now_ms: Unix time in milliseconds.
        site: where it will arrive.
        entropy: what an id is made of where one has to be added.
        private: the private key, where the secret is a public one.

    Raises:
        InvalidInputError: nothing can be signed with this secret.
    """
    moment = _Moment(now_ms, site, entropy)
    for scheme in sender.counting:
        pen = None if scheme.hook is not None else _pen(scheme, private)
        key = scheme.key.read(secret)
        if pen is None or key is None or not scheme.method.takes(key):
            continue
        signed = _signed(scheme, request, key, pen, moment)
        # What we would not accept ourselves is no signature, however it was made.
        if signed is not None and verify(sender, signed, [secret], now_ms, site).scheme == scheme.id:
            return signed
    raise InvalidInputError("secret", f"With this secret nothing can be signed as {sender.title} does it.")


def discreet(sender: Sender) -> Sender:
    """The sender without the schemes whose requests bring the secret itself along."""
    return replace(
        sender, schemes=tuple(each for each in sender.schemes if not isinstance(each.method, Token))
    )


@dataclass(frozen=True, slots=True)
class _Moment:
    """When and where something is signed."""

    now_ms: int
    site: Site
    entropy: bytes


def _pen(scheme: Scheme, private: PrivateKey | None) -> Pen | None:
    """What a scheme signs with; None when it takes another private key than this one."""
    match scheme.method, private:
        case Ed25519(), ed25519.Ed25519PrivateKey():
            return lambda _, parts: private.sign(b"".join(parts))
        case Ecdsa(), ec.EllipticCurvePrivateKey():
            return lambda _, parts: private.sign(b"".join(parts), ec.ECDSA(hashes.SHA256()))
        case ((Ed25519() | Ecdsa()), _):
            return None
        case method, _:
            return method.sign


def _signed(scheme: Scheme, request: Request, key: bytes, pen: Pen, moment: _Moment) -> Request | None:
    """The request signed by one scheme; None when that does not suit it."""
    site, form = moment.site, scheme.signature
    try:
        request, entries = _dated(scheme, _completed(scheme, request, moment), moment)
        # That a signature is there may be a condition itself: what is signed is read beside a draft of one.
        draft = written(form.source, b"-", request, site)
        matter = scheme.matter(Content(draft, site), entries)
        parts = None if isinstance(matter, Rejection) else next(scheme.parts(matter, key), None)
        if parts is None:
            return None
        entries.append(form.prefix + encode(form.encoding, pen(key, parts)))
        return written(form.source, (form.separator or b"").join(entries), request, site)
    except InvalidInputError:
        return None


def _completed(scheme: Scheme, request: Request, moment: _Moment) -> Request:
    """The request with what else the scheme asks of it."""
    site = moment.site
    for condition in scheme.conditions:
        if condition.holds(Content(request, site)):
            continue
        if isinstance(condition, Equals):
            request = written(condition.source, condition.value, request, site)
        elif isinstance(condition, BodyDigest):
            digest = encode(condition.encoding, digest_of(condition.digest, [request.body]))
            request = written(condition.source, digest, request, site)
    for _, source in scheme.variables:
        if not source.values(Content(request, site)):
            request = written(source, f"msg_{moment.entropy.hex()}".encode(), request, site)
    return request


def _dated(scheme: Scheme, request: Request, moment: _Moment) -> tuple[Request, list[bytes]]:
    """The request with the time of signing; an entry beside the signature where that is its place."""
    if scheme.timestamp is None:
        return request, []
    time, source = scheme.timestamp.written(moment.now_ms), scheme.timestamp.source
    if isinstance(source, SignatureEntry):
        return request, [source.prefix + time]
    if source.values(Content(request, moment.site)):
        return request, []
    return written(source, time, request, moment.site), []
