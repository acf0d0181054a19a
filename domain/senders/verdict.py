"""The verdict on a request: which scheme and secret vouch for it, or why none does."""

from collections.abc import Sequence
from typing import NamedTuple

from domain.event import Rejection, Request
from domain.senders.content import Content
from domain.senders.hook import Hook, Wanted
from domain.senders.scheme import Scheme
from domain.senders.sender import Sender
from domain.senders.site import NOWHERE, Site
from domain.senders.template import Matter

Keys = Sequence[tuple[int, bytes]]


class Verdict(NamedTuple):
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
    there, and every scheme that finds signatures of its form in it must accept one of them, if the secret is
    a key of its kind. A header that comes twice is refused. Never raises, whatever the request; takes a
    bounded time.

    Args:
        sender: whose rules hold, see `tailored`.
        request: what came, byte for byte.
        secrets: any of them may match. An empty one never does.
        received_at: Unix time of receipt in milliseconds.
        site: what the request does not say itself.
    """
    return judge(sender, Content(request, site), secrets, received_at)


def judge(sender: Sender, content: Content, secrets: Sequence[bytes], received_at: int) -> Verdict:
    """The same for a request whose content somebody has in hands, so that its body is not parsed again."""
    if not any(secrets) and not sender.is_keyless:
        return Verdict(rejection=Rejection.NO_SECRET)
    found = Rejection.MISSING_SIGNATURE
    for source, schemes in sender.readers:
        values = source.values(content)
        if not values:
            continue
        able = [(each, own) for each in schemes if (own := _keys(each, secrets)) or each.is_keyless]
        if able:
            return _joint(able, values, content, received_at)
        # What none of the secrets can be a key for cannot be judged, and the owner has not asked for it.
        found = Rejection.WRONG_KEY
    return Verdict(rejection=found)


def _keys(scheme: Scheme, secrets: Sequence[bytes]) -> Keys:
    """The secrets that are keys of the scheme's kind, as keys; an empty one is none."""
    if scheme.hook is not None:
        usable = scheme.hook.usable
        return [(index, secret) for index, secret in enumerate(secrets) if secret and usable(secret)]
    form, method = scheme.key, scheme.method
    return [
        (index, key)
        for index, secret in enumerate(secrets)
        if secret and (key := form.read(secret)) and method.takes(key)
    ]


def _joint(
    schemes: Sequence[tuple[Scheme, Keys]], values: Sequence[bytes], content: Content, received_at: int
) -> Verdict:
    """The verdict of all schemes that read the same source.

    A secret vouches only if every scheme that it is a key of, and that finds its form, agrees. What a scheme
    with other keys says is no objection: each version of a signature may have a secret of its own.
    """
    good: Verdict | None = None
    bad: Verdict | None = None
    doubted: list[int] = []
    for scheme, keys in schemes:
        verdict = _judge(scheme, values, content, keys, received_at)
        if verdict is None:
            continue
        if verdict.rejection is None:
            good = good or verdict
        else:
            bad = bad or verdict
            doubted += [index for index, _ in keys]
    if good is not None and good.secret_index not in doubted:
        return good
    return bad or Verdict(rejection=Rejection.MALFORMED_SIGNATURE)


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
        for text in scheme.texts:
            parts = text.parts(matter, key)
            if parts is None:
                continue
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
