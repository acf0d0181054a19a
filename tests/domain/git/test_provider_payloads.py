"""What each provider's payloads say, deletions, tags, several references and merges of forks included."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from domain.event import Request
from domain.git.change import Change
from domain.git.provider import Provider
from domain.git.push import Push, read_push

Read = Callable[..., Push]

GITHUB = ("https://github.com/acme/storefront", "git@github.com:acme/storefront.git")
GOGS = ("https://gogs.acme.example/infra/clusters", "ssh://git@gogs.acme.example:2222/infra/clusters.git")
GITEA = ("https://git.acme.example/platform/gateway", "git@git.acme.example:platform/gateway.git")
GITLAB = (
    "https://gitlab.acme.example/platform/shop/storefront",
    "git@gitlab.acme.example:platform/shop/storefront.git",
)
BITBUCKET = ("https://bitbucket.org/acme-team/billing",)
SERVER = (
    "ssh://git@bitbucket-ssh.acme.example:7999/pay/ledger.git",
    "https://bitbucket.acme.example/scm/pay/ledger.git",
)
AZURE = ("https://dev.azure.com/acme-retail/Point%20of%20Sale/_git/Till",)
AZURE_OLD = ("https://acme-retail.visualstudio.com/DefaultCollection/_git/Till",)

# The URLs, the default branch, and each change: its kind, its name, the commit's first digits, those before.
PUSHES: dict[str, tuple[tuple[str, ...], str | None, list[tuple[str, str, str, str]]]] = {
    "github-push": (GITHUB, "main", [("branch", "main", "8457785", "7e2bbea")]),
    "github-merge-of-fork": (GITHUB, "main", [("branch", "main", "19f2777", "8457785")]),
    "github-branch-with-slashes": (
        GITHUB,
        "main",
        [("branch", "release/2026/größe-日本", "e125bec", "8457785")],
    ),
    "github-new-branch": (GITHUB, "main", [("branch", "feature/search", "8457785", "")]),
    "github-force-push": (GITHUB, "main", [("branch", "main", "c877b0f", "8457785")]),
    "github-delete-branch": (GITHUB, "main", [("branch", "feature/search", "", "8457785")]),
    "github-annotated-tag": (GITHUB, "main", [("tag", "v1.4.0", "6dc0619", "")]),
    "gogs-push": (GOGS, "master", [("branch", "develop", "9415354", "ddcbc57")]),
    "gogs-five-commits": (GOGS, "master", [("branch", "master", "803c213", "9415354")]),
    "gogs-tag": (GOGS, "master", [("tag", "2026.3", "9415354", "")]),
    "gitea-push": (GITEA, "main", [("branch", "main", "bebddce", "3ec972b")]),
    "gitea-many-commits": (GITEA, "main", [("branch", "main", "f69eafe", "bebddce")]),
    "gitea-merge-of-fork": (GITEA, "main", [("branch", "main", "1af0695", "f69eafe")]),
    "gitea-delete-tag": (GITEA, "main", [("tag", "v0.9", "", "bebddce")]),
    "gitea-alone-push": (GITEA, "main", [("branch", "fix/port", "bebddce", "")]),
    "forgejo-alone-push": (GITEA, "main", [("branch", "main", "c2a4f4f", "bce7a06")]),
    "gitlab-push": (GITLAB, "main", [("branch", "main", "d2d75d0", "3efff8d")]),
    "gitlab-many-commits": (GITLAB, "main", [("branch", "main", "38a2804", "d2d75d0")]),
    "gitlab-merge-of-fork": (GITLAB, "main", [("branch", "main", "e9bd24c", "38a2804")]),
    "gitlab-branch-with-slashes": (GITLAB, "main", [("branch", "новая/ветка", "d2d75d0", "")]),
    "gitlab-delete-branch": (GITLAB, "main", [("branch", "feature/old", "", "c230131")]),
    "gitlab-annotated-tag": (GITLAB, "main", [("tag", "v1.0.0", "d2d75d0", "")]),
    "gitlab-delete-tag": (GITLAB, "main", [("tag", "v0.1.0", "", "3e65f01")]),
    "bitbucket-push": (BITBUCKET, None, [("branch", "main", "e629ab0", "5cdaf05")]),
    "bitbucket-several-refs": (
        BITBUCKET,
        None,
        [
            ("branch", "release/2026/März", "0633961", "e629ab0"),
            ("tag", "v2.0", "0633961", ""),
            ("branch", "hotfix/tax", "", "5cdaf05"),
        ],
    ),
    "bitbucket-delete-tag": (BITBUCKET, None, [("tag", "v0.1", "", "5cdaf05")]),
    "bitbucket-no-changes": (BITBUCKET, None, []),
    "bitbucket-server-push": (SERVER, None, [("branch", "master", "75dd6d1", "a84062a")]),
    "bitbucket-server-several-refs": (
        SERVER,
        None,
        [
            ("branch", "feature/año-nuevo", "b8ab6e9", ""),
            ("tag", "v3", "b8ab6e9", ""),
            ("branch", "feature/wip", "", "75dd6d1"),
            ("other", "refs/notes/commits", "3f9b07a", "a84062a"),
        ],
    ),
    "bitbucket-server-no-changes": (SERVER, None, []),
    "azure-push": (AZURE, "main", [("branch", "main", "c0c2486", "8d5c036")]),
    "azure-several-refs": (
        AZURE,
        "main",
        [
            ("branch", "releases/été", "c0c2486", ""),
            ("tag", "v7", "14c2832", ""),
            ("branch", "old", "", "8d5c036"),
        ],
    ),
    "azure-no-updates": (AZURE, "main", []),
    "azure-old-address": (AZURE_OLD, "main", [("branch", "main", "c0c2486", "8d5c036")]),
}

# What is no push: its label and the URLs, by which the repos are found that must authenticate it.
OTHERS = {
    "github-ping": ("ping", GITHUB),
    "github-create": ("create", GITHUB),
    "gogs-delete": ("delete", GOGS),
    "gitea-create": ("create", GITEA),
    "gitlab-system-hook": ("System Hook", GITLAB),
    "gitlab-merge-request": ("Merge Request Hook", GITLAB),
    "bitbucket-fork": ("repo:fork", BITBUCKET),
    "bitbucket-server-ping": ("diagnostics:ping", ()),
    "bitbucket-server-mirror": ("mirror:repo_synchronized", SERVER),
    "azure-pull-request": ("git.pullrequest.created", AZURE),
}

LABELS = {
    Provider.GITHUB: {"push"},
    Provider.GOGS: {"push"},
    Provider.GITEA: {"push"},
    Provider.GITLAB: {"Push Hook", "Tag Push Hook"},
    Provider.BITBUCKET: {"repo:push"},
    Provider.BITBUCKET_SERVER: {"repo:refs_changed"},
    Provider.AZURE: {"git.push"},
}


def strings_in(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from strings_in(item)
    elif isinstance(value, str):
        yield value


def abbreviated(change: Change) -> tuple[str, str, str, str]:
    return change.kind, change.name, change.commit[:7], change.before[:7]


def test_every_payload_here_is_read_by_a_test() -> None:
    files = {path.stem for path in (Path(__file__).parent / "payloads").glob("*.json")}
    assert files == set(PUSHES) | set(OTHERS)


@pytest.mark.parametrize("name", PUSHES)
def test_a_push_says_what_was_pushed_where(
    name: str, read: Read, document: Callable[[str], dict[str, Any]]
) -> None:
    urls, default_branch, changes = PUSHES[name]
    push = read(name)
    assert push.is_push
    assert push.event in LABELS[push.provider]
    assert push.urls == urls
    assert [abbreviated(change) for change in push.changes] == changes
    assert push.default_branch == default_branch
    commits = {commit for change in push.changes for commit in (change.commit, change.before)} - {""}
    assert commits <= set(strings_in(document(name)["body"]))


@pytest.mark.parametrize("name", OTHERS)
def test_another_event_says_only_whose_it_is(name: str, read: Read) -> None:
    label, urls = OTHERS[name]
    push = read(name)
    assert push == Push(push.provider, label, is_push=False, urls=urls)


@pytest.mark.parametrize(
    ("name", "provider"),
    [
        ("github-push", Provider.GITHUB),
        ("gogs-push", Provider.GOGS),
        ("gitea-push", Provider.GOGS),
        ("gitea-alone-push", Provider.GITEA),
    ],
)
def test_a_form_says_the_same_as_its_json(
    name: str, provider: Provider, read: Read, request_of: Callable[[str], Request]
) -> None:
    request = request_of(name)
    kept = tuple(header for header in request.headers if header[0] != b"content-type")
    headers = ((b"content-type", b"application/x-www-form-urlencoded"), *kept)
    form = urlencode({"payload": request.body.decode()}).encode()
    assert read_push(provider, Request("POST", b"", b"", headers, form)) == read(name)
    # `curl -d` declares a form where there is none.
    assert read_push(provider, Request("POST", b"", b"", headers, request.body)) == read(name)


def test_commits_are_written_small_and_may_be_sha256(read: Read) -> None:
    found = read("github-push", {"after": "AB" * 32, "before": "0" * 64}).changes
    assert found == (Change("branch", "main", "ab" * 32, ""),)


def test_gitlab_may_name_no_commit_of_a_tag(read: Read) -> None:
    tag = {"checkout_sha": None, "after": "b" * 40}
    assert read("gitlab-annotated-tag", tag).changes == (Change("tag", "v1.0.0", "b" * 40, ""),)


@pytest.mark.parametrize(
    ("name", "gone"),
    [
        ("gitlab-push", {"after": "0" * 40}),
        ("gitlab-push", {"after": ..., "checkout_sha": "0" * 40}),
        ("bitbucket-push", {"push.changes.0.new.target.hash": "0" * 40}),
        ("bitbucket-server-push", {"changes.0.type": "DELETE"}),
        ("bitbucket-server-push", {"changes.0.toHash": "0" * 64}),
        ("azure-push", {"resource.refUpdates.0.newObjectId": "0" * 40}),
    ],
)
def test_a_deletion_never_has_a_commit(name: str, gone: dict[str, object], read: Read) -> None:
    assert [change.commit for change in read(name, gone).changes] == [""]


@pytest.mark.parametrize("kind", ["bookmark", "named_branch", "annotated_tag"])
def test_a_reference_of_bitbucket_that_git_has_not_is_another(kind: str, read: Read) -> None:
    assert read("bitbucket-push", {"push.changes.0.new.type": kind}).changes[0].kind == "other"


@pytest.mark.parametrize("empty", ["", None])
def test_a_host_without_ssh_has_one_url(empty: str | None, read: Read) -> None:
    assert read("gitea-push", {"repository.ssh_url": empty}).urls == GITEA[:1]
