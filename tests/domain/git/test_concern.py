"""Which change of a push concerns a repo."""

import pytest

from domain.git.change import Change
from domain.git.concern import concerns
from domain.git.provider import Provider
from domain.git.push import Push
from domain.git.repo import RepoSpec

URL = "https://git.example/o/r"
ONE, TWO = "1" * 40, "2" * 40


def push(*changes: Change, paths: frozenset[str] | None = None, default: str | None = "main") -> Push:
    return Push(
        Provider.GITHUB,
        "push",
        is_push=True,
        urls=(URL,),
        changes=changes,
        paths=paths,
        default_branch=default,
    )


def branch(name: str, commit: str = ONE) -> Change:
    return Change("branch", name, commit, "")


def tag(name: str, commit: str = ONE) -> Change:
    return Change("tag", name, commit, "")


def test_a_branch_has_to_be_just_that_branch() -> None:
    spec = RepoSpec(URL, branch="release/1")
    assert concerns(spec, push(branch("release/1"))) == branch("release/1")
    for other in ("release", "Release/1", "release/10", "1"):
        assert concerns(spec, push(branch(other))) is None
    assert concerns(spec, push(tag("release/1"))) is None


def test_without_a_branch_the_default_one_counts_and_in_doubt_any() -> None:
    spec = RepoSpec(URL)
    assert concerns(spec, push(branch("main"))) == branch("main")
    assert concerns(spec, push(branch("feature"))) is None
    assert concerns(spec, push(branch("feature"), default=None)) == branch("feature")
    assert concerns(spec, push(branch("feature"), default=None), "main") is None
    assert concerns(spec, push(branch("main"), default=None), "main") == branch("main")
    assert concerns(spec, push(branch("main")), "master") == branch("main")
    assert concerns(spec, push(tag("v1"), default=None)) is None


@pytest.mark.parametrize("revision", ["v1", "refs/tags/v1"])
def test_with_a_revision_only_its_tag_counts(revision: str) -> None:
    spec = RepoSpec(URL, branch="main", revision=revision, paths=("charts",))
    assert concerns(spec, push(tag("v1"), paths=frozenset({"README"}))) == tag("v1")
    assert concerns(spec, push(tag("v10"))) is None
    assert concerns(spec, push(branch("main"))) is None
    assert concerns(spec, push(branch("v1"))) is None


def test_a_deletion_never_counts_and_of_several_changes_the_last_one() -> None:
    spec = RepoSpec(URL, branch="main")
    assert concerns(spec, push(branch("main", ""))) is None
    assert concerns(spec, push(branch("main"), branch("main", TWO))) == branch("main", TWO)
    assert concerns(spec, push(branch("main"), branch("main", ""))) == branch("main")
    assert concerns(spec, push()) is None
    assert concerns(RepoSpec(URL), push(Change("other", "main", ONE, ""), default=None)) is None


@pytest.mark.parametrize(
    ("folder", "file", "is_touched"),
    [
        ("charts", "charts/a/values.yaml", True),
        ("./charts/", "charts/a", True),
        ("/charts", "charts/a", True),
        ("charts", "charts", True),
        ("charts", "charts2/a", False),
        ("charts/a", "charts", False),
        ("charts", "other/charts/a", False),
        ("charts/*", "charts/a/b", True),
        ("charts/*/dev", "charts/a/prod/x", False),
        ("Charts", "charts/a", False),
        (".", "anything", True),
        ("", "anything", True),
        ("/", "anything", True),
        ("a/../b", "anything", True),
        ("[", "a", False),
    ],
)
def test_a_push_has_to_touch_a_folder(folder: str, file: str, *, is_touched: bool) -> None:
    spec = RepoSpec(URL, branch="main", paths=("never/there", folder))
    found = concerns(spec, push(branch("main"), paths=frozenset({file, "x/y"})))
    assert (found is not None) is is_touched


def test_when_the_files_are_not_known_it_counts() -> None:
    spec = RepoSpec(URL, branch="main", paths=("charts",))
    assert concerns(spec, push(branch("main"), paths=None)) is not None
    assert concerns(spec, push(branch("main"), paths=frozenset())) is None
