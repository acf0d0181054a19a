"""Where people plan, write, sign and sell."""

from typing import Final

from domain.senders.catalogue import handshakes
from domain.senders.catalogue.shapes import URL, body_hmac
from domain.senders.condition import Equals
from domain.senders.encoding import Encoding
from domain.senders.hint import Hint
from domain.senders.hooks import JIRA_CONNECT
from domain.senders.method import HMAC_SHA1, Hashed
from domain.senders.scheme import Scheme, Signature
from domain.senders.secret_form import SecretForm
from domain.senders.sender import Sender
from domain.senders.source import Header, HeaderFamily, Joined, JsonField
from domain.senders.template import Template
from domain.senders.timestamp import Clock, SignatureEntry, Timestamp

# The header Linear-Timestamp is not signed; the time in the body is.
_LINEAR: Final = Sender(
    key="linear",
    title="Linear",
    docs_url="https://linear.app/developers/webhooks",
    secret=SecretForm("Linear shows it as Signing secret of the webhook (Settings > API).", issued=True),
    schemes=(
        Scheme(
            "linear-hmac",
            Signature(Header("Linear-Signature")),
            Template("{body}"),
            timestamp=Timestamp(JsonField("webhookTimestamp"), 60, 60, Clock.MILLISECONDS),
        ),
    ),
    event_type=(Joined((JsonField("type"), JsonField("action"))),),
    event_id=(Header("Linear-Delivery"),),
    dedup=True,
    hint=Hint(headers=("Linear-Signature",)),
)

# Atlassian names the hash in the header and may change it; until then another one is refused.
_JIRA: Final = Sender(
    key="jira",
    title="Jira Cloud",
    docs_url="https://developer.atlassian.com/cloud/jira/platform/webhooks/",
    secret=SecretForm(
        "Paste it into the field Secret of the webhook (System > WebHooks), or store your app's sharedSecret."
    ),
    schemes=(
        body_hmac("jira-hub", "X-Hub-Signature", b"sha256="),
        Scheme("jira-connect", Signature(Header("Authorization")), hook=JIRA_CONNECT),
    ),
    event_type=(JsonField("webhookEvent"),),
    event_id=(Header("X-Atlassian-Webhook-Identifier"),),
    dedup=True,
    hint=Hint(headers=("X-Atlassian-Webhook-Identifier",)),
    uncovered="What a Connect app gets is signed without its body.",
    doubt="The signed calls that install and remove a Connect app (RS256) are refused.",
)

_NOTION: Final = Sender(
    key="notion",
    title="Notion",
    docs_url="https://developers.notion.com/reference/webhooks",
    secret=SecretForm("Notion sends it (verification_token) when the subscription is made.", issued=True),
    schemes=(body_hmac("notion-hmac", "X-Notion-Signature", b"sha256="),),
    event_type=(JsonField("type"),),
    event_id=(JsonField("id"),),
    dedup=True,
    handshakes=handshakes.NOTION,
    hint=Hint(headers=("X-Notion-Signature",)),
)

_ASANA: Final = Sender(
    key="asana",
    title="Asana",
    docs_url="https://developers.asana.com/docs/webhooks-guide",
    secret=SecretForm("Asana sends it (X-Hook-Secret) when the webhook is made there.", issued=True),
    schemes=(body_hmac("asana-hmac", "X-Hook-Signature"),),
    event_type=(
        Joined((JsonField("events[].resource.resource_type"), JsonField("events[].action"))),
        JsonField("events[].action"),
    ),
    items=JsonField("events[]"),
    handshakes=handshakes.ASANA,
    hint=Hint(headers=("X-Hook-Signature", "X-Hook-Secret")),
)

_TRELLO: Final = Sender(
    key="trello",
    title="Trello",
    docs_url="https://developer.atlassian.com/cloud/trello/guides/rest-api/webhooks/",
    secret=SecretForm("It is the secret of the Power-Up's API key (Power-Up admin portal).", issued=True),
    schemes=(
        Scheme(
            "trello-sha1",
            Signature(Header("X-Trello-Webhook"), Encoding.BASE64),
            Template("{body}{url}"),
            HMAC_SHA1,
        ),
    ),
    event_type=(JsonField("action.type"),),
    event_id=(JsonField("action.id"),),
    dedup=True,
    parameters=(URL,),
    handshakes=handshakes.TRELLO,
    hint=Hint(headers=("X-Trello-Webhook",)),
)

# A body that is not ASCII is signed as it would stand in a JSON string; some are, some are not.
_BOX: Final = Sender(
    key="box",
    title="Box",
    docs_url="https://developer.box.com/guides/webhooks/v2/signatures-v2/",
    secret=SecretForm(
        "Box shows it as primary and secondary signature key (Webhooks > Manage keys).", issued=True
    ),
    schemes=(
        Scheme(
            "box-v1",
            Signature(HeaderFamily("BOX-SIGNATURE-", "primary|secondary"), Encoding.BASE64),
            (Template("{body}{timestamp}"), Template("{body_box_escaped}{timestamp}")),
            timestamp=Timestamp(Header("BOX-DELIVERY-TIMESTAMP"), 600, 0, Clock.RFC_3339),
            conditions=(
                Equals(Header("BOX-SIGNATURE-VERSION"), b"1"),
                Equals(Header("BOX-SIGNATURE-ALGORITHM"), b"HmacSHA256"),
            ),
        ),
    ),
    event_type=(JsonField("trigger"),),
    # The id of the delivery changes when Box tries again, the one in the body does not.
    event_id=(JsonField("id"),),
    dedup=True,
    hint=Hint(headers=("BOX-SIGNATURE-PRIMARY", "BOX-SIGNATURE-SECONDARY")),
)

_DROPBOX: Final = Sender(
    key="dropbox",
    title="Dropbox",
    docs_url="https://www.dropbox.com/developers/reference/webhooks",
    secret=SecretForm("It is the App secret (App Console > Settings).", issued=True),
    schemes=(body_hmac("dropbox-hmac", "X-Dropbox-Signature"),),
    handshakes=handshakes.DROPBOX,
    hint=Hint(headers=("X-Dropbox-Signature",)),
    uncovered="There is neither a time nor an id in it: an old request stays valid.",
)

_DOCUSIGN: Final = Sender(
    key="docusign",
    title="DocuSign Connect",
    docs_url="https://developers.docusign.com/platform/webhooks/connect/hmac/",
    secret=SecretForm("DocuSign shows it once as Connect key (Connect > Connect Keys).", issued=True),
    schemes=(
        Scheme(
            "docusign-hmac",
            Signature(HeaderFamily("X-DocuSign-Signature-", r"\d+"), Encoding.BASE64),
            Template("{body}"),
        ),
    ),
    event_type=(JsonField("event"),),
    hint=Hint(headers=("X-DocuSign-Signature-1",)),
    doubt="The type of events in XML is not read.",
)

# Until a webhook is saved Zendesk signs its tests with a secret that it has published. Never store that one.
_ZENDESK: Final = Sender(
    key="zendesk",
    title="Zendesk",
    docs_url="https://developer.zendesk.com/documentation/webhooks/verifying/",
    secret=SecretForm("Zendesk shows it as Signing secret of the webhook's page.", issued=True),
    schemes=(
        Scheme(
            "zendesk-hmac",
            Signature(Header("X-Zendesk-Webhook-Signature"), Encoding.BASE64),
            Template("{timestamp}{body}"),
            timestamp=Timestamp(
                Header("X-Zendesk-Webhook-Signature-Timestamp"),
                past_s=None,
                future_s=None,
                clock=Clock.UNREAD,
            ),
        ),
    ),
    event_type=(JsonField("type"),),
    event_id=(Header("X-Zendesk-Webhook-Invocation-Id"),),
    dedup=True,
    hint=Hint(headers=("X-Zendesk-Webhook-Signature",)),
    uncovered="Zendesk names no tolerance for the signed time: an old request stays valid.",
)

_TYPEFORM: Final = Sender(
    key="typeform",
    title="Typeform",
    docs_url="https://www.typeform.com/developers/webhooks/secure-your-webhooks/",
    secret=SecretForm("Paste it into the field Secret of the webhook (Connect > Webhooks)."),
    schemes=(body_hmac("typeform-hmac", "Typeform-Signature", b"sha256=", encoding=Encoding.BASE64),),
    event_type=(JsonField("event_type"),),
    event_id=(JsonField("event_id"),),
    hint=Hint(headers=("Typeform-Signature",)),
)

_CALENDLY: Final = Sender(
    key="calendly",
    title="Calendly",
    docs_url="https://developer.calendly.com/api-docs/4c305798a61d3-webhook-signatures",
    secret=SecretForm("Give it as signing_key when you create the subscription."),
    schemes=(
        Scheme(
            "calendly-v1",
            Signature(Header("Calendly-Webhook-Signature"), prefix=b"v1=", separator=b","),
            Template("{timestamp}.{body}"),
            timestamp=Timestamp(SignatureEntry(b"t="), past_s=180, future_s=None),
        ),
    ),
    event_type=(JsonField("event"),),
    hint=Hint(headers=("Calendly-Webhook-Signature",)),
)

# Versions 1 and 2 are hashes, not HMACs: who has seen one can lengthen the body. They count when pinned.
_OLD_HUBSPOT: Final = Signature(Header("X-HubSpot-Signature"))
_OLD_VERSION: Final = Header("X-HubSpot-Signature-Version")

_HUBSPOT: Final = Sender(
    key="hubspot",
    title="HubSpot",
    docs_url="https://developers.hubspot.com/docs/api/webhooks/validating-requests",
    secret=SecretForm("It is the client secret of the app (Auth settings).", issued=True),
    schemes=(
        Scheme(
            "hubspot-v3",
            Signature(Header("X-HubSpot-Signature-v3"), Encoding.BASE64),
            (Template("{method}{url}{body}{timestamp}"), Template("{method}{url_hubspot}{body}{timestamp}")),
            timestamp=Timestamp(Header("X-HubSpot-Request-Timestamp"), 300, None, Clock.MILLISECONDS),
        ),
        Scheme(
            "hubspot-v2",
            _OLD_HUBSPOT,
            Template("{secret}{method}{url}{body}"),
            Hashed(),
            conditions=(Equals(_OLD_VERSION, b"v2"),),
            is_weak=True,
        ),
        Scheme(
            "hubspot-v1",
            _OLD_HUBSPOT,
            Template("{secret}{body}"),
            Hashed(),
            conditions=(Equals(_OLD_VERSION, b"v1"),),
            is_weak=True,
        ),
    ),
    event_type=(JsonField("[].subscriptionType"),),
    event_id=(JsonField("[].eventId"),),
    dedup=False,  # HubSpot says that its ids are not unique
    items=JsonField("[]"),
    parameters=(URL,),
    hint=Hint(headers=("X-HubSpot-Signature-v3", "X-HubSpot-Signature")),
    doubt="Which escapes of the address HubSpot decodes before it signs was not confirmed.",
)

WORK: Final = (
    _LINEAR,
    _JIRA,
    _NOTION,
    _ASANA,
    _TRELLO,
    _BOX,
    _DROPBOX,
    _DOCUSIGN,
    _ZENDESK,
    _TYPEFORM,
    _CALENDLY,
    _HUBSPOT,
)
"""Their senders."""
