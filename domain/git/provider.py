"""Providers: the Git hosts whose pushes we read, and how a request tells which of them sent it."""

from enum import StrEnum
from typing import Final

from domain.event import Request


class Provider(StrEnum):
    """A kind of Git host. Forgejo is a Gitea here, and both are a Gogs when they say so themselves."""

    GITHUB = "github"
    GOGS = "gogs"
    GITEA = "gitea"
    GITLAB = "gitlab"
    BITBUCKET = "bitbucket"
    BITBUCKET_SERVER = "bitbucket-server"
    AZURE = "azure"


# The order decides. Gitea and Forgejo send the headers of Gogs and GitHub besides their own, Gogs that of
# GitHub, and Bitbucket Cloud sends X-Event-Key too.
_TELLING: Final = (
    (b"x-gogs-event", Provider.GOGS),
    (b"x-gitea-event", Provider.GITEA),
    (b"x-forgejo-event", Provider.GITEA),
    (b"x-github-event", Provider.GITHUB),
    (b"x-gitlab-event", Provider.GITLAB),
    (b"x-hook-uuid", Provider.BITBUCKET),
    (b"x-event-key", Provider.BITBUCKET_SERVER),
    (b"x-vss-activityid", Provider.AZURE),
    (b"x-vss-subscriptionid", Provider.AZURE),
)


def detect(request: Request) -> Provider | None:
    """Who sent a request: the first whose header it has, None: nobody we know. An empty header is none."""
    return next((provider for name, provider in _TELLING if request.header(name)), None)


def is_ping(request: Request) -> bool:
    """Whether GitHub asks only whether we are there.

    It does when a webhook is made
    (https://docs.github.com/en/webhooks/webhook-events-and-payloads#ping).
    """
    return request.header(b"x-github-event") == b"ping"
