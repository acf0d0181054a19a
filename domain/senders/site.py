"""A site: what a request does not say itself, and some senders sign all the same."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_NO_DOCUMENTS: Final[Mapping[str, bytes]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Site:
    """Where a request arrived, in the sender's eyes.

    Attributes:
        url: the address as it was given to the sender; what followed it in the request is added. One with a
            query is the whole address.
        parameters: what the owner has set for this sender, see `Sender.parameters`.
        documents: certificates and key sets that were fetched, by their URL.
    """

    url: str = ""
    parameters: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    documents: Mapping[str, bytes] = field(default_factory=lambda: _NO_DOCUMENTS)


NOWHERE: Final = Site()
"""Enough for senders that sign nothing but what they send."""
