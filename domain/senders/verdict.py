"""The verdict on a request: which scheme and secret vouch for it, or why none does."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.event import Rejection, Request
from domain.senders.content import Content
from domain.senders.hook import Hook, Wanted
from domain.senders.scheme import Scheme
from domain.senders.sender import Sender
from domain.senders.site import NOWHERE, Site
from domain.senders.template import Matter

Keys = Sequence[tuple[int, bytes]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a verification.

    Attributes:
        scheme: id of the scheme that vouches for the request.
        secret_index: which of the secrets given it was signed with; None when it needed none of them.
        rejection: why nothing vouches for it.
        wanted: URL of a document that may change the verdict; see `Site.documents`.
    """

    scheme: str | None = None
    secret_index: int | None = None
    rejection: Rejection | None = None
    wanted: str | None = None

    @property
    def ok(self) -> bool:
        """Whether the request comes from somebody who knows a secret."""
        return self.scheme is not None and self.rejection is None


def verify(
    sender: Sender, request: Request, secrets: Sequence[bytes], received_at: int, site: Site = NOWHERE
) -> Verdict:
    """Whether a request was signed with one of the secrets, by the rules of its sender.

    Nothing is downgraded: the sender's first header that the request carries decides, whatever else is
    there, and every scheme that finds signatures of its form in it, and a secret of its kind, must accept one
    of them. A header that comes twice is refused. Never raises, whatever the request; takes a bounded time.

    Args:
        sender: whose rules hold, see `tailored`.
        request: what came, byte for byte.
        secrets: any of them may match. An empty one never does.
        received_at: Unix time of receipt in milliseconds.
        site: what the request does not say itself.
    """
    keys = [(index, secret) for index, secret in enumerate(secrets) if secret]
    if not keys and not sender.is_keyless:
        return Verdict(rejection=Rejection.NO_SECRET)
    content = Content(request, site)
    found = Rejection.MISSING_SIGNATURE
    for source in dict.fromkeys(scheme.signature.source for scheme in sender.counting):
        values = source.values(content)
        if not values:
            continue
        schemes = [(each, _keys(each, keys)) for each in sender.counting if each.signature.source == source]
        able = [(each, own) for each, own in schemes if own or each.is_keyless]
        if able:
            return _joint(able, values, content, received_at)
        # What none of the secrets can be a key for cannot be judged, and the owner has not asked for it.
        found = Rejection.WRONG_KEY
    return Verdict(rejection=found)


def _keys(scheme: Scheme, secrets: Keys) -> list[tuple[int, bytes]]:
    """The secrets that are keys of the scheme's kind, as keys."""
    if scheme.hook is not None:
        return [(index, secret) for index, secret in secrets if scheme.hook.usable(secret)]
    read = [(index, scheme.key.read(secret)) for index, secret in secrets]
    return [(index, key) for index, key in read if key and scheme.method.takes(key)]


def _joint(
    schemes: Sequence[tuple[Scheme, Keys]], values: Sequence[bytes], content: Content, received_at: int
) -> Verdict:
    """The verdict of all schemes that read the same source."""
    judged = [_judge(scheme, values, content, keys, received_at) for scheme, keys in schemes]
    verdicts = [verdict for verdict in judged if verdict is not None]
    if not verdicts:
        return Verdict(rejection=Rejection.MALFORMED_SIGNATURE)
    return next((verdict for verdict in verdicts if not verdict.ok), verdicts[0])


def _judge(
    scheme: Scheme, values: Sequence[bytes], content: Content, keys: Keys, received_at: int
) -> Verdict | None:
    """One scheme's verdict on what stands at its source, None when nothing there has the scheme's form."""
    if scheme.applies is not None and not scheme.applies.holds(content):
        return None
    if scheme.hook is not None:
        return _ask(scheme.hook, scheme.id, content, keys, received_at)
    entries = scheme.signature.entries(values)
    candidates = scheme.signature.candidates(entries, scheme.method.size)
    if not candidates:
        return None
    matter = scheme.matter(content, entries)
    if isinstance(matter, Rejection):
        return Verdict(rejection=matter)
    index = _vouching(scheme, matter, keys, candidates)
    if isinstance(index, Rejection):
        return Verdict(rejection=index)
    # Only now is the time judged: "too old" then says that the sender is real and late, not that somebody
    # sent an old number.
    fault = scheme.timestamp.fault(matter.timestamp, received_at) if scheme.timestamp else None
    return Verdict(rejection=fault) if fault else Verdict(scheme=scheme.id, secret_index=index)


def _vouching(scheme: Scheme, matter: Matter, keys: Keys, candidates: Sequence[bytes]) -> int | Rejection:
    """The index of the secret that one of the candidates, or else every one of them, was made with."""
    if not scheme.signature.every:
        return _first_match(scheme, matter, keys, candidates)
    found = [_first_match(scheme, matter, keys, [candidate]) for candidate in candidates]
    return next((each for each in found if isinstance(each, Rejection)), found[0])


def _first_match(scheme: Scheme, matter: Matter, keys: Keys, candidates: Sequence[bytes]) -> int | Rejection:
    is_complete = False
    for index, key in keys:
        for parts in scheme.parts(matter, key):
            is_complete = True
            if scheme.method.matches(key, parts, candidates):
                return index
    return Rejection.WRONG_SIGNATURE if is_complete else Rejection.MISSING_FIELD


def _ask(hook: Hook, scheme: str, content: Content, secrets: Keys, received_at: int) -> Verdict:
    answer = hook.judge(content, secrets, received_at)
    if isinstance(answer, Rejection):
        return Verdict(rejection=answer)
    if isinstance(answer, Wanted):
        return Verdict(rejection=answer.rejection, wanted=answer.url)
    return Verdict(scheme=scheme, secret_index=answer)
