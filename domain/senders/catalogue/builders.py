"""Those who build, host and watch software."""

from typing import Final

from domain.senders.catalogue import handshakes
from domain.senders.catalogue.shapes import BODY_UNSIGNED, HEADERS_UNSIGNED, body_hmac, token, versioned_hmac
from domain.senders.encoding import Encoding
from domain.senders.hint import Hint
from domain.senders.method import HMAC_SHA1
from domain.senders.scheme import Scheme, Signature
from domain.senders.secret_form import SecretForm
from domain.senders.sender import Parameter, Sender
from domain.senders.source import Header, Joined, JsonField
from domain.senders.template import Template
from domain.senders.timestamp import SignatureEntry, Timestamp

# CircleCI asks receivers to look at the newest version they know only. We know v1.
_CIRCLECI: Final = Sender(
    key="circleci",
    title="CircleCI",
    docs_url="https://circleci.com/docs/guides/integration/outbound-webhooks/",
    secret=SecretForm("Paste it into the field Secret Token of the webhook (Project Settings > Webhooks)."),
    schemes=(versioned_hmac("circleci-v1", "circleci-signature", b"v1="),),
    event_type=(Header("circleci-event-type"), JsonField("type")),
    event_id=(JsonField("id"),),
    dedup=True,
    hint=Hint(headers=("circleci-signature", "circleci-event-type")),
)

_BUILDKITE: Final = Sender(
    key="buildkite",
    title="Buildkite",
    docs_url="https://buildkite.com/docs/apis/webhooks/pipelines#webhook-signature",
    secret=SecretForm("Buildkite shows it as Token of the notification service.", issued=True),
    schemes=(
        Scheme(
            "buildkite-hmac",
            Signature(Header("X-Buildkite-Signature"), prefix=b"signature=", separator=b","),
            Template("{timestamp}.{body}"),
            timestamp=Timestamp(SignatureEntry(b"timestamp="), past_s=300, future_s=300),
        ),
        token("buildkite-token", Header("X-Buildkite-Token")),
    ),
    event_type=(Header("X-Buildkite-Event"),),
    hint=Hint(headers=("X-Buildkite-Event",)),
    uncovered=HEADERS_UNSIGNED + " When Buildkite is set to send its token instead, nothing is signed.",
)

_VERCEL: Final = Sender(
    key="vercel",
    title="Vercel",
    docs_url="https://vercel.com/docs/webhooks/webhooks-api#securing-webhooks",
    secret=SecretForm(
        "Vercel shows it once when the webhook is created (Team Settings > Webhooks).", issued=True
    ),
    schemes=(body_hmac("vercel-sha1", "x-vercel-signature", method=HMAC_SHA1),),
    event_type=(JsonField("type"),),
    event_id=(JsonField("id"),),
    dedup=True,
    parameters=(Parameter("verify_token", "What a log drain wants to be answered in x-vercel-verify."),),
    handshakes=handshakes.VERCEL,
    hint=Hint(headers=("x-vercel-signature",)),
)

_HEROKU: Final = Sender(
    key="heroku",
    title="Heroku",
    docs_url="https://devcenter.heroku.com/articles/app-webhooks#securing-webhook-requests",
    secret=SecretForm("Give it with --secret when you run 'heroku webhooks:add'."),
    schemes=(body_hmac("heroku-hmac", "Heroku-Webhook-Hmac-SHA256", encoding=Encoding.BASE64),),
    event_type=(Joined((JsonField("resource"), JsonField("action"))), JsonField("resource")),
    event_id=(JsonField("id"),),
    dedup=True,
    hint=Hint(headers=("Heroku-Webhook-Hmac-SHA256",)),
)

_NPM: Final = Sender(
    key="npm",
    title="npm hooks",
    docs_url="https://github.com/npm/npm-hook-receiver",
    secret=SecretForm("Give it as the secret when you run 'npm hook add'."),
    schemes=(body_hmac("npm-hmac", "x-npm-signature", b"sha256="),),
    event_type=(JsonField("event"),),
    hint=Hint(headers=("x-npm-signature",)),
    doubt="Whether npm still sends hooks was not confirmed.",
)

_DOCKER_HUB: Final = Sender(
    key="docker-hub",
    title="Docker Hub",
    docs_url="https://docs.docker.com/docker-hub/repos/manage/webhooks/",
    secret=SecretForm("There is none: Docker Hub signs nothing, so keep the URL to yourself."),
    schemes=(),
    hint=Hint(fields=("push_data.tag", "repository.repo_name", "callback_url")),
    uncovered="Nothing is signed at all: whoever knows the URL can send events.",
)

_LAUNCHDARKLY: Final = Sender(
    key="launchdarkly",
    title="LaunchDarkly",
    docs_url="https://launchdarkly.com/docs/integrations/webhooks",
    secret=SecretForm("Paste it into the field Secret of the webhook, with 'Sign this webhook' chosen."),
    schemes=(body_hmac("launchdarkly-hmac", "X-LD-Signature"),),
    event_type=(JsonField("kind"),),
    event_id=(JsonField("_id"),),
    hint=Hint(headers=("X-LD-Signature",)),
)

# The time is sent, too, but is not part of what is signed, so it proves nothing.
_SENTRY: Final = Sender(
    key="sentry",
    title="Sentry",
    docs_url="https://docs.sentry.io/organization/integrations/integration-platform/webhooks/",
    secret=SecretForm(
        "It is the Client Secret of the integration (Settings > Custom Integrations).", issued=True
    ),
    schemes=(body_hmac("sentry-hmac", "Sentry-Hook-Signature"),),
    event_type=(Joined((Header("Sentry-Hook-Resource"), JsonField("action"))),),
    event_id=(Header("Request-ID"),),
    hint=Hint(headers=("Sentry-Hook-Signature", "Sentry-Hook-Resource")),
    uncovered="The headers, the time among them, are not signed.",
)

_PAGERDUTY: Final = Sender(
    key="pagerduty",
    title="PagerDuty (v3)",
    docs_url="https://developer.pagerduty.com/docs/verifying-webhook-signatures",
    secret=SecretForm("PagerDuty shows it once when the subscription is created.", issued=True),
    schemes=(versioned_hmac("pagerduty-v1", "X-PagerDuty-Signature", b"v1="),),
    event_type=(JsonField("event.event_type"),),
    event_id=(JsonField("event.id"),),
    dedup=True,
    hint=Hint(headers=("X-PagerDuty-Signature",)),
)

# Notifications bring a fixed secret; Stream signs, in a header that Standard Webhooks uses otherwise.
_CLOUDFLARE: Final = Sender(
    key="cloudflare",
    title="Cloudflare (Notifications, Stream)",
    docs_url="https://developers.cloudflare.com/notifications/get-started/configure-webhooks/",
    secret=SecretForm("Enter it as Secret of the destination; for Stream take the one that its API answers."),
    schemes=(
        Scheme(
            "cloudflare-stream",
            Signature(Header("Webhook-Signature"), prefix=b"sig1=", separator=b","),
            Template("{timestamp}.{body}"),
            timestamp=Timestamp(SignatureEntry(b"time="), past_s=300, future_s=300),
        ),
        token("cloudflare-notify", Header("cf-webhook-auth")),
    ),
    event_type=(JsonField("alert_type"), JsonField("status.state")),
    hint=Hint(headers=("cf-webhook-auth",)),
    uncovered="Of Notifications " + BODY_UNSIGNED[0].lower() + BODY_UNSIGNED[1:],
)

BUILDERS: Final = (
    _CIRCLECI,
    _BUILDKITE,
    _VERCEL,
    _HEROKU,
    _NPM,
    _DOCKER_HUB,
    _LAUNCHDARKLY,
    _SENTRY,
    _PAGERDUTY,
    _CLOUDFLARE,
)
"""Their senders."""
