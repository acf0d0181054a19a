"""Clouds and directories of people."""

from typing import Final

from domain.senders.catalogue.shapes import BODY_UNSIGNED, token
from domain.senders.condition import InEach
from domain.senders.encoding import Encoding
from domain.senders.hint import Hint
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
    hint=Hint(fields=("eventType", "eventId", "eventTypeVersion")),
    uncovered=BODY_UNSIGNED,
)

# Items of several subscriptions may share a request: each has to bring its secret.
_MICROSOFT_GRAPH: Final = Sender(
    key="microsoft-graph",
    title="Microsoft Graph",
    docs_url="https://learn.microsoft.com/graph/change-notifications-delivery-webhooks",
    secret=SecretForm("Give it as clientState when you create the subscription."),
    schemes=(
        Scheme(
            "graph-clientstate",
            Signature(JsonField("value[].clientState"), Encoding.TEXT, every=True),
            method=TOKEN,
            conditions=(InEach(JsonField("value[]"), JsonField("value[].clientState")),),
        ),
    ),
    event_type=(
        JsonField("value[].lifecycleEvent"),
        JsonField("value[].changeType"),
    ),
    event_id=(JsonField("value[].id"),),
    items=JsonField("value[]"),
    hint=Hint(fields=("value[].subscriptionId", "value[].clientState")),
    uncovered=BODY_UNSIGNED,
)

CLOUDS: Final = (_OKTA, _MICROSOFT_GRAPH)
"""Their senders."""
