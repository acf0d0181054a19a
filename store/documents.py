"""Documents in Redis: certificates and key sets of senders, fetched once for all workers.

They are public, and sealed all the same: whoever could put one here would vouch for any event.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domain.errors import SealBrokenError
from store import keys
from store.calls import Call, Reply, one
from store.sealing import Sealer, document_place

LIFE_MS: Final = 24 * 3600 * 1000
"""How long a document is used before it is fetched again, in milliseconds."""

_TIME_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Document:
    """A document.

    Attributes:
        content: what stands at its URL; empty: nothing does.
        fetched_at: when it was fetched, Unix ms.
    """

    content: bytes
    fetched_at: int


def fetch(urls: Sequence[str], sealer: Sealer) -> Call[dict[str, Document]]:
    """Those of these documents that are here, by their URLs; at least one is asked for."""

    def parse(reply: Reply) -> dict[str, Document]:
        found = {url: _opened(url, sealed, sealer) for url, sealed in zip(urls, reply, strict=True) if sealed}
        return {url: document for url, document in found.items() if document is not None}

    return one(("MGET", *(_key(url) for url in urls)), parse)


def keep(url: str, document: Document, sealer: Sealer) -> Call[None]:
    """Keep a document for as long as it is used. Twice changes nothing."""
    plain = document.fetched_at.to_bytes(_TIME_BYTES) + document.content
    sealed = sealer.seal(plain, document_place(url), document.fetched_at)
    return one(("SET", _key(url), sealed, "PXAT", document.fetched_at + LIFE_MS), lambda _: None)


def _key(url: str) -> str:
    return keys.document(hashlib.sha256(url.encode()).hexdigest())


def _opened(url: str, sealed: bytes, sealer: Sealer) -> Document | None:
    """The document, None when it cannot be opened: then it is fetched anew."""
    try:
        plain = sealer.open(sealed, document_place(url))
    except SealBrokenError:
        return None
    return Document(plain[_TIME_BYTES:], int.from_bytes(plain[:_TIME_BYTES]))
