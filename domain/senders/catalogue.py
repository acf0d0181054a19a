"""The catalogue: every sender we know, as data, each from its own documentation."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from domain.senders.encoding import Encoding
from domain.senders.mac import HMAC_SHA512
from domain.senders.scheme import Scheme, Signature
from domain.senders.sender import Sender
from domain.senders.source import FormField, FormJsonField, Header, JsonField
from domain.senders.template import Template
from domain.senders.timestamp import SignatureEntry, Timestamp

_BODY: Final = Template("{body}")

# GitHub also sends X-Hub-Signature (SHA-1) for old receivers. We never read it.
_GITHUB: Final = Sender(
    key="github",
    title="GitHub",
    docs_url="https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries",
    schemes=(
        Scheme(
            id="github-sha256",
            signature=Signature(Header("X-Hub-Signature-256"), prefix=b"sha256="),
            signed=_BODY,
        ),
    ),
    event_type=(Header("X-GitHub-Event"),),
    event_id=(Header("X-GitHub-Delivery"),),
    dedup=False,  # GitHub never retries by itself, and a redelivery by hand keeps the id
    issues_secret=False,
    where_secret="Paste it into the field Secret of the webhook's form (Settings > Webhooks).",  # noqa: S106 - a sentence
)

# The whole secret, "whsec_" included, is the key. Entries named v0 are made with a test scheme and ignored.
# Like Stripe's libraries we let timestamps of the future pass: only old ones can be replays.
_STRIPE: Final = Sender(
    key="stripe",
    title="Stripe",
    docs_url="https://docs.stripe.com/webhooks#verify-manually",
    schemes=(
        Scheme(
            id="stripe-v1",
            signature=Signature(Header("Stripe-Signature"), prefix=b"v1=", separator=b","),
            signed=Template("{timestamp}.{body}"),
            timestamp=Timestamp(SignatureEntry(b"t="), past_s=300, future_s=None),
        ),
    ),
    event_type=(JsonField("type"),),
    event_id=(JsonField("id"),),
    dedup=True,
    issues_secret=True,
    where_secret="Stripe shows it as the signing secret (whsec_...) of the endpoint (Developers > Webhooks).",  # noqa: S106 - a sentence
)

# An event is named by what it wraps ("message"), everything else in JSON by its own type. Slash commands
# and interactions are forms: the former are named by the command ("/deploy"), the latter by their type
# ("block_actions").
_SLACK: Final = Sender(
    key="slack",
    title="Slack",
    docs_url="https://docs.slack.dev/authentication/verifying-requests-from-slack",
    schemes=(
        Scheme(
            id="slack-v0",
            signature=Signature(Header("X-Slack-Signature"), prefix=b"v0="),
            signed=Template("v0:{timestamp}:{body}"),
            timestamp=Timestamp(Header("X-Slack-Request-Timestamp"), past_s=300, future_s=300),
        ),
    ),
    event_type=(
        JsonField("event.type"),
        JsonField("type"),
        FormField("command"),
        FormJsonField("payload", "type"),
    ),
    event_id=(JsonField("event_id"), FormField("trigger_id")),
    dedup=True,
    issues_secret=True,
    where_secret="Slack shows it as Signing Secret among the app's credentials (Basic Information).",  # noqa: S106 - a sentence
)

_X_SIGNATURE: Final = Header("X-Signature")

# For programs that sign as many do: HMAC of the body, in hex (several, separated by commas, while a
# secret is rolled) or base64, with or without the name of the hash before it, but never another one's.
_CUSTOM: Final = Sender(
    key="custom",
    title="Custom (X-Signature)",
    docs_url=None,
    schemes=(
        Scheme(
            id="custom-sha256-hex",
            signature=Signature(_X_SIGNATURE, prefix=b"sha256=", prefix_optional=True, separator=b","),
            signed=_BODY,
        ),
        Scheme(
            id="custom-sha512-hex",
            signature=Signature(_X_SIGNATURE, prefix=b"sha512=", prefix_optional=True, separator=b","),
            signed=_BODY,
            method=HMAC_SHA512,
        ),
        Scheme(
            id="custom-sha256-base64",
            signature=Signature(_X_SIGNATURE, Encoding.BASE64, b"sha256=", prefix_optional=True),
            signed=_BODY,
        ),
        Scheme(
            id="custom-sha512-base64",
            signature=Signature(_X_SIGNATURE, Encoding.BASE64, b"sha512=", prefix_optional=True),
            signed=_BODY,
            method=HMAC_SHA512,
        ),
    ),
    event_type=(Header("X-Event-Type"), JsonField("type")),
    event_id=(Header("X-Event-Id"),),
    dedup=False,
    issues_secret=False,
    where_secret="Give it to the program that calls; it sends X-Signature: sha256=<hex HMAC of the body>.",  # noqa: S106 - a sentence
)

SENDERS: Final[Mapping[str, Sender]] = MappingProxyType(
    {sender.key: sender for sender in (_GITHUB, _STRIPE, _SLACK, _CUSTOM)}
)
"""Every sender by its key."""
