"""Bitbucket Server and Data Center: all references of a push in one payload.

https://confluence.atlassian.com/bitbucketserver/event-payload-938025882.html#Eventpayload-Push. Newer
versions list five commits, without their files. A test of the connection (`diagnostics:ping`) names no
repository.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from domain.git.change import Change, change_of
from domain.git.payloads.field import Field
from domain.git.payloads.shape import Shape, header_label

MAX_CLONES: Final = 20
"""Ways to clone one repository; there are two, and a mirror or an add-on may add some."""

_WAYS: Final = ("http", "ssh")


def _urls(body: Field) -> Sequence[Field]:
    clones = body.at("repository", "links", "clone")
    ways = clones.items()
    if len(ways) > MAX_CLONES:
        raise clones.refused(f"has more than {MAX_CLONES} entries")
    found = [way.at("href") for way in ways if way.at("name").value in _WAYS]
    if not found:
        raise clones.refused("has no entry that is named http or ssh")
    return found


def _change(change: Field) -> Change:
    found = change_of(
        change.at("refId").ref(), change.at("toHash").commit(), change.at("fromHash").commit_if_any()
    )
    return replace(found, commit="") if change.at("type").value == "DELETE" else found


def _changes(body: Field) -> Sequence[Change]:
    return [_change(change) for change in body.at("changes").items()]


BITBUCKET_SERVER: Final = Shape(
    pushes=frozenset({"repo:refs_changed"}),
    label=header_label(b"x-event-key"),
    urls=_urls,
    changes=_changes,
)
