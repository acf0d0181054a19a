"""Clouds and directories of people."""

from typing import Final

from domain.senders.catalogue import handshakes
from domain.senders.catalogue.shapes import BODY_UNSIGNED, token
from domain.senders.condition import Either, InEach, Present
from domain.senders.encoding import Encoding
from domain.senders.hint import Hint
from domain.senders.hooks import GRAPH_RICH
from domain.senders.method import TOKEN
from domain.senders.scheme import Scheme, Signature
from domain.senders.secret_form import SecretForm
from domain.senders.sender import Parameter, Sender
from domain.senders.source import JsonField, ParameterHeader

_OKTA: Final = Sender(
    key="okta",
    title="Okta event hooks",
    docs_url="https://developer.okta.com/docs/concepts/event-hooks/",
    secret=SecretForm("Enter it as Authentication secret of the event hook (Workflow > Event Hooks)."),
    schemes=(token("okta-token", ParameterHeader("auth_header", "Authorization")),),
    event_type=(JsonField("data.events[].eventType"), JsonField("eventType")),
    event_id=(JsonField("eventId"),),
    dedup=True,
    items=JsonField("data.events[]"),
    parameters=(Parameter("auth_header", "The Authentication field of the event hook: the header's name."),),
    handshakes=handshakes.OKTA,
    hint=Hint(fields=("eventType", "eventId", "eventTypeVersion")),
    uncovered=BODY_UNSIGNED,
)

_CLIENT_STATES: Final = JsonField("value[].clientState")

# Items of several subscriptions may share a request: each has to bring its secret. Those with content need
# Microsoft's tokens as well.
_MICROSOFT_GRAPH: Final = Sender(
    key="microsoft-graph",
    title="Microsoft Graph",
    docs_url="https://learn.microsoft.com/graph/change-notifications-delivery-webhooks",
    secret=SecretForm("Give it as clientState when you create the subscription."),
    schemes=(
        Scheme(
            "graph-rich",
            Signature(_CLIENT_STATES),
            applies=Either(
                (
                    Present(JsonField("validationTokens[]")),
                    Present(JsonField("value[].encryptedContent.data")),
                )
            ),
            hook=GRAPH_RICH,
        ),
        Scheme(
            "graph-clientstate",
            Signature(_CLIENT_STATES, Encoding.TEXT, every=True),
            method=TOKEN,
            conditions=(InEach(JsonField("value[]"), _CLIENT_STATES),),
        ),
    ),
    event_type=(
        JsonField("value[].lifecycleEvent"),
        JsonField("value[].changeType"),
    ),
    event_id=(JsonField("value[].id"),),
    items=JsonField("value[]"),
    handshakes=handshakes.MICROSOFT_GRAPH,
    parameters=(
        Parameter(
            "app_id", "The application (client) id of your app; notifications with resource data need it."
        ),
    ),
    hint=Hint(fields=("value[].subscriptionId", "value[].clientState")),
    uncovered=BODY_UNSIGNED,
    doubt="Tokens of version 2.0 are accepted though Microsoft shows 1.0 only; national clouds are unknown.",
)

CLOUDS: Final = (_OKTA, _MICROSOFT_GRAPH)
"""Their senders."""
