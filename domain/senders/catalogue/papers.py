"""Where papers are kept and signed."""

from typing import Final

from domain.senders.catalogue import handshakes
from domain.senders.catalogue.shapes import body_hmac
from domain.senders.condition import Equals
from domain.senders.encoding import Encoding
from domain.senders.hint import Hint
from domain.senders.scheme import Scheme, Signature
from domain.senders.secret_form import SecretForm
from domain.senders.sender import Sender
from domain.senders.source import Header, HeaderFamily, JsonField
from domain.senders.template import Template
from domain.senders.timestamp import Clock, Timestamp

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

PAPERS: Final = (_BOX, _DROPBOX, _DOCUSIGN)
"""Their senders."""
