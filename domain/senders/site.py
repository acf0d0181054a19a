"""A site: what a request does not say itself, and some senders' rules need."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Site:
    """Where a request arrived, and what its owner set there.

    Attributes:
        url: the address registered with the sender.
        parameters: the owner's settings for this sender at this webhook.
        documents: certificates and key sets fetched so far, by URL.
    """

    url: str = ""
    parameters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    documents: Mapping[str, bytes] = field(default_factory=lambda: MappingProxyType({}))


NOWHERE: Final = Site()
