"""Mail, telephone and what else carries messages to people."""

from typing import Final

from domain.senders.catalogue.shapes import URL
from domain.senders.condition import Absent, BodyDigest, Present
from domain.senders.encoding import Encoding
from domain.senders.hint import Hint
from domain.senders.key import Base64Key
from domain.senders.method import HMAC_SHA1, Ecdsa
from domain.senders.scheme import Scheme, Signature
from domain.senders.secret_form import SecretForm
from domain.senders.sender import Sender
from domain.senders.source import FormField, Header, JsonField, Query
from domain.senders.template import Template
from domain.senders.timestamp import Timestamp

_TWILIO_SIGNATURE: Final = Signature(Header("X-Twilio-Signature"), Encoding.BASE64)
_BODY_DIGEST: Final = Query("bodySHA256")

# Twilio signs the address with or without the port of its scheme, and says that it is not consistent. The
# body is covered as decoded fields of a form, or by its hash in the query.
_TWILIO: Final = Sender(
    key="twilio",
    title="Twilio",
    docs_url="https://www.twilio.com/docs/usage/security#validating-requests",
    secret=SecretForm("It is the Auth Token of the account (Twilio Console).", issued=True),
    schemes=(
        Scheme(
            "twilio-form",
            _TWILIO_SIGNATURE,
            (
                Template("{url}{form_sorted}"),
                Template("{url_without_port}{form_sorted}"),
                Template("{url_with_port}{form_sorted}"),
            ),
            HMAC_SHA1,
            applies=Absent(_BODY_DIGEST),
        ),
        Scheme(
            "twilio-json",
            _TWILIO_SIGNATURE,
            (Template("{url}"), Template("{url_without_port}"), Template("{url_with_port}")),
            HMAC_SHA1,
            applies=Present(_BODY_DIGEST),
            conditions=(BodyDigest(_BODY_DIGEST),),
        ),
    ),
    event_type=(
        FormField("MessageStatus"),
        FormField("SmsStatus"),
        FormField("CallStatus"),
        FormField("EventType"),
        JsonField("[].type"),
        JsonField("type"),
    ),
    event_id=(Header("I-Twilio-Idempotency-Token"),),
    dedup=True,
    parameters=(URL,),
    hint=Hint(headers=("X-Twilio-Signature",)),
    uncovered="There is no time in it: an old request stays valid.",
    doubt="Signatures with a shared key and SHA-256, which its newest libraries know, are not read.",
)

# A retry repeats the time and the signature of the first attempt, so a tolerance would refuse it.
_SENDGRID: Final = Sender(
    key="sendgrid",
    title="SendGrid Event Webhook",
    docs_url="https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features",
    secret=SecretForm("SendGrid shows it as Verification Key (Mail Settings > Event Webhook).", issued=True),
    schemes=(
        Scheme(
            "sendgrid-ecdsa",
            Signature(Header("X-Twilio-Email-Event-Webhook-Signature"), Encoding.BASE64),
            Template("{timestamp}{body}"),
            Ecdsa(),
            Base64Key(),
            Timestamp(Header("X-Twilio-Email-Event-Webhook-Timestamp"), past_s=None, future_s=None),
        ),
    ),
    event_type=(JsonField("[].event"),),
    event_id=(JsonField("[].sg_event_id"),),
    dedup=True,
    items=JsonField("[]"),
    hint=Hint(headers=("X-Twilio-Email-Event-Webhook-Signature",)),
)

# Mailgun signs a time and a random token, not the event. The token is remembered like an id, so that it
# vouches for one body only; a tolerance within the dedup window keeps it from coming back after that. It is
# longer than Mailgun tries (8 hours).
_MAILGUN_PAST_S: Final = 12 * 3600

_MAILGUN: Final = Sender(
    key="mailgun",
    title="Mailgun",
    docs_url="https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks",
    secret=SecretForm("Mailgun shows it as HTTP webhook signing key (API security).", issued=True),
    schemes=(
        Scheme(
            "mailgun-json",
            Signature(JsonField("signature.signature")),
            Template("{timestamp}{token}"),
            timestamp=Timestamp(JsonField("signature.timestamp"), _MAILGUN_PAST_S, future_s=300),
            variables=(("token", JsonField("signature.token")),),
        ),
        Scheme(
            "mailgun-form",
            Signature(FormField("signature")),
            Template("{timestamp}{token}"),
            timestamp=Timestamp(FormField("timestamp"), _MAILGUN_PAST_S, future_s=300),
            variables=(("token", FormField("token")),),
            # The id is read as JSON first: a body that is both must not be verified by one token and
            # remembered by another, or a captured signature would do for any number of bodies.
            applies=Absent(JsonField("signature.token")),
        ),
    ),
    event_type=(JsonField("event-data.event"), FormField("event")),
    event_id=(JsonField("signature.token"), FormField("token")),
    dedup=True,
    hint=Hint(fields=("signature.timestamp", "signature.token", "signature.signature")),
    uncovered="The event itself is not signed: who has seen a signature can send another body with it once.",
    doubt="Forms with files (multipart), as old routes send them, are not read.",
)

MAIL: Final = (_TWILIO, _SENDGRID, _MAILGUN)
"""Their senders."""
