"""Chat, meetings and communities."""

from typing import Final

from domain.senders.catalogue import handshakes
from domain.senders.catalogue.shapes import BODY_UNSIGNED, body_hmac, token
from domain.senders.encoding import Encoding
from domain.senders.hint import Hint
from domain.senders.key import HexKey
from domain.senders.method import HMAC_SHA1, Ed25519
from domain.senders.scheme import Scheme, Signature
from domain.senders.secret_form import SecretForm
from domain.senders.sender import Parameter, Sender
from domain.senders.source import FormField, FormJsonField, Header, Joined, JsonField, KeyBeside
from domain.senders.template import Template
from domain.senders.timestamp import Clock, Timestamp

# An event is named by what it wraps ("message"), everything else in JSON by its own type. Slash commands
# and interactions are forms: the former are named by the command ("/deploy"), the latter by their type
# ("block_actions").
_SLACK: Final = Sender(
    key="slack",
    title="Slack",
    docs_url="https://docs.slack.dev/authentication/verifying-requests-from-slack",
    secret=SecretForm(
        "Slack shows it as Signing Secret among the app's credentials (Basic Information).", issued=True
    ),
    schemes=(
        Scheme(
            "slack-v0",
            Signature(Header("X-Slack-Signature"), prefix=b"v0="),
            Template("v0:{timestamp}:{body}"),
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
    handshakes=handshakes.SLACK,
    hint=Hint(headers=("X-Slack-Signature",)),
)

# Discord keeps an address only if it answers requests that it signed wrongly on purpose with 401 at once.
_DISCORD: Final = Sender(
    key="discord",
    title="Discord",
    docs_url="https://discord.com/developers/docs/interactions/overview#setting-up-an-endpoint",
    secret=SecretForm(
        "It is the Public Key of the application (General Information), 64 hex digits.", issued=True
    ),
    schemes=(
        Scheme(
            "discord-ed25519",
            Signature(Header("X-Signature-Ed25519")),
            Template("{timestamp}{body}"),
            Ed25519(),
            HexKey(),
            Timestamp(Header("X-Signature-Timestamp"), past_s=None, future_s=None),
        ),
    ),
    event_type=(JsonField("event.type"), JsonField("type")),
    event_id=(JsonField("id"),),
    handshakes=handshakes.DISCORD,
    hint=Hint(headers=("X-Signature-Ed25519",)),
    uncovered="Discord names no tolerance for the signed time: an old request stays valid.",
    doubt="Discord expects an answer to an interaction within 3 seconds; a relay cannot give one.",
    verify_at="ingress",
)

_ZOOM: Final = Sender(
    key="zoom",
    title="Zoom",
    docs_url="https://developers.zoom.us/docs/api/webhooks/#verify-webhook-events",
    secret=SecretForm("Zoom shows it as Secret Token of the app (Features > Access).", issued=True),
    schemes=(
        Scheme(
            "zoom-v0",
            Signature(Header("x-zm-signature"), prefix=b"v0="),
            Template("v0:{timestamp}:{body}"),
            timestamp=Timestamp(Header("x-zm-request-timestamp"), past_s=300, future_s=300),
        ),
    ),
    event_type=(JsonField("event"),),
    event_id=(Header("x-zm-trackingid"),),
    handshakes=handshakes.ZOOM,
    hint=Hint(headers=("x-zm-signature",)),
    doubt="No request with a published secret was found; the layout is that of Slack.",
)

_TWITCH: Final = Sender(
    key="twitch",
    title="Twitch EventSub",
    docs_url="https://dev.twitch.tv/docs/eventsub/handling-webhook-events/#verifying-the-event-message",
    secret=SecretForm("Give it as transport.secret when you create the subscription."),
    schemes=(
        Scheme(
            "twitch-eventsub",
            Signature(Header("Twitch-Eventsub-Message-Signature"), prefix=b"sha256="),
            Template("{id}{timestamp}{body}"),
            timestamp=Timestamp(Header("Twitch-Eventsub-Message-Timestamp"), 600, 600, Clock.RFC_3339),
            variables=(("id", Header("Twitch-Eventsub-Message-Id")),),
        ),
    ),
    event_type=(Header("Twitch-Eventsub-Subscription-Type"),),
    event_id=(Header("Twitch-Eventsub-Message-Id"),),
    dedup=True,
    handshakes=handshakes.TWITCH,
    hint=Hint(headers=("Twitch-Eventsub-Message-Signature",)),
    uncovered="The headers with the type of the message and of the subscription are not signed.",
)

# "app secret" and the token of the check are two different secrets.
_META: Final = Sender(
    key="meta",
    title="Meta (Facebook, Instagram, WhatsApp)",
    docs_url="https://developers.facebook.com/docs/graph-api/webhooks/getting-started",
    secret=SecretForm("It is the App Secret (App settings > Basic).", issued=True),
    schemes=(body_hmac("meta-sha256", "X-Hub-Signature-256", b"sha256="),),
    event_type=(Joined((JsonField("object"), JsonField("entry[].changes[].field"))), JsonField("object")),
    items=JsonField("entry[].changes[]"),
    parameters=(
        Parameter("verify_token", "The Verify Token that you enter at Meta beside the URL.", is_secret=True),
    ),
    handshakes=handshakes.META,
    hint=Hint(headers=("X-Hub-Signature-256",), without=("X-GitHub-Event",), fields=("object",)),
    uncovered="There is neither a time nor an id in it: an old request stays valid.",
)

_TELEGRAM: Final = Sender(
    key="telegram",
    title="Telegram Bot API",
    docs_url="https://core.telegram.org/bots/api#setwebhook",
    secret=SecretForm("Give it as secret_token when you call setWebhook."),
    schemes=(token("telegram-token", Header("X-Telegram-Bot-Api-Secret-Token")),),
    event_type=(KeyBeside(("update_id",)),),
    event_id=(JsonField("update_id"),),
    dedup=True,
    hint=Hint(headers=("X-Telegram-Bot-Api-Secret-Token",)),
    uncovered=BODY_UNSIGNED,
)

_LINE: Final = Sender(
    key="line",
    title="LINE Messaging API",
    docs_url="https://developers.line.biz/en/docs/messaging-api/verify-webhook-signature/",
    secret=SecretForm(
        "LINE shows it as Channel secret (LINE Developers Console > Basic settings).", issued=True
    ),
    schemes=(body_hmac("line-hmac", "x-line-signature", encoding=Encoding.BASE64),),
    event_type=(JsonField("events[].type"),),
    event_id=(JsonField("events[].webhookEventId"),),
    dedup=True,
    items=JsonField("events[]"),
    handshakes=handshakes.LINE,
    hint=Hint(headers=("x-line-signature",)),
)

# Nothing in its requests is its own mark: the header has been used by many.
_INTERCOM: Final = Sender(
    key="intercom",
    title="Intercom",
    docs_url="https://developers.intercom.com/docs/webhooks/setting-up-webhooks",
    secret=SecretForm("It is the client secret of the app (Developer Hub > Basic information).", issued=True),
    schemes=(body_hmac("intercom-sha1", "X-Hub-Signature", b"sha1=", method=HMAC_SHA1),),
    event_type=(JsonField("topic"),),
    event_id=(JsonField("id"),),
    dedup=True,
    handshakes=handshakes.INTERCOM,
    hint=Hint(headers=("X-Hub-Signature",), fields=("topic", "app_id")),
)

CHAT: Final = (_SLACK, _DISCORD, _ZOOM, _TWITCH, _META, _TELEGRAM, _LINE, _INTERCOM)
"""Their senders."""
