"""The handshakes of the senders that have some, each from its sender's own documentation.

AWS SNS asks for a call to an address of its choice. That is none of these: the public door calls nobody.
"""

from typing import Final

from domain.senders.handshake import Handshake, Proof, QueryToken
from domain.senders.mark import EmptyList, Has, JsonNumber, Lacks, Says
from domain.senders.reply import JSON, Echo, Mac, Reply, Setting
from domain.senders.source import FormField, Header, JsonField, Query

_OK: Final = Reply()

# https://docs.github.com/en/webhooks/webhook-events-and-payloads#ping
# Answered at once so that a wrong secret shows on GitHub's own page, beside the webhook's form.
GITHUB: Final = (
    Handshake("ping", (Says(Header("X-GitHub-Event"), b"ping"),), _OK, proof=Proof.SIGNATURE_WHEN_SECRET),
)

# https://confluence.atlassian.com/bitbucketserver/event-payload-938025882.html ("Test connection")
# Not every version signs it, and it gives nothing away.
BITBUCKET_SERVER: Final = (
    Handshake("diagnostics:ping", (Says(Header("X-Event-Key"), b"diagnostics:ping"),), _OK),
)

# https://docs.slack.dev/reference/events/url_verification
# https://docs.slack.dev/interactivity/implementing-slash-commands ("ssl_check")
SLACK: Final = (
    Handshake(
        "url_verification",
        (
            Says(JsonField("type"), b"url_verification"),
            Has(JsonField("challenge")),
        ),
        Reply(text=Echo(JsonField("challenge"))),
        proof=Proof.SIGNATURE_WHEN_SECRET,
    ),
    Handshake(
        "ssl_check",
        (
            Says(FormField("ssl_check"), b"1"),
            Lacks(FormField("command")),
        ),
        _OK,
    ),
    Handshake("ssl_check", (Says(Query("ssl_check"), b"1"),), _OK, methods=("GET",)),
)

# https://docs.discord.com/developers/interactions/overview#setting-up-an-endpoint-acknowledging-ping-requests
# https://docs.discord.com/developers/events/webhook-events#acknowledging-ping-requests
# Discord signs some of its probes wrongly on purpose, and gives an address up that does not answer 401. Its
# webhook events are of type 1, too, and unlike a PING of interactions have an event.
DISCORD: Final = (
    Handshake(
        "interaction PING",
        (JsonNumber("type", 1), Lacks(JsonField("event.type"))),
        Reply(json=(("type", 1),), content_type=JSON),
        proof=Proof.SIGNATURE,
    ),
    Handshake(
        "webhook events PING",
        (JsonNumber("type", 0),),
        Reply(status=204, content_type=JSON),
        proof=Proof.SIGNATURE,
    ),
)

# https://developers.zoom.us/docs/api/webhooks/#validate-your-webhook-endpoint
# Asked again every 72 hours.
_ZOOM_TOKEN: Final = JsonField("payload.plainToken")
ZOOM: Final = (
    Handshake(
        "endpoint.url_validation",
        (
            Says(JsonField("event"), b"endpoint.url_validation"),
            Has(_ZOOM_TOKEN),
        ),
        Reply(
            json=(("plainToken", Echo(_ZOOM_TOKEN)), ("encryptedToken", Mac(_ZOOM_TOKEN))),
            content_type=JSON,
        ),
        proof=Proof.SIGNATURE,
    ),
)

# https://developers.facebook.com/docs/graph-api/webhooks/getting-started#verification-requests
META: Final = (
    Handshake(
        "hub.challenge",
        (
            Says(Query("hub.mode"), b"subscribe"),
            Has(Query("hub.challenge")),
        ),
        Reply(text=Echo(Query("hub.challenge"))),
        methods=("GET",),
        proof=QueryToken(Query("hub.verify_token"), "verify_token"),
    ),
)

# https://developers.intercom.com/docs/webhooks/setting-up-webhooks
INTERCOM: Final = (
    Handshake("HEAD check", (), _OK, methods=("HEAD",)),
    Handshake("ping", (Says(JsonField("topic"), b"ping"),), _OK, proof=Proof.SIGNATURE_WHEN_SECRET),
)

# https://www.dropbox.com/developers/reference/webhooks#documentation
DROPBOX: Final = (
    Handshake(
        "challenge", (Has(Query("challenge")),), Reply(text=Echo(Query("challenge"))), methods=("GET",)
    ),
)

# https://developer.okta.com/docs/concepts/event-hooks/#one-time-verification-request
_OKTA_CHALLENGE: Final = Header("X-Okta-Verification-Challenge")
OKTA: Final = (
    Handshake(
        "verification challenge",
        (Has(_OKTA_CHALLENGE),),
        Reply(json=(("verification", Echo(_OKTA_CHALLENGE)),), content_type=JSON),
        methods=("GET",),
    ),
)

# https://learn.microsoft.com/en-us/graph/change-notifications-delivery-webhooks#notificationurl-validation
MICROSOFT_GRAPH: Final = (
    Handshake(
        "validationToken", (Has(Query("validationToken")),), Reply(text=Echo(Query("validationToken")))
    ),
)

# https://dev.twitch.tv/docs/eventsub/handling-webhook-events/#responding-to-a-challenge-request
TWITCH: Final = (
    Handshake(
        "webhook_callback_verification",
        (
            Says(Header("Twitch-Eventsub-Message-Type"), b"webhook_callback_verification"),
            Has(JsonField("challenge")),
        ),
        Reply(text=Echo(JsonField("challenge"))),
        proof=Proof.SIGNATURE,
    ),
)

# https://developers.notion.com/reference/webhooks#step-2-verifying-the-subscription
NOTION: Final = (
    Handshake(
        "verification_token",
        (Has(JsonField("verification_token")),),
        _OK,
        proof=Proof.OWN_SECRET,
        captures=JsonField("verification_token"),
    ),
)

# https://developers.asana.com/docs/webhooks-guide#the-webhook-handshake
_ASANA_SECRET: Final = Header("X-Hook-Secret")
ASANA: Final = (
    Handshake(
        "X-Hook-Secret",
        (Has(_ASANA_SECRET),),
        Reply(headers=(("X-Hook-Secret", Echo(_ASANA_SECRET)),)),
        captures=_ASANA_SECRET,
    ),
)

# WC_Webhook::deliver_ping in https://github.com/woocommerce/woocommerce (class-wc-webhook.php)
WOOCOMMERCE: Final = (
    Handshake(
        "ping",
        (
            Has(FormField("webhook_id")),
            Lacks(Header("X-WC-Webhook-Signature")),
        ),
        _OK,
    ),
)

# https://vercel.com/docs/log-drains ("x-vercel-verify"): the code is expected in the answer to any request.
_VERCEL_OWNED: Final = Reply(headers=(("X-Vercel-Verify", Setting("verify_token")),))
VERCEL: Final = (
    Handshake("log drain check", (), _VERCEL_OWNED, methods=("GET", "HEAD")),
    Handshake("log drain check", (), _VERCEL_OWNED, is_event=True),
)

# https://developer.atlassian.com/cloud/trello/guides/rest-api/webhooks/#creating-a-webhook
TRELLO: Final = (Handshake("HEAD check", (), _OK, methods=("HEAD",)),)

# https://developers.line.biz/en/docs/messaging-api/verify-webhook-url/
LINE: Final = (Handshake("verify button", (EmptyList("events"),), _OK, proof=Proof.SIGNATURE_WHEN_SECRET),)
