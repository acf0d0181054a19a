"""The FLEET_* variables that a program gets with a delivery: their names, and no settings of ours."""

from typing import Final

EVENT: Final = "FLEET_EVENT"
DELIVERY: Final = "FLEET_DELIVERY"
ATTEMPT: Final = "FLEET_ATTEMPT"
SUBSCRIPTION: Final = "FLEET_SUBSCRIPTION"
WEBHOOK: Final = "FLEET_WEBHOOK"
SENDER: Final = "FLEET_SENDER"
EVENT_TYPE: Final = "FLEET_EVENT_TYPE"
VERIFIED: Final = "FLEET_VERIFIED"
RECEIVED_AT: Final = "FLEET_RECEIVED_AT"
METHOD: Final = "FLEET_METHOD"
PATH: Final = "FLEET_PATH"
QUERY: Final = "FLEET_QUERY"
CONTENT_TYPE: Final = "FLEET_CONTENT_TYPE"
LEFT_OUT: Final = "FLEET_LEFT_OUT"

MEANINGS: Final[dict[str, str]] = {
    EVENT: "id of the event",
    DELIVERY: "id of the delivery, the same at every attempt: what you have done under it is done",
    ATTEMPT: "number of the attempt, 1 at first",
    SUBSCRIPTION: "name of the subscription, that is of the target",
    WEBHOOK: "name of the webhook",
    SENDER: "key of the sender, such as `github`",
    EVENT_TYPE: "the sender's label for the event, such as `push`",
    VERIFIED: "the scheme that verified the event, or `no`",
    RECEIVED_AT: "when the gateway received it, Unix time in milliseconds",
    METHOD: "HTTP method of the sender's request",
    PATH: "what followed the token in its URL, as it was encoded",
    QUERY: "its query string, as it was encoded",
    CONTENT_TYPE: "its Content-Type",
    LEFT_OUT: "names of those variables, with a comma between, whose values an environment cannot hold",
}
"""Each name and what stands there, for the documents."""

HEADER_PREFIX: Final = "FLEET_HEADER_"
"""Begins the variables of those headers that the owner asks for."""


def is_variable(name: str) -> bool:
    """Whether a variable of the environment is one of these."""
    return name in MEANINGS or name.startswith(HEADER_PREFIX)
