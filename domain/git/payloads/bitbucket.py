"""Bitbucket Cloud: all references of a push in one payload, each as it was and as it is.

https://support.atlassian.com/bitbucket-cloud/docs/event-payloads/#Push: `old` is null for a new reference,
`new` for one that was deleted. At most five commits of each are listed, without their files.
"""

from collections.abc import Sequence
from typing import Final, Literal, cast

from domain.git.change import Change
from domain.git.payloads.field import Field
from domain.git.payloads.shape import Shape, header_label

_KINDS: Final = {"branch": "branch", "tag": "tag"}


def _urls(body: Field) -> Sequence[Field]:
    return (body.at("repository", "links", "html", "href"),)


def _change(change: Field) -> Change:
    new, old = change.at("new"), change.at("old")
    reference = old if new.value is None and old.value is not None else new
    kind = _KINDS.get(reference.at("type").text(), "other")
    return Change(
        cast("Literal['branch', 'tag', 'other']", kind),
        reference.at("name").ref(),
        "" if reference is old else new.at("target", "hash").commit(),
        old.at("target", "hash").commit_if_any(),
    )


def _changes(body: Field) -> Sequence[Change]:
    return [_change(change) for change in body.at("push", "changes").items()]


BITBUCKET: Final = Shape(
    pushes=frozenset({"repo:push"}),
    label=header_label(b"x-event-key"),
    urls=_urls,
    changes=_changes,
)
