"""Azure DevOps: all references of a push in one payload, whose kind stands in the body.

https://learn.microsoft.com/azure/devops/service-hooks/events#git.push. The service hook must send all
details of the resource: with "Minimal" or "None" the payload names neither the repository nor the
references.
"""

from collections.abc import Sequence
from typing import Final

from domain.event import Request
from domain.git.change import Change, change_of
from domain.git.payloads.field import Field
from domain.git.payloads.shape import Shape, printable


def _label(_: Request, body: Field) -> str:
    return printable(body.at("eventType").text())


def _urls(body: Field) -> Sequence[Field]:
    return (body.at("resource", "repository", "remoteUrl"),)


def _change(update: Field) -> Change:
    return change_of(
        update.at("name").ref(), update.at("newObjectId").commit(), update.at("oldObjectId").commit_if_any()
    )


def _changes(body: Field) -> Sequence[Change]:
    return [_change(update) for update in body.at("resource", "refUpdates").items()]


def _default_branch(body: Field) -> Field:
    return body.at("resource", "repository", "defaultBranch")


AZURE: Final = Shape(
    pushes=frozenset({"git.push"}),
    label=_label,
    urls=_urls,
    changes=_changes,
    default_branch=_default_branch,
)
