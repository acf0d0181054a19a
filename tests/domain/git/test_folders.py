"""Whether a push touches a folder, whatever there is of folders and files; and that it takes no time."""

from fnmatch import fnmatchcase

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.git.folders import MOST_CHARS, MOST_STEPS, touches

PARTS = st.text("ab.*?[]", min_size=1, max_size=3)
PATHS = st.lists(PARTS, min_size=1, max_size=4).map("/".join)
FILES = st.lists(st.text("ab.", min_size=1, max_size=3), min_size=1, max_size=4).map("/".join)


def is_in(file: str, folder: str) -> bool:
    """The rule, part by part."""
    wanted = [part for part in folder.split("/") if part not in {"", "."}]
    parts = file.split("/")
    return ".." in wanted or (len(parts) >= len(wanted) and all(map(fnmatchcase, parts, wanted)))


@given(st.lists(PATHS, min_size=1, max_size=4), st.frozensets(FILES, max_size=4))
@example(["a/b"], frozenset({"a/bb"}))
@example(["a"], frozenset({"a"}))
@example([".."], frozenset({"a"}))
@example(["./"], frozenset())
def test_it_is_the_rule_for_every_folder_and_file(folders: list[str], files: frozenset[str]) -> None:
    assert touches(folders, files) is any(is_in(file, folder) for folder in folders for file in files)


@pytest.mark.parametrize(("folder", "steps"), [("never", 1), ("nev*", 100)])
def test_what_would_take_long_counts_as_touched(folder: str, steps: int) -> None:
    most = MOST_STEPS // (10 + 10 * steps)
    files = frozenset(map(str, range(most)))
    assert not touches([folder] * 10, files)
    assert touches([folder] * 10, files | {"one more"})


def test_a_path_that_no_checkout_has_counts_as_touched() -> None:
    assert not touches(["never"], frozenset({"a" * MOST_CHARS}))
    assert touches(["never"], frozenset({"a" * (MOST_CHARS + 1)}))
