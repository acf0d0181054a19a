"""Which files a push touched: known only when the payload surely lists all of them."""

from collections.abc import Callable

import pytest

from domain.git.push import Push

KNOWN = {
    "github-push": {"charts/checkout/Chart.yaml", "charts/checkout/values.yaml", "charts/legacy/values.yaml"},
    "github-merge-of-fork": {"docs/labels.md"},
    "github-branch-with-slashes": {"i18n/größe.json"},
    "gogs-push": {"pools/gpu.yaml", "pools/index.yaml"},
    "gitea-push": {"deploy/gateway.yaml", "docs/ports.md"},
    "gitea-merge-of-fork": {"hello/wörld.txt"},
    "forgejo-alone-push": {"deploy/gateway.yaml"},
    "gitlab-push": {"apps/cart/fleet.yaml", "apps/basket/fleet.yaml"},
    "gitlab-merge-of-fork": {"apps/größe/fleet.yaml"},
}
UNKNOWN = [
    "github-new-branch",
    "github-force-push",
    "github-delete-branch",
    "github-annotated-tag",
    "gogs-five-commits",
    "gogs-tag",
    "gitea-many-commits",
    "gitea-delete-tag",
    "gitlab-many-commits",
    "gitlab-branch-with-slashes",
    "gitlab-annotated-tag",
    "gitlab-delete-branch",
    "bitbucket-push",
    "bitbucket-server-push",
    "azure-push",
]

Read = Callable[..., Push]


GAPS: dict[str, dict[str, object]] = {
    "no commits": {"commits": []},
    "null commits": {"commits": None},
    "commits left out": {"commits": ...},
    "commits of another kind": {"commits": {"0": "x"}},
    "a commit of another kind": {"commits.0": "x"},
    "a list left out": {"commits.0.removed": ...},
    "a null list": {"commits.0.added": None},
    "a list of another kind": {"commits.0.modified": "x"},
    "a name of another kind": {"commits.0.modified": [7]},
    "as many files as are listed at most": {"commits.0.modified": [f"f{number}" for number in range(3000)]},
}


@pytest.mark.parametrize("name", KNOWN)
def test_all_lists_of_all_commits_count(name: str, read: Read) -> None:
    assert read(name).paths == KNOWN[name]


@pytest.mark.parametrize("name", UNKNOWN)
def test_where_something_may_be_missing_nothing_is_known(name: str, read: Read) -> None:
    assert read(name).is_push
    assert read(name).paths is None


@pytest.mark.parametrize("gap", GAPS)
@pytest.mark.parametrize("name", ["github-push", "gogs-push", "gitea-push", "gitlab-push"])
def test_a_gap_makes_it_unknown(name: str, gap: str, read: Read) -> None:
    assert read(name).paths
    assert read(name, GAPS[gap]).paths is None


@pytest.mark.parametrize("name", ["github-push", "gogs-push", "gitea-push", "gitlab-push"])
@pytest.mark.parametrize(
    "change",
    [
        {"before": "0" * 40},
        {"before": None},
        {"after": "0" * 40},
        {"ref": "refs/tags/v1"},
        {"ref": "refs/notes/x"},
    ],
    ids=repr,
)
def test_only_a_branch_that_moved_forward_is_known(name: str, change: dict[str, object], read: Read) -> None:
    assert read(name, change).paths is None


def test_lists_that_are_all_empty_tell_nothing(read: Read) -> None:
    empty = {f"commits.0.{name}": [] for name in ("added", "modified", "removed")}
    assert read("gogs-push", empty).paths is None


@pytest.mark.parametrize(
    ("name", "total"), [("gitlab-push", "total_commits_count"), ("gitea-push", "total_commits")]
)
@pytest.mark.parametrize("number", [0, 1, 3, -1])
def test_a_total_that_differs_makes_it_unknown(name: str, total: str, number: int, read: Read) -> None:
    assert read(name, {total: number}).paths is None


COMMIT = {"added": [], "modified": ["a"], "removed": []}


@pytest.mark.parametrize(
    ("name", "most", "total"),
    [
        ("github-push", 2048, "total_commits"),
        ("gogs-push", 5, "total_commits"),
        ("gitea-push", 5, "total_commits"),
        ("gitlab-push", 20, "total_commits_count"),
    ],
)
@pytest.mark.parametrize("unsaid", [None, "7", True])
def test_without_a_total_a_full_list_may_be_cut(
    name: str, most: int, total: str, unsaid: object, read: Read
) -> None:
    assert read(name, {"commits": [COMMIT] * (most - 1), total: unsaid}).paths == {"a"}
    assert read(name, {"commits": [COMMIT] * most, total: unsaid}).paths is None


def test_a_total_vouches_for_a_longer_list(read: Read) -> None:
    assert read("gitea-push", {"commits": [COMMIT] * 9, "total_commits": 9}).paths == {"a"}


def test_more_commits_than_any_host_lists_are_not_looked_through(read: Read) -> None:
    for number, paths in ((2048, {"a"}), (2049, None)):
        assert read("gitea-push", {"commits": [COMMIT] * number, "total_commits": number}).paths == paths
