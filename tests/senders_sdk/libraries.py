"""The senders' own libraries: each signs as its sender does, and verifies as a receiver would."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from urllib.parse import parse_qsl, urlencode

from slack_sdk.signature import SignatureVerifier
from standardwebhooks.webhooks import Webhook as StandardWebhook
from standardwebhooks.webhooks import WebhookVerificationError
from stripe import SignatureVerificationError, WebhookSignature
from svix.webhooks import Webhook as SvixWebhook
from twilio.request_validator import RequestValidator

from tests.senders_sdk.octokit import Octokit

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
# Not ASCII, and spaced as no printer of JSON does it: who parses it and prints it again breaks the signature.
GREETING = '{ "type": "greeted",\t"id":"evt_1NG8Du2e", "greeting": "Grüße, 世界 \\u0041", "ratio": 1.0 }\n'
TOLERANCE_S = 300

Signed = Mapping[str, str]
"""Headers by their names, in lower case."""


@dataclass(frozen=True)
class Message:
    """What is signed: the address that it goes to, its body, and the time in Unix seconds."""

    url: str
    body: str
    at: int


@dataclass(frozen=True)
class Library:
    """A library with a kind of message.

    Attributes:
        sender: the key of the sender in our catalogue.
        scheme: the scheme that should vouch for it.
        secret: in the sender's own format.
        other_secret: nearly the same.
        sign: the headers that the sender would send.
        accepts: whether a receiver who uses the library believes it now.
        body: of the message.
        content_type: of the body.
        query: what the address has behind its "?".
        has_timestamp: whether the time is signed.
        refused_when_changed: what we say of another body with the same signature.
    """

    sender: str
    scheme: str
    secret: str
    other_secret: str
    sign: Callable[[Message, str], Signed]
    accepts: Callable[[Message, str, Signed], bool]
    body: str = GREETING
    content_type: str = JSON
    query: str = ""
    has_timestamp: bool = True
    refused_when_changed: str = "wrong_signature"


def github(octokit: Octokit) -> Library:
    """GitHub's, which needs Node.js."""

    def sign(message: Message, secret: str) -> Signed:
        signature = octokit.ask("sign", secret, message.body)
        assert isinstance(signature, str)
        return {"x-hub-signature-256": signature}

    def accepts(message: Message, secret: str, headers: Signed) -> bool:
        return octokit.ask("verify", secret, message.body, headers["x-hub-signature-256"]) is True

    secret = "It's a Secret to Everybody"
    return Library("github", "github-sha256", secret, secret.lower(), sign, accepts, has_timestamp=False)


def _stripe_signs(message: Message, secret: str) -> Signed:
    header = WebhookSignature.generate_signature_header(message.body, secret, message.at)
    return {"stripe-signature": header}


def _stripe_accepts(message: Message, secret: str, headers: Signed) -> bool:
    try:
        return WebhookSignature.verify_header(message.body, headers["stripe-signature"], secret, TOLERANCE_S)
    except SignatureVerificationError:
        return False


def _slack_signs(message: Message, secret: str) -> Signed:
    at = str(message.at)
    signature = SignatureVerifier(secret).generate_signature(timestamp=at, body=message.body)
    assert signature is not None
    return {"x-slack-signature": signature, "x-slack-request-timestamp": at}


def _slack_accepts(message: Message, secret: str, headers: Signed) -> bool:
    return SignatureVerifier(secret).is_valid_request(message.body, dict(headers))


def _standard_signs(message: Message, secret: str, library=StandardWebhook, names="webhook") -> Signed:
    event = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W"
    signature = library(secret).sign(event, datetime.fromtimestamp(message.at, UTC), message.body)
    return {f"{names}-id": event, f"{names}-timestamp": str(message.at), f"{names}-signature": signature}


def _standard_accepts(message: Message, secret: str, headers: Signed, library=StandardWebhook) -> bool:
    try:
        library(secret).verify(message.body, dict(headers))
    except WebhookVerificationError:
        return False
    return True


def _twilio_signs(message: Message, secret: str) -> Signed:
    """The address is signed, and after it the fields of a form; for JSON the address has its digest."""
    fields = {} if "bodySHA256" in message.url else dict(parse_qsl(message.body, keep_blank_values=True))
    return {"x-twilio-signature": RequestValidator(secret).compute_signature(message.url, fields)}


def _twilio_accepts(message: Message, secret: str, headers: Signed) -> bool:
    is_json = "bodySHA256" in message.url
    content = message.body if is_json else dict(parse_qsl(message.body, keep_blank_values=True))
    return RequestValidator(secret).validate(message.url, content, headers["x-twilio-signature"])


_STRIPE = Library(
    sender="stripe",
    scheme="stripe-v1",
    secret="whsec_9ZzYJQmQyYbVbGdpCEiQhfHQ1ybk3oIL",
    other_secret="9ZzYJQmQyYbVbGdpCEiQhfHQ1ybk3oIL",  # what is behind the prefix is not the key
    sign=_stripe_signs,
    accepts=_stripe_accepts,
)

_slack = partial(
    Library,
    sender="slack",
    scheme="slack-v0",
    secret="8f742231b10e8888abcd99yyyzzz85a5",
    other_secret="8f742231b10e8888abcd99yyyzzz85a5\n",
    sign=_slack_signs,
    accepts=_slack_accepts,
)

_standard = partial(
    Library,
    secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    other_secret="whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
)

_twilio = partial(
    Library,
    sender="twilio",
    secret="12345678901234567890123456789012",
    other_secret="12345678901234567890123456789013",
    sign=_twilio_signs,
    accepts=_twilio_accepts,
    has_timestamp=False,
)

LIBRARIES = {
    "stripe": _STRIPE,
    "slack": _slack(),
    "slack, a command": _slack(
        body=urlencode({"command": "/weather", "text": "Grüße + 1=1", "trigger_id": "13345224609.738474920"}),
        content_type=FORM,
    ),
    "standardwebhooks": _standard(
        sender="standard-webhooks", scheme="stdwh-v1", sign=_standard_signs, accepts=_standard_accepts
    ),
    "svix": _standard(
        sender="svix",
        scheme="svix-v1",
        sign=partial(_standard_signs, library=SvixWebhook, names="svix"),
        accepts=partial(_standard_accepts, library=SvixWebhook),
    ),
    "twilio": _twilio(
        scheme="twilio-form",
        body=urlencode({"To": "+18005551212", "Body": "Grüße & 1+1=2", "MediaUrl0": "", "AccountSid": "AC1"}),
        content_type=f"{FORM}; charset=UTF-8",
    ),
    "twilio, JSON": _twilio(
        scheme="twilio-json",
        query=f"bodySHA256={hashlib.sha256(GREETING.encode()).hexdigest()}",
        refused_when_changed="unmet_condition",  # the address is signed, and it has the digest of the body
    ),
}
"""Those written in Python, each with the kinds of message that it signs differently."""
