"""A site: what a request does not say itself, and some schemes need."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_NO_DOCUMENTS: Final[Mapping[str, bytes]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Site:
    """Where a request arrived.

    Attributes:
        url: the address registered with the sender; path and query of the request follow it.
        parameters: the owner's settings for this sender at this webhook.
        documents: certificates and key sets fetched so far, by URL.
    """

    url: str = ""
    parameters: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    documents: Mapping[str, bytes] = field(default_factory=lambda: _NO_DOCUMENTS)


NOWHERE: Final = Site()
