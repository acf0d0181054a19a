"""The hooks themselves: rules of the few senders that data alone cannot describe. Pure, as all rules."""

from domain.senders.hooks.graph import GRAPH_RICH
from domain.senders.hooks.jira_connect import JIRA_CONNECT
from domain.senders.hooks.paypal import PAYPAL
from domain.senders.hooks.sns import SNS, confirmation

__all__ = ["GRAPH_RICH", "JIRA_CONNECT", "PAYPAL", "SNS", "confirmation"]
