"""Signing as a sender does, for demonstrations, trials and tests."""

from domain.errors import InvalidInputError
from domain.event import Headers, Request
from domain.senders.content import Content
from domain.senders.encoding import encode
from domain.senders.method import Ecdsa, Ed25519
from domain.senders.scheme import Scheme
from domain.senders.sender import Sender
from domain.senders.source import Header
from domain.senders.template import Matter
from domain.senders.timestamp import SignatureEntry


def sign(sender: Sender, request: Request, secret: bytes, now: int) -> Headers:
    """The headers by which a real sender would vouch for a request, in its first scheme.

    Args:
        sender: who is imitated.
        request: what will be sent, yet without a signature.
        secret: the signing secret.
        now: Unix time in milliseconds.

    Raises:
        InvalidInputError: the secret is empty, or only the sender itself can sign.
    """
    scheme = sender.counting[0]
    key = scheme.key.read(secret)
    if key is None or isinstance(scheme.method, (Ed25519, Ecdsa)):
        raise InvalidInputError("secret", "With this secret nothing can be signed; set another one first.")
    timestamp = b"" if scheme.timestamp is None else scheme.timestamp.written(now)
    parts = next(iter(scheme.parts(Matter(Content(request), timestamp), key)))
    return _headers(scheme, scheme.method.sign(key, parts), timestamp)


def _headers(scheme: Scheme, signature: bytes, timestamp: bytes) -> Headers:
    """A signature, and the timestamp where the scheme has one, as headers."""
    form = scheme.signature
    if not isinstance(form.source, Header):
        raise InvalidInputError("sender", "This sender does not sign in a header.")
    entry = form.prefix + encode(form.encoding, signature)
    if scheme.timestamp is None:
        return ((form.source.key, entry),)
    source = scheme.timestamp.source
    if isinstance(source, SignatureEntry):
        return ((form.source.key, (form.separator or b"").join((source.prefix + timestamp, entry))),)
    if isinstance(source, Header):
        return ((source.key, timestamp), (form.source.key, entry))
    return ((form.source.key, entry),)
