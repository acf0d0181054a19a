"""An inquiry: would the request be verified if one thing about it were different? Within a budget."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from domain.event import Request
from domain.secret import live
from domain.senders.content import Content
from domain.senders.diagnosis.case import Case
from domain.senders.method import Hashed, Hmac
from domain.senders.scheme import Scheme
from domain.senders.site import Site
from domain.senders.source import FormField, FormJsonField, Joined, JsonField, KeyBeside, Source
from domain.senders.verdict import Verdict, judge

BUDGET_BYTES: Final = 512 * 1024 * 1024
"""So many bytes are signed for one finding: well below a second."""

ATTEMPT_BYTES: Final = 32 * 1024
"""What an attempt costs besides the body that it signs."""

_PARSING_WEIGHT: Final = 256
"""To look for values in the worst of bodies costs so much more than to sign it."""

_PARSED: Final = (JsonField, FormField, FormJsonField, KeyBeside, Joined)
_PARSED_PLACES: Final = {"payload", "form_sorted"}


def timeless(scheme: Scheme) -> Scheme:
    """The scheme with any time allowed: who is late as well is told so when the first cause is gone."""
    if scheme.timestamp is None:
        return scheme
    return replace(scheme, timestamp=replace(scheme.timestamp, past_s=None, future_s=None))


def makes_macs(scheme: Scheme) -> bool:
    """Whether its signatures are made with the secret, so that hash and form may be mistaken."""
    return scheme.hook is None and isinstance(scheme.method, (Hmac, Hashed))


def _parses(scheme: Scheme) -> bool:
    """Whether the body has to be parsed to find the signature or what it covers."""
    timestamp = () if scheme.timestamp is None else (scheme.timestamp.source,)
    sources = (scheme.signature.source, *timestamp, *(source for _, source in scheme.variables))
    in_body = any(isinstance(source, _PARSED) for source in sources)
    return in_body or any(text.names & _PARSED_PLACES for text in scheme.texts)


class Inquiry:
    """Tries one change after the other. Each is one verification by the engine itself.

    Attributes:
        case: what is examined.
        content: its request.
        secrets: the secrets that count for it.
        schemes: those that count at the webhook, at any time.
        is_exhausted: whether something was left out because the budget was spent.
    """

    def __init__(self, case: Case) -> None:
        self.case = case
        self.content = Content(case.request, case.site)
        self.secrets = tuple(each.value for each in live(case.secrets, case.received_at))
        self.schemes = tuple(map(timeless, case.sender.counting))
        self.is_exhausted = False
        self._left = BUDGET_BYTES
        self._there: dict[Source, bool] = {}

    def affords(self, cost: int) -> bool:
        """Whether something may still be done that costs as much as signing N bytes; then it is paid."""
        if cost > self._left:
            self.is_exhausted = True
            return False
        self._left -= cost
        return True

    def verdict(
        self,
        scheme: Scheme,
        secrets: Sequence[bytes] | None = None,
        *,
        request: Request | None = None,
        site: Site | None = None,
    ) -> Verdict | None:
        """The verdict on the changed request when it is verified; None: it is not, or the budget is spent.

        Args:
            scheme: the only one that counts.
            secrets: in place of those of the webhook.
            request: in place of the request.
            site: in place of the site.
        """
        secrets = self.secrets if secrets is None else secrets
        content = self._content(request, site)
        if not self._is_there(scheme, content):
            return None
        size = len(content.request.body)
        weight = len(secrets) + (_PARSING_WEIGHT if _parses(scheme) else 0)
        if not self.affords(ATTEMPT_BYTES + size * weight):
            return None
        pinned = replace(self.case.sender, schemes=(scheme,))
        verdict = judge(pinned, content, secrets, self.case.received_at)
        return verdict if verdict.ok else None

    def _is_there(self, scheme: Scheme, content: Content) -> bool:
        """Whether the signature of a scheme stands in a request: looked up once for all changes elsewhere."""
        source = scheme.signature.source
        if content is not self.content:
            return bool(source.values(content))
        if source not in self._there:
            self._there[source] = bool(source.values(content))
        return self._there[source]

    def _content(self, request: Request | None, site: Site | None) -> Content:
        """The content of a changed request; as long as the body is the same, it is parsed only once."""
        if request is not None:
            return Content(request, site or self.case.site)
        if site is None:
            return self.content
        moved = Content(self.case.request, site)
        moved.json, moved.form = self.content.json, self.content.form
        return moved
