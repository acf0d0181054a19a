"""Those who sign with certificates of their own, which data alone cannot describe."""

from typing import Final

from domain.senders.encoding import Encoding
from domain.senders.hint import Hint
from domain.senders.hooks import PAYPAL, SNS, confirmation
from domain.senders.scheme import Scheme, Signature
from domain.senders.secret_form import SecretForm
from domain.senders.sender import Parameter, Sender
from domain.senders.source import Header, JsonField

_PAYPAL: Final = Sender(
    key="paypal",
    title="PayPal",
    docs_url="https://developer.paypal.com/api/rest/webhooks/rest/",
    secret=SecretForm(
        "None is needed: PayPal signs with a certificate, which is fetched unless you store it yourself.",
        issued=True,
    ),
    schemes=(
        Scheme("paypal-rsa", Signature(Header("PAYPAL-TRANSMISSION-SIG"), Encoding.BASE64), hook=PAYPAL),
    ),
    event_type=(JsonField("event_type"),),
    event_id=(JsonField("id"),),
    dedup=True,
    parameters=(
        Parameter(
            "webhook_id",
            "The Webhook ID that PayPal shows (Apps & Credentials > your app); it is signed along.",
            is_required=True,
        ),
    ),
    hint=Hint(headers=("PAYPAL-TRANSMISSION-SIG",)),
    uncovered=(
        "The body is bound by a CRC-32 only: whoever has seen one request can send another body with it."
    ),
    doubt="PayPal names no age at which a notification is too old, so none is.",
)

_AWS_SNS: Final = Sender(
    key="aws-sns",
    title="AWS SNS",
    docs_url="https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html",
    secret=SecretForm(
        "None is needed: AWS signs with a certificate, which is fetched unless you store it yourself.",
        issued=True,
    ),
    schemes=(Scheme("sns", Signature(JsonField("Signature"), Encoding.BASE64), hook=SNS),),
    event_type=(JsonField("Type"),),
    event_id=(JsonField("MessageId"),),
    dedup=True,
    parameters=(
        Parameter(
            "topic_arn",
            "The topic whose messages are accepted: AWS signs those of any account alike.",
            is_required=True,
        ),
        Parameter(
            "confirm_subscriptions",
            "Whether a worker confirms subscriptions by calling the SubscribeURL that AWS sends; else open it"
            " yourself.",
            choices=("true", "false"),
        ),
    ),
    confirmation=confirmation,
    hint=Hint(headers=("x-amz-sns-message-type",)),
    uncovered=(
        "Headers, UnsubscribeURL and MessageAttributes are not signed; raw message delivery is not signed at"
        " all and is refused."
    ),
    doubt="AWS names no age at which a message is too old, so none is.",
)

CERTIFIED: Final = (_PAYPAL, _AWS_SNS)
"""Their senders."""
