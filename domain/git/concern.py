"""What of a push concerns a repo: the filters of its description.

Whatever passes is a reason to look at the repository, and never more; so in doubt a push passes.
"""

from typing import Final

from domain.git.change import Change
from domain.git.folders import touches
from domain.git.push import Push
from domain.git.repo import RepoSpec

_TAGS: Final = "refs/tags/"


def concerns(spec: RepoSpec, push: Push, default_branch: str = "") -> Change | None:
    """The change by which a push may have moved the head of a repo; None: it has not.

    With a revision only a push of that tag counts; with a branch, one of just that branch; with neither, one
    of the default branch. A deletion never does. Of several changes the last one counts.

    Args:
        spec: what the repo's owner wants watched.
        push: of the same repository.
        default_branch: the one that its server named last; "" when it has named none.
    """
    wanted = spec.branch or push.default_branch or default_branch
    found = next(
        (each for each in reversed(push.changes) if each.commit and _is_meant(spec, wanted, each)), None
    )
    return found if found is None or found.kind == "tag" or _touches(spec.paths, push.paths) else None


def _is_meant(spec: RepoSpec, branch: str, change: Change) -> bool:
    if spec.revision:
        return change.kind == "tag" and change.name == spec.revision.removeprefix(_TAGS)
    # Nobody may have said yet which branch is the default one.
    return change.kind == "branch" and (not branch or change.name == branch)


def _touches(folders: tuple[str, ...], files: frozenset[str] | None) -> bool:
    # In doubt it does: the files may not be known.
    return not folders or files is None or touches(folders, files)
