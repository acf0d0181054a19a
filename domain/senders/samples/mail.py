"""Samples of mail and telephony."""

from collections.abc import Mapping
from typing import Final

from domain.senders.samples.blanks import Json, Number
from domain.senders.samples.sample import Form, Sample

_ACCOUNT: Final = "AC00000000000000000000000000000000"
_TWILIO_HEADERS: Final = {"User-Agent": "TwilioProxy/1.1", "I-Twilio-Idempotency-Token": "{uuid}"}


def _message(status: str) -> Sample:
    return Sample(
        status,
        Form(
            {
                "SmsSid": "SM{hex}",
                "SmsStatus": status,
                "MessageStatus": status,
                "To": "+15550100001",
                "MessageSid": "SM{hex}",
                "AccountSid": _ACCOUNT,
                "From": "+15550100000",
                "ApiVersion": "2010-04-01",
            }
        ),
        _TWILIO_HEADERS,
    )


def _call(status: str) -> Sample:
    return Sample(
        status,
        Form(
            {
                "CallSid": "CA{hex}",
                "AccountSid": _ACCOUNT,
                "From": "+15550100001",
                "To": "+15550100000",
                "CallStatus": status,
                "ApiVersion": "2010-04-01",
                "Direction": "inbound",
                "FromCity": "",
            }
        ),
        _TWILIO_HEADERS,
    )


def _sendgrid(event: str, more: dict[str, Json]) -> Sample:
    first: dict[str, Json] = {
        "email": "customer@example.com",
        "timestamp": Number.UNIX,
        "smtp-id": "<{id}@example.com>",
        "event": event,
        "category": ["greetings"],
        "sg_event_id": "{id}",
        "sg_message_id": "{id}.filter0001.0001",
    }
    return Sample(event, [first | more], {"User-Agent": "SendGrid Event API"})


def _mailgun(event: str, more: dict[str, Json]) -> Sample:
    data: dict[str, Json] = {
        "event": event,
        "id": "{id}",
        "timestamp": Number.UNIX,
        "recipient": "customer@example.com",
        "recipient-domain": "example.com",
        "message": {
            "headers": {"to": "customer@example.com", "message-id": "{id}@example.com", "subject": "Hello"}
        },
        "tags": ["greetings"],
    }
    token: Json = {"timestamp": "{unix}", "token": "{hex}00000000000000000a"}
    return Sample(
        event, {"signature": token, "event-data": data | more}, {"User-Agent": "mailgun/treq-25.5.0"}
    )


def _resend(event: str, more: dict[str, Json]) -> Sample:
    data: dict[str, Json] = {
        "email_id": "{uuid}",
        "created_at": "{time_ms}",
        "from": "Octo Org <greetings@example.com>",
        "to": ["customer@example.com"],
        "subject": "Hello, world",
    }
    return Sample(
        event,
        {"type": event, "created_at": "{time_ms}", "data": data | more},
        {"User-Agent": "Svix-Webhooks/1.62.0 (sender-9YMgn; +https://www.svix.com/http-sender/)"},
    )


MAIL: Final[Mapping[str, tuple[Sample, ...]]] = {
    "twilio": (_message("delivered"), _message("failed"), _call("ringing"), _call("completed")),
    "sendgrid": (
        _sendgrid("delivered", {"response": "250 OK"}),
        _sendgrid("open", {"useragent": "Mozilla/5.0", "ip": "192.0.2.1"}),
        _sendgrid("bounce", {"reason": "500 unknown recipient", "status": "5.0.0", "type": "bounce"}),
    ),
    "mailgun": (
        _mailgun("delivered", {"delivery-status": {"code": 250, "message": "OK", "attempt-no": 1}}),
        _mailgun("opened", {"ip": "192.0.2.1", "client-info": {"device-type": "desktop"}}),
        _mailgun("failed", {"severity": "permanent", "reason": "bounce", "delivery-status": {"code": 550}}),
    ),
    "resend": (
        _resend("email.delivered", {}),
        _resend("email.bounced", {"bounce": {"message": "The mailbox is full.", "type": "Transient"}}),
    ),
}
