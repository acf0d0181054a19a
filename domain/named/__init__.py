"""Named lists: the networks from which known senders send, as data with a date."""

from domain.named.catalogue import SHIPPED
from domain.named.feeds import read_feed
from domain.named.named_list import NamedList, checked_networks

__all__ = ["SHIPPED", "NamedList", "checked_networks", "read_feed"]
