"""GitLab: one reference a push, branches and tags as two kinds of event.

https://docs.gitlab.com/user/project/integrations/webhook_events/#push-events

`after` of an annotated tag is the tag object, `checkout_sha` its commit, so the latter counts. It is null
when the reference was deleted, and for a tag that is on no commit.
"""

from collections.abc import Sequence
from typing import Final

from domain.git.change import Change, change_of
from domain.git.payloads.field import Field
from domain.git.payloads.shape import Shape, header_label
from domain.git.payloads.touched import Paths, is_step, touched

_MOST_COMMITS: Final = 20
"""GitLab lists the newest so many commits and says in `total_commits_count` how many there are."""


def _urls(body: Field) -> Sequence[Field]:
    project = body.at("project")
    return project.at("web_url"), project.at("git_ssh_url")


def _commit(body: Field) -> str:
    after, checked_out = body.at("after"), body.at("checkout_sha")
    if after.value is None:
        return checked_out.commit()
    return (after.commit() and checked_out.commit_if_any()) or after.commit()


def _changes(body: Field) -> Sequence[Change]:
    return [change_of(body.at("ref").ref(), _commit(body), body.at("before").commit_if_any())]


def _default_branch(body: Field) -> Field:
    return body.at("project", "default_branch")


def _paths(body: Field, changes: Sequence[Change]) -> Paths:
    if not is_step(changes):
        return None
    return touched(body.at("commits"), total=body.at("total_commits_count").value, most=_MOST_COMMITS)


GITLAB: Final = Shape(
    pushes=frozenset({"Push Hook", "Tag Push Hook"}),
    label=header_label(b"x-gitlab-event"),
    urls=_urls,
    changes=_changes,
    default_branch=_default_branch,
    paths=_paths,
)
