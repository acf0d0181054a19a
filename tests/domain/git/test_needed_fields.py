"""Fields of a push that we need: whoever leaves one out, or puts something else there, is told which."""

from collections.abc import Callable

import pytest

from domain.errors import InvalidInputError
from domain.git.push import Push

Read = Callable[..., Push]

HUB = ["github-push", "gogs-push", "gitea-alone-push"]

# Of the fields in one row one is enough; without all of them the last column is named.
NEEDED = [
    *((name, ["repository.html_url", "repository.ssh_url"], "repository.html_url") for name in HUB),
    *((name, ["repository"], "repository.html_url") for name in HUB),
    *((name, ["ref"], "ref") for name in HUB),
    *((name, ["after"], "after") for name in HUB),
    ("gitlab-push", ["project.web_url", "project.git_ssh_url"], "project.web_url"),
    ("gitlab-push", ["ref"], "ref"),
    ("gitlab-push", ["checkout_sha", "after"], "checkout_sha"),
    ("bitbucket-push", ["repository.links.html.href"], "repository.links.html.href"),
    ("bitbucket-push", ["push"], "push.changes"),
    ("bitbucket-push", ["push.changes"], "push.changes"),
    ("bitbucket-push", ["push.changes.0.new.type"], "push.changes[0].new.type"),
    ("bitbucket-push", ["push.changes.0.new.name"], "push.changes[0].new.name"),
    ("bitbucket-push", ["push.changes.0.new.target"], "push.changes[0].new.target.hash"),
    ("bitbucket-push", ["push.changes.0.new", "push.changes.0.old"], "push.changes[0].new.type"),
    ("bitbucket-delete-tag", ["push.changes.0.old.name"], "push.changes[0].old.name"),
    ("bitbucket-server-push", ["repository.links"], "repository.links.clone"),
    (
        "bitbucket-server-push",
        ["repository.links.clone.0.href", "repository.links.clone.1.href"],
        "repository.links.clone[0].href",
    ),
    ("bitbucket-server-push", ["changes"], "changes"),
    ("bitbucket-server-push", ["changes.0.refId"], "changes[0].refId"),
    ("bitbucket-server-push", ["changes.0.toHash"], "changes[0].toHash"),
    ("azure-push", ["eventType"], "eventType"),
    ("azure-push", ["resource"], "resource.repository.remoteUrl"),
    ("azure-push", ["resource.repository.remoteUrl"], "resource.repository.remoteUrl"),
    ("azure-push", ["resource.refUpdates"], "resource.refUpdates"),
    ("azure-push", ["resource.refUpdates.0.name"], "resource.refUpdates[0].name"),
    ("azure-push", ["resource.refUpdates.0.newObjectId"], "resource.refUpdates[0].newObjectId"),
]
COMMITS = [
    *((name, field) for name in HUB for field in ("after", "before")),
    *(("gitlab-push", field) for field in ("checkout_sha", "after", "before")),
    ("bitbucket-push", "push.changes.0.new.target.hash"),
    ("bitbucket-push", "push.changes.0.old.target.hash"),
    ("bitbucket-server-push", "changes.0.toHash"),
    ("bitbucket-server-push", "changes.0.fromHash"),
    ("azure-push", "resource.refUpdates.0.newObjectId"),
    ("azure-push", "resource.refUpdates.0.oldObjectId"),
]
REFERENCES = [
    *((name, "ref") for name in [*HUB, "gitlab-push"]),
    ("bitbucket-push", "push.changes.0.new.name"),
    ("bitbucket-server-push", "changes.0.refId"),
    ("azure-push", "resource.refUpdates.0.name"),
]
URLS = [
    *((name, f"repository.{field}") for name in HUB for field in ("html_url", "ssh_url")),
    ("gitlab-push", "project.web_url"),
    ("gitlab-push", "project.git_ssh_url"),
    ("bitbucket-push", "repository.links.html.href"),
    ("bitbucket-server-push", "repository.links.clone.0.href"),
    ("bitbucket-server-push", "repository.links.clone.1.href"),
    ("azure-push", "resource.repository.remoteUrl"),
]
LISTS = [
    ("bitbucket-push", "push.changes"),
    ("bitbucket-server-push", "changes"),
    ("bitbucket-server-push", "repository.links.clone"),
    ("azure-push", "resource.refUpdates"),
]
OF_ANOTHER_KIND = [7, True, {}, ["a" * 40]]
NO_COMMITS = ["main", "0" * 39, "0" * 41, "g" * 40, "a" * 50, "a" * 40 + "\n", " " + "a" * 40, "\uff41" * 40]
NO_REFERENCES = [
    *("refs/heads/" + "x" * 1024, "refs/heads/a\nb", "refs/heads/a\x00", "refs/heads/a b"),
    *("refs/heads/\ud800", "refs/heads/", "refs/tags/"),
]
NAMELESS = [
    "https://.*/x",
    "https://h/\x00",
    "x" * 100_000,
    "file:///etc/passwd",
    "https://h/\ud800",
    "http://[::",
]


def named(path: str) -> str:
    """As a sentence names it: `changes[0].refId`."""
    return "".join(f"[{name}]" if name.isdigit() else f".{name}" for name in path.split("."))[1:]


def refusal(read: Read, name: str, changes: dict[str, object]) -> InvalidInputError:
    with pytest.raises(InvalidInputError) as refused:
        read(name, changes)
    assert refused.value.field in str(refused.value)
    assert str(refused.value).endswith(" in this payload.")
    return refused.value


@pytest.mark.parametrize("nothing", [..., None], ids=["left out", "null"])
@pytest.mark.parametrize(("name", "paths", "field"), NEEDED)
def test_a_needed_field_that_is_missing_is_named(
    name: str, paths: list[str], field: str, nothing: object, read: Read
) -> None:
    error = refusal(read, name, dict.fromkeys(paths, nothing))
    assert (error.field, str(error)) == (field, f"{field} is missing in this payload.")


@pytest.mark.parametrize("value", OF_ANOTHER_KIND, ids=repr)
@pytest.mark.parametrize(("name", "path"), [*COMMITS, *REFERENCES, *URLS])
def test_something_else_in_its_place_is_refused(name: str, path: str, value: object, read: Read) -> None:
    assert refusal(read, name, {path: value}).field == named(path)


@pytest.mark.parametrize("value", [7, "", "x", {"0": {}}], ids=repr)
@pytest.mark.parametrize(("name", "path"), LISTS)
def test_a_list_must_be_one(name: str, path: str, value: object, read: Read) -> None:
    assert refusal(read, name, {path: value}).field == named(path)


@pytest.mark.parametrize("entry", [None, 7, "x", []], ids=repr)
@pytest.mark.parametrize(("name", "path"), LISTS)
def test_an_entry_of_another_kind_lacks_what_we_need(name: str, path: str, entry: object, read: Read) -> None:
    assert refusal(read, name, {path: [entry]}).field.startswith(named(path))


@pytest.mark.parametrize("value", NO_COMMITS, ids=repr)
@pytest.mark.parametrize(("name", "path"), COMMITS)
def test_a_commit_must_look_like_one(name: str, path: str, value: str, read: Read) -> None:
    error = refusal(read, name, {path: value})
    assert error.field == named(path)
    assert value not in str(error)


@pytest.mark.parametrize("value", NO_REFERENCES, ids=[repr(value[:20]) for value in NO_REFERENCES])
@pytest.mark.parametrize(("name", "path"), REFERENCES)
def test_a_reference_must_be_one_that_git_takes(name: str, path: str, value: str, read: Read) -> None:
    error = refusal(read, name, {path: value})
    assert error.field == named(path)
    assert value not in str(error)


@pytest.mark.parametrize("url", NAMELESS, ids=[repr(url[:20]) for url in NAMELESS])
@pytest.mark.parametrize(("name", "path"), URLS)
def test_a_url_that_can_name_nothing_is_left_out(name: str, path: str, url: str, read: Read) -> None:
    whole, rest = read(name), read(name, {path: url})
    assert len(rest.urls) == len(whole.urls) - 1
    assert set(rest.urls) < set(whole.urls)
    assert rest.changes == whole.changes


@pytest.mark.parametrize("name", [*HUB, "gitlab-push", "bitbucket-server-push"])
def test_a_url_that_is_there_twice_is_one(name: str, read: Read) -> None:
    twice = {path: "https://h/o/r" for of, path in URLS if of == name}
    assert read(name, twice).urls == ("https://h/o/r",)


def test_of_the_ways_to_clone_only_http_and_ssh_count(read: Read) -> None:
    ways = [{"name": name, "href": f"https://h/{name}/r"} for name in ("http", "ssh", "scm", None)]
    push = read("bitbucket-server-push", {"repository.links.clone": ways})
    assert push.urls == ("https://h/http/r", "https://h/ssh/r")
    error = refusal(read, "bitbucket-server-push", {"repository.links.clone": ways[2:]})
    assert error.field == "repository.links.clone"


def test_a_repository_has_a_bounded_number_of_urls(read: Read) -> None:
    ways = [{"name": "http", "href": f"https://h/o/{number}"} for number in range(21)]
    assert len(read("bitbucket-server-push", {"repository.links.clone": ways[:20]}).urls) == 20
    error = refusal(read, "bitbucket-server-push", {"repository.links.clone": ways})
    assert (error.field, "more than 20" in str(error)) == ("repository.links.clone", True)


@pytest.mark.parametrize(
    ("name", "path", "entry"),
    [
        (
            "bitbucket-push",
            "push.changes",
            {"new": {"type": "branch", "name": "b", "target": {"hash": "a" * 40}}, "old": None},
        ),
        ("bitbucket-server-push", "changes", {"refId": "refs/heads/b", "toHash": "a" * 40}),
        ("azure-push", "resource.refUpdates", {"name": "refs/heads/b", "newObjectId": "a" * 40}),
    ],
)
def test_a_push_has_a_bounded_number_of_changes(name: str, path: str, entry: object, read: Read) -> None:
    assert len(read(name, {path: [entry] * 4000}).changes) == 4000
    error = refusal(read, name, {path: [entry] * 4001})
    assert (error.field, "more than 4000" in str(error)) == (named(path), True)
