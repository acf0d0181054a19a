"""What of a push concerns a repo: the filters of its description.

Whatever passes is a reason to look at the repository, and never more; so in doubt a push passes.
"""

from fnmatch import fnmatchcase
from typing import Final

from domain.git.change import Change
from domain.git.push import Push
from domain.git.repo import RepoSpec

_TAGS: Final = "refs/tags/"
_EVERYTHING: Final = ("", ".")


def concerns(spec: RepoSpec, push: Push) -> Change | None:
    """The change by which a push may have moved the head of a repo; None: it has not.

    With a revision only a push of that tag counts; with a branch, one of just that branch; with neither, one
    of the default branch. A deletion never does. Of several changes the last one counts.

    Args:
        spec: what the repo's owner wants watched.
        push: of the same repository.
    """
    found = next(
        (each for each in reversed(push.changes) if each.commit and _is_meant(spec, push, each)), None
    )
    return found if found is None or found.kind == "tag" or _touches(spec.paths, push.paths) else None


def _is_meant(spec: RepoSpec, push: Push, change: Change) -> bool:
    if spec.revision:
        return change.kind == "tag" and change.name == spec.revision.removeprefix(_TAGS)
    wanted = spec.branch or push.default_branch
    # Some hosts do not say which branch is the default one.
    return change.kind == "branch" and (wanted is None or change.name == wanted)


def _touches(folders: tuple[str, ...], files: frozenset[str] | None) -> bool:
    """Whether a file is in one of the folders. In doubt it is: the files may not be known."""
    return not folders or files is None or any(_is_in(file, folder) for folder in folders for file in files)


def _is_in(file: str, folder: str) -> bool:
    """Whether a file is in a folder, or is it. Each part of it may be a glob, as in Rancher Fleet's paths."""
    wanted = [part for part in folder.split("/") if part not in _EVERYTHING]
    parts = file.split("/")
    # What leads out of the repository and in again is nothing that we follow.
    if ".." in wanted:
        return True
    return len(parts) >= len(wanted) and all(map(fnmatchcase, parts, wanted))
