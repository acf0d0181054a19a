"""A hook: what judges requests that no scheme made of data describes.

A hook does no I/O. When it needs a document (a certificate, a set of keys) it says which; whoever called
fetches it, if the owner of the server allows that, and asks again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.event import Rejection
from domain.senders.content import Content
from domain.senders.site import Site

Key = tuple[int, bytes]
"""A secret of the webhook, never empty, after its place among the secrets given."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a hook found out.

    Attributes:
        rejection: why nothing vouches for the request; None: something does.
        secret_index: the secret that vouches for it; None when that is a fetched document.
        wanted: URL of a document which, fetched now, may change the finding: it is missing, or was fetched
            before its owner put the key there that the request names.
    """

    rejection: Rejection | None = None
    secret_index: int | None = None
    wanted: str | None = None


class Hook(Protocol):
    """Judges the requests of one scheme. Never raises, whatever the request; takes a bounded time."""

    @property
    def needs_secret(self) -> bool:
        """Whether nothing is to be judged while the webhook has no secret."""
        ...

    def carried(self, content: Content) -> bool:
        """Whether the request bears what this hook judges. Presence, not validity."""
        ...

    def wanted(self, content: Content, site: Site, keys: Sequence[Key]) -> str | Rejection | None:
        """The document that `judge` needs: its URL (https, a host of the sender's), or None.

        A rejection: the request is refused as it is, without a document. All that can be checked without one
        is checked here, so that strangers cannot make us fetch with a request that could never be accepted.
        """
        ...

    def judge(
        self, content: Content, site: Site, keys: Sequence[Key], document: bytes | None, received_at: int
    ) -> Finding:
        """The finding on a request for which `wanted` found no reason to refuse it.

        Args:
            content: the request.
            site: where it arrived.
            keys: the webhook's secrets; none when it has none and the hook needs none.
            document: what stands at the URL wanted; None when none was. Empty: nothing does.
            received_at: Unix time of receipt in milliseconds.
        """
        ...


def consult(hook: Hook, content: Content, site: Site, keys: Sequence[Key], received_at: int) -> Finding:
    """What a hook says of a request, with the documents that the site has.

    Fails closed: without the document that it needs, a request is refused with DOCUMENT_MISSING, and
    `wanted` says what would help.
    """
    wanted = hook.wanted(content, site, keys)
    if isinstance(wanted, Rejection):
        return Finding(wanted)
    document = None if wanted is None else site.documents.get(wanted)
    if wanted is not None and document is None:
        return Finding(Rejection.DOCUMENT_MISSING, wanted=wanted)
    return hook.judge(content, site, keys, document, received_at)
