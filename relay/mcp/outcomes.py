"""How calls of tools end, and which tools there are, for those who count them."""

from typing import Final

OUTCOMES: Final = ("answered", "refused", "failed")
"""With an answer; with a sentence about what was wrong; with a mistake of ours, which the log tells."""

NAMES: Final = (
    "create_webhook",
    "rotate_secret",
    "list_webhooks",
    "show_webhook",
    "test_webhook",
    "delete_webhook",
    "subscribe",
    "unsubscribe",
    "wait_for_event",
    "list_events",
    "why_event",
    "retry_deliveries",
)
"""Of all tools; the tools themselves take half a second to import."""
