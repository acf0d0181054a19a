"""Git hosts. Several send the headers of others besides their own, so their order matters to hints."""

from typing import Final

from domain.senders.catalogue import handshakes
from domain.senders.catalogue.shapes import (
    BODY,
    BODY_UNSIGNED,
    HEADERS_UNSIGNED,
    PAYLOAD,
    basic,
    body_hmac,
    token,
)
from domain.senders.catalogue.standard import standard_scheme
from domain.senders.hint import Hint
from domain.senders.method import HMAC_SHA1
from domain.senders.scheme import Scheme, Signature
from domain.senders.secret_form import Look, SecretForm
from domain.senders.sender import Parameter, Sender
from domain.senders.source import Header, JsonField, ParameterHeader

# Without a secret Gitea and Forgejo send the header empty. What they sign of a form is the JSON in it.
_FORGEJO: Final = Sender(
    key="forgejo",
    title="Forgejo",
    docs_url="https://forgejo.org/docs/latest/user/webhooks/",
    secret=SecretForm("Paste it into the field Secret of the webhook's form (Settings > Webhooks)."),
    schemes=(Scheme("forgejo-hmac", Signature(Header("X-Forgejo-Signature")), PAYLOAD),),
    event_type=(Header("X-Forgejo-Event"),),
    event_id=(Header("X-Forgejo-Delivery"),),
    hint=Hint(headers=("X-Forgejo-Event",)),
    uncovered=HEADERS_UNSIGNED,
    doubt="That forms and GET are signed as Gitea signs them was not confirmed.",
)

_GITEA: Final = Sender(
    key="gitea",
    title="Gitea",
    docs_url="https://docs.gitea.com/usage/webhooks",
    secret=SecretForm("Paste it into the field Secret of the webhook's form (Settings > Webhooks)."),
    schemes=(Scheme("gitea-hmac", Signature(Header("X-Gitea-Signature")), PAYLOAD),),
    event_type=(Header("X-Gitea-Event"),),
    event_id=(Header("X-Gitea-Delivery"),),
    hint=Hint(headers=("X-Gitea-Event",), without=("X-Forgejo-Event",)),
    uncovered=HEADERS_UNSIGNED,
)

_GOGS: Final = Sender(
    key="gogs",
    title="Gogs",
    docs_url="https://gogs.io/docs/features/webhook",
    secret=SecretForm("Paste it into the field Secret of the webhook's form (Settings > Webhooks)."),
    schemes=(body_hmac("gogs-hmac", "X-Gogs-Signature"),),
    event_type=(Header("X-Gogs-Event"),),
    event_id=(Header("X-Gogs-Delivery"),),
    hint=Hint(headers=("X-Gogs-Event",), without=("X-Gitea-Event", "X-Forgejo-Event")),
    uncovered=HEADERS_UNSIGNED,
)

# GitHub also sends X-Hub-Signature (SHA-1) for old receivers. It counts only for those who pin it.
_GITHUB: Final = Sender(
    key="github",
    title="GitHub",
    docs_url="https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries",
    adding_url="https://docs.github.com/en/webhooks/using-webhooks/creating-webhooks",
    secret=SecretForm("Paste it into the field Secret of the webhook's form (Settings > Webhooks)."),
    schemes=(
        body_hmac("github-sha256", "X-Hub-Signature-256", b"sha256="),
        Scheme(
            "github-sha1",
            Signature(Header("X-Hub-Signature"), prefix=b"sha1="),
            BODY,
            HMAC_SHA1,
            is_weak=True,
        ),
    ),
    event_type=(Header("X-GitHub-Event"),),
    event_id=(Header("X-GitHub-Delivery"),),
    dedup=False,  # GitHub never retries by itself, and a redelivery by hand keeps the id
    handshakes=handshakes.GITHUB,
    hint=Hint(
        headers=("X-GitHub-Event", "X-GitHub-Delivery"),
        without=("X-Gogs-Event", "X-Gitea-Event", "X-Forgejo-Event"),
        agent="GitHub-Hookshot/",
    ),
    uncovered=HEADERS_UNSIGNED,
)

# The button "Resend request" repeats Idempotency-Key, so an id that comes again may be somebody's wish.
_GITLAB: Final = Sender(
    key="gitlab",
    title="GitLab",
    docs_url="https://docs.gitlab.com/user/project/integrations/webhooks/",
    secret=SecretForm("Paste it into the field Secret token of the webhook's form (Settings > Webhooks)."),
    schemes=(
        standard_scheme("gitlab-v1", "webhook", demands_prefix=True),
        token("gitlab-token", Header("X-Gitlab-Token")),
    ),
    event_type=(Header("X-Gitlab-Event"),),
    event_id=(Header("Idempotency-Key"), Header("webhook-id"), Header("X-Gitlab-Event-UUID")),
    hint=Hint(headers=("X-Gitlab-Event",)),
    uncovered=BODY_UNSIGNED + " A signing token, where GitLab offers one, signs the body.",
    doubt="The printed form of a signing token (whsec_...) is taken from Standard Webhooks.",
)

_BITBUCKET_CLOUD: Final = Sender(
    key="bitbucket-cloud",
    title="Bitbucket Cloud",
    docs_url="https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/",
    secret=SecretForm("Paste it into the field Secret of the webhook (Repository settings > Webhooks)."),
    schemes=(body_hmac("bitbucket-cloud-hmac", "X-Hub-Signature", b"sha256="),),
    event_type=(Header("X-Event-Key"),),
    event_id=(Header("X-Request-UUID"),),
    dedup=True,
    hint=Hint(headers=("X-Hook-UUID",), also=("X-Event-Key",)),
    uncovered=HEADERS_UNSIGNED,
)

_BITBUCKET_SERVER: Final = Sender(
    key="bitbucket-server",
    title="Bitbucket Server and Data Center",
    docs_url="https://confluence.atlassian.com/bitbucketserver/manage-webhooks-938025878.html",
    secret=SecretForm("Paste it into the field Secret of the webhook (Repository settings > Webhooks)."),
    schemes=(
        body_hmac("bitbucket-server-hmac", "X-Hub-Signature", b"sha256="),
        basic("bitbucket-server-basic", Header("Authorization")),
    ),
    event_type=(Header("X-Event-Key"),),
    event_id=(Header("X-Request-Id"),),
    handshakes=handshakes.BITBUCKET_SERVER,
    hint=Hint(headers=("X-Event-Key",), without=("X-Hook-UUID",)),
    uncovered=HEADERS_UNSIGNED + " With Basic authentication nothing is signed.",
    doubt="Whether every version signs its connection test (diagnostics:ping) is not known.",
)

_AZURE_DEVOPS: Final = Sender(
    key="azure-devops",
    title="Azure DevOps",
    docs_url="https://learn.microsoft.com/azure/devops/service-hooks/services/webhooks",
    secret=SecretForm(
        "Under Basic authentication of the service hook, enter what stands before the colon as user name and"
        " what follows as password.",
        look=Look.BASIC,
    ),
    schemes=(
        basic("azure-basic", Header("Authorization")),
        token("azure-header", ParameterHeader("auth_header", "X-Fleet-Token")),
    ),
    event_type=(JsonField("eventType"),),
    event_id=(JsonField("id"),),
    parameters=(
        Parameter("auth_header", "The name of the HTTP header in which Azure DevOps sends the secret."),
    ),
    hint=Hint(fields=("publisherId", "eventType", "notificationId", "subscriptionId"), agent="VSServices/"),
    uncovered=BODY_UNSIGNED,
)

GIT_HOSTS: Final = (
    _FORGEJO,
    _GITEA,
    _GOGS,
    _GITHUB,
    _GITLAB,
    _BITBUCKET_CLOUD,
    _BITBUCKET_SERVER,
    _AZURE_DEVOPS,
)
"""Their senders."""
