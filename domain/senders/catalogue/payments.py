"""Payments and shops."""

from typing import Final

from domain.senders.catalogue import handshakes
from domain.senders.catalogue.shapes import HEADERS_UNSIGNED, URL, body_hmac
from domain.senders.encoding import Encoding
from domain.senders.hint import Hint
from domain.senders.key import TextKey
from domain.senders.scheme import Scheme, Signature
from domain.senders.secret_form import SecretForm
from domain.senders.sender import Sender
from domain.senders.source import Header, JsonField
from domain.senders.template import Template
from domain.senders.timestamp import SignatureEntry, Timestamp

# The whole secret, "whsec_" included, is the key. Entries named v0 are made with a test scheme and ignored.
# Like Stripe's libraries we let timestamps of the future pass: only old ones can be replays.
_STRIPE: Final = Sender(
    key="stripe",
    title="Stripe",
    docs_url="https://docs.stripe.com/webhooks#verify-manually",
    secret=SecretForm(
        "Stripe shows it as the signing secret (whsec_...) of the endpoint (Developers > Webhooks).",
        issued=True,
        begins="whsec_",
    ),
    schemes=(
        Scheme(
            "stripe-v1",
            Signature(Header("Stripe-Signature"), prefix=b"v1=", separator=b","),
            Template("{timestamp}.{body}"),
            timestamp=Timestamp(SignatureEntry(b"t="), past_s=300, future_s=None),
        ),
    ),
    event_type=(JsonField("type"),),
    event_id=(JsonField("id"),),
    dedup=True,
    hint=Hint(headers=("Stripe-Signature",)),
)

# The address is signed as it was registered, so it is stored rather than rebuilt from the Host header.
_SQUARE: Final = Sender(
    key="square",
    title="Square",
    docs_url="https://developer.squareup.com/docs/webhooks/step3validate",
    secret=SecretForm(
        "Square shows it as Signature Key of the subscription (Developer Console).", issued=True
    ),
    schemes=(
        Scheme(
            "square-hmac",
            Signature(Header("x-square-hmacsha256-signature"), Encoding.BASE64),
            Template("{url}{body}"),
        ),
    ),
    event_type=(JsonField("type"),),
    event_id=(JsonField("event_id"),),
    dedup=True,
    parameters=(URL,),
    hint=Hint(headers=("x-square-hmacsha256-signature",)),
    uncovered="There is no time in it: an old request stays valid.",
)

# Paddle's libraries allow five seconds; we compare with the time of receipt, so no queue adds to it.
_PADDLE: Final = Sender(
    key="paddle",
    title="Paddle Billing",
    docs_url="https://developer.paddle.com/webhooks/signature-verification",
    secret=SecretForm("Paddle shows it as secret key of the destination (Notifications).", issued=True),
    schemes=(
        Scheme(
            "paddle-h1",
            Signature(Header("Paddle-Signature"), prefix=b"h1=", separator=b";"),
            Template("{timestamp}:{body}"),
            timestamp=Timestamp(SignatureEntry(b"ts="), past_s=5, future_s=None),
        ),
    ),
    event_type=(JsonField("event_type"),),
    event_id=(JsonField("notification_id"),),
    dedup=True,
    hint=Hint(headers=("Paddle-Signature",)),
)

_SHOPIFY: Final = Sender(
    key="shopify",
    title="Shopify",
    docs_url="https://shopify.dev/docs/apps/build/webhooks/subscribe/https",
    secret=SecretForm("It is the client secret of the app (Dev Dashboard > app > Settings).", issued=True),
    schemes=(body_hmac("shopify-hmac", "X-Shopify-Hmac-Sha256", encoding=Encoding.BASE64),),
    event_type=(Header("X-Shopify-Topic"),),
    event_id=(Header("X-Shopify-Webhook-Id"),),
    dedup=True,
    hint=Hint(headers=("X-Shopify-Hmac-Sha256", "X-Shopify-Topic")),
    uncovered="No header is signed: neither the topic nor the shop's domain proves anything.",
)

# The shop stores what was typed after it replaced HTML entities, and signs with that.
_WOOCOMMERCE: Final = Sender(
    key="woocommerce",
    title="WooCommerce",
    docs_url="https://woocommerce.com/document/webhooks/",
    secret=SecretForm("Paste it into the field Secret of the webhook (WooCommerce > Settings > Advanced)."),
    schemes=(
        body_hmac(
            "woocommerce-hmac",
            "X-WC-Webhook-Signature",
            encoding=Encoding.BASE64,
            key=TextKey(unescaped=True),
        ),
    ),
    event_type=(Header("X-WC-Webhook-Topic"),),
    event_id=(Header("X-WC-Webhook-Delivery-ID"),),
    handshakes=handshakes.WOOCOMMERCE,
    hint=Hint(headers=("X-WC-Webhook-Signature", "X-WC-Webhook-Topic")),
    uncovered=HEADERS_UNSIGNED,
    doubt="Plugins of a shop may change the hash; only SHA-256 is accepted.",
)

PAYMENTS: Final = (_STRIPE, _SQUARE, _PADDLE, _SHOPIFY, _WOOCOMMERCE)
"""Their senders."""
