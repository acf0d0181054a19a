"""The verdict on a request: which scheme and secret vouch for it, or why none does."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.event import Rejection, Request
from domain.senders.content import Content
from domain.senders.scheme import Scheme
from domain.senders.sender import Sender


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a verification.

    Attributes:
        scheme: id of the scheme that vouches for the request.
        secret_index: which of the secrets given it was signed with.
        rejection: why nothing vouches for it.
    """

    scheme: str | None = None
    secret_index: int | None = None
    rejection: Rejection | None = None

    @property
    def ok(self) -> bool:
        """Whether the request comes from somebody who knows a secret."""
        return self.scheme is not None and self.rejection is None


def verify(sender: Sender, request: Request, secrets: Sequence[bytes], received_at: int) -> Verdict:
    """Whether a request was signed with one of the secrets, by the rules of its sender.

    Nothing is downgraded: the sender's first header that the request carries decides, whatever else is
    there, and every scheme that finds signatures of its form in it must accept one of them. A header
    that comes twice is refused. Never raises, whatever the request; takes a bounded time.

    Args:
        sender: whose rules hold.
        request: what came, byte for byte.
        secrets: any of them may match. An empty one never does.
        received_at: Unix time of receipt in milliseconds.
    """
    keys = [(index, secret) for index, secret in enumerate(secrets) if secret]
    if not keys:
        return Verdict(rejection=Rejection.NO_SECRET)
    content = Content(request)
    schemes, values = _carried(sender, content)
    if not values:
        return Verdict(rejection=Rejection.MISSING_SIGNATURE)
    if len(values) > 1:
        return Verdict(rejection=Rejection.MALFORMED_SIGNATURE)
    judged = [_judge(scheme, values[0], content, keys, received_at) for scheme in schemes]
    verdicts = [verdict for verdict in judged if verdict is not None]
    if not verdicts:
        return Verdict(rejection=Rejection.MALFORMED_SIGNATURE)
    return next((verdict for verdict in verdicts if not verdict.ok), verdicts[0])


def _carried(sender: Sender, content: Content) -> tuple[Sequence[Scheme], Sequence[bytes]]:
    """The schemes that read the first signature header the request carries, and what it says."""
    for scheme in sender.schemes:
        source = scheme.signature.source
        if values := source.values(content):
            return [other for other in sender.schemes if other.signature.source == source], values
    return (), ()


def _judge(
    scheme: Scheme,
    value: bytes,
    content: Content,
    keys: Sequence[tuple[int, bytes]],
    received_at: int,
) -> Verdict | None:
    """One scheme's verdict on a signature header, None when nothing in it has the scheme's form."""
    entries = scheme.signature.entries(value)
    candidates = scheme.signature.candidates(entries, scheme.method.size)
    if not candidates:
        return None
    timestamp = b"" if scheme.timestamp is None else scheme.timestamp.read(content, entries)
    if isinstance(timestamp, Rejection):
        return Verdict(rejection=timestamp)
    parts = scheme.signed.parts(content.request.body, timestamp)
    matching = (index for index, key in keys if scheme.method.matches(key, parts, candidates))
    index = next(matching, None)
    if index is None:
        return Verdict(rejection=Rejection.WRONG_SIGNATURE)
    # Only now is the time judged: "too old" then says that the sender is real and late, not that somebody
    # sent an old number.
    if scheme.timestamp is not None and (fault := scheme.timestamp.fault(timestamp, received_at)):
        return Verdict(rejection=fault)
    return Verdict(scheme=scheme.id, secret_index=index)
