"""Accounts of events for agents: the trace that `fleet why` tells."""

from cli.trace import trace
from relay.mcp.desk import Account, Json


def account(event: Json, served: frozenset[str], now_ms: int) -> Account:
    """What became of an event.

    Args:
        event: as the control API tells it.
        served: names of the subscriptions that a live tunnel serves.
        now_ms: Unix time in milliseconds.
    """
    found = trace(event, served, now_ms)
    return Account(found.headline, found.steps, found.advice)
