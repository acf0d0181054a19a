"""Folders of a repository: whether a push touches one of those that a repo's owner wants watched.

Whoever pushes chooses the files, and whoever applies a repo its folders, so their product is bounded. What
would take longer counts as touched: a look in vain harms nobody.
"""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Final

MOST_STEPS: Final = 1_000_000
"""What one answer may take, some 20 ms: ten for a file, one for each folder, a hundred if it has globs."""

MOST_CHARS: Final = 4096
"""Of a file's path: PATH_MAX of Linux. No checkout has a longer one."""

_FILE_STEPS: Final = 10
_GLOB_STEPS: Final = 100
_HERE: Final = ("", ".")
_ABOVE: Final = ".."


def touches(folders: Sequence[str], files: frozenset[str]) -> bool:
    """Whether one of the files is in one of the folders, or is it; in doubt it is.

    Args:
        folders: paths from the root. Each part may be a glob, as in Rancher Fleet's `paths`.
        files: paths from the root.
    """
    wanted = [tuple(part for part in folder.split("/") if part not in _HERE) for folder in folders]
    plain = tuple("/".join((*parts, "")) for parts in wanted if not _is_glob(parts))
    globs = [parts for parts in wanted if _is_glob(parts)]
    # What leads out of the repository and in again is nothing that we follow.
    if () in wanted or any(_ABOVE in parts for parts in wanted) or _is_much(len(plain), len(globs), files):
        return bool(files)
    if any(f"{file}/".startswith(plain) for file in files):
        return True
    return bool(globs) and any(_is_in_any(file.split("/"), globs) for file in files)


def _is_glob(parts: Sequence[str]) -> bool:
    return not {"*", "?", "["}.isdisjoint("".join(parts))


def _is_much(plain: int, globs: int, files: frozenset[str]) -> bool:
    steps = (_FILE_STEPS + plain + _GLOB_STEPS * globs) * len(files)
    return steps > MOST_STEPS or max(map(len, files), default=0) > MOST_CHARS


def _is_in_any(parts: Sequence[str], globs: Sequence[Sequence[str]]) -> bool:
    return any(len(parts) >= len(wanted) and all(map(fnmatchcase, parts, wanted)) for wanted in globs)
