"""Hooks: the one extension point, for the few senders that data alone cannot describe. Pure, as all rules."""

from domain.senders.hooks.graph import GRAPH_RICH
from domain.senders.hooks.hook import Finding, Hook, Key, consult
from domain.senders.hooks.jira_connect import JIRA_CONNECT
from domain.senders.hooks.paypal import PAYPAL
from domain.senders.hooks.sns import SNS

__all__ = ["GRAPH_RICH", "JIRA_CONNECT", "PAYPAL", "SNS", "Finding", "Hook", "Key", "consult"]
