"""The files that a push touched, as the hosts list them with each commit: only when the list is surely whole.

GitHub, Gogs, Gitea and GitLab list the files of every commit as `added`, `modified` and `removed`. Who must
know whether a folder was touched may believe them only when no commit and no file is left out: a branch that
existed before and still does, moved forward, with all its commits in the payload.

Two gaps cannot be seen in a payload. GitLab names a renamed file by its new path only, and GitLab, Gitea
and Gogs do not say when a push was forced, so what the dropped commits had touched is not listed. Polling
closes both.
"""

from collections.abc import Sequence
from typing import Final, cast

from domain.git.change import Change
from domain.git.payloads.field import Field

Paths = frozenset[str] | None
"""None: unknown."""

MAX_FILES: Final = 3000
"""GitHub lists at most so many of a commit (https://docs.github.com/en/webhooks/webhook-events-and-payloads#push)."""

MAX_COMMITS: Final = 2048
"""GitHub lists at most so many of a push (its page, above); no other host lists as many."""

_LISTS: Final = ("added", "modified", "removed")


def unknown(_: Field, __: Sequence[Change]) -> Paths:
    """The files touched, for a host that lists none."""
    return None


def is_step(changes: Sequence[Change]) -> bool:
    """Whether one branch went from one commit to another: only then do listed commits tell what changed."""
    match changes:
        case [Change("branch", _, commit, before)]:
            return bool(commit and before)
        case _:
            return False


def touched(commits: Field, *, total: object = None, most: int) -> Paths:
    """The files of the listed commits.

    Args:
        commits: the field with the list.
        total: how many commits the host says there are; anything but a number: it does not say.
        most: with so many and no total, some may have been left out.
    """
    listed = cast("list[object]", commits.value) if isinstance(commits.value, list) else []
    is_whole = len(listed) == total if type(total) is int else len(listed) < most
    if not is_whole or not 0 < len(listed) <= MAX_COMMITS:
        return None
    files = [_files(commit) for commit in listed]
    if None in files:
        return None
    # Commits that touch nothing at all are rarer than lists that somebody left empty.
    return frozenset(name for names in files for name in names or ()) or None


def _files(commit: object) -> list[str] | None:
    # Plainly, for there may be many commits.
    said = cast("dict[str, object]", commit) if isinstance(commit, dict) else {}
    lists = [said.get(name) for name in _LISTS]
    if not all(isinstance(names, list) for names in lists):
        return None
    names = [name for found in lists for name in cast("list[object]", found)]
    if len(names) >= MAX_FILES or not all(isinstance(name, str) for name in names):
        return None
    return cast("list[str]", names)
