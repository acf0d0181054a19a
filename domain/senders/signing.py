"""Signing as a sender does, for demonstrations, trials and tests."""

from domain.errors import InvalidInputError
from domain.event import Headers, Request
from domain.senders.encoding import encode
from domain.senders.scheme import Scheme
from domain.senders.sender import Sender
from domain.senders.source import Header


def sign(sender: Sender, request: Request, secret: bytes, now: int) -> Headers:
    """The headers by which a real sender would vouch for a request, in its first scheme.

    Args:
        sender: who is imitated.
        request: what will be sent, yet without a signature.
        secret: the signing secret.
        now: Unix time in milliseconds.

    Raises:
        InvalidInputError: the secret is empty.
    """
    if not secret:
        raise InvalidInputError("secret", "An empty secret signs nothing; set one first.")
    scheme = sender.schemes[0]
    timestamp = b"%d" % (now // 1000)
    parts = scheme.signed.parts(request.body, timestamp)
    return _headers(scheme, scheme.method.sign(secret, parts), timestamp)


def _headers(scheme: Scheme, signature: bytes, timestamp: bytes) -> Headers:
    """A signature, and the timestamp where the scheme has one, as headers."""
    form = scheme.signature
    entry = form.prefix + encode(form.encoding, signature)
    if scheme.timestamp is None:
        return ((form.source.key, entry),)
    source = scheme.timestamp.source
    if isinstance(source, Header):
        return ((source.key, timestamp), (form.source.key, entry))
    return ((form.source.key, (form.separator or b"").join((source.prefix + timestamp, entry))),)
