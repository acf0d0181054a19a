"""GitHub, and Gogs, Gitea and Forgejo, which took over its form: one reference a push.

https://docs.github.com/en/webhooks/webhook-events-and-payloads#push, https://gogs.io/docs/features/webhook,
https://docs.gitea.com/usage/webhooks, https://forgejo.org/docs/latest/user/webhooks/
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from domain.git.change import Change, change_of
from domain.git.payloads.field import Field
from domain.git.payloads.shape import Shape, header_label
from domain.git.payloads.touched import MAX_COMMITS, Paths, is_step, touched

_GOGS_COMMITS: Final = 5
"""Gogs and Gitea list at most FEED_MAX_COMMIT_NUM of their app.ini, 5 unless set. Gitea says the total."""


def _urls(body: Field) -> Sequence[Field]:
    repository = body.at("repository")
    return repository.at("html_url"), repository.at("ssh_url")


def _changes(body: Field) -> Sequence[Change]:
    return [change_of(body.at("ref").ref(), body.at("after").commit(), body.at("before").commit_if_any())]


def _default_branch(body: Field) -> Field:
    return body.at("repository", "default_branch")


def _github_paths(body: Field, changes: Sequence[Change]) -> Paths:
    if not is_step(changes) or body.at("forced").value is True:
        return None
    return touched(body.at("commits"), most=MAX_COMMITS)


def _gogs_paths(body: Field, changes: Sequence[Change]) -> Paths:
    if not is_step(changes):
        return None
    return touched(body.at("commits"), total=body.at("total_commits").value, most=_GOGS_COMMITS)


GITHUB: Final = Shape(
    pushes=frozenset({"push"}),
    label=header_label(b"x-github-event"),
    urls=_urls,
    changes=_changes,
    default_branch=_default_branch,
    paths=_github_paths,
    sends_forms=True,
)

GOGS: Final = replace(GITHUB, label=header_label(b"x-gogs-event"), paths=_gogs_paths)

GITEA: Final = replace(GOGS, label=header_label(b"x-gitea-event", b"x-forgejo-event"))
