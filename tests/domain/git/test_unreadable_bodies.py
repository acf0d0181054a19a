"""Bodies that hold no payload, forms, events that are no pushes, and whatever else somebody may send."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInputError
from domain.event import Request
from domain.git.payloads import SHAPES
from domain.git.payloads.field import MAX_ITEMS
from domain.git.provider import Provider
from domain.git.push import Push, read_push

MIB = 1024 * 1024
FORM = (b"content-type", b"application/x-www-form-urlencoded")
HEADERS = {
    Provider.GITHUB: (b"x-github-event", b"push"),
    Provider.GOGS: (b"x-gogs-event", b"push"),
    Provider.GITEA: (b"x-gitea-event", b"push"),
    Provider.GITLAB: (b"x-gitlab-event", b"Push Hook"),
    Provider.BITBUCKET: (b"x-event-key", b"repo:push"),
    Provider.BITBUCKET_SERVER: (b"x-event-key", b"repo:refs_changed"),
    Provider.AZURE: (b"x-vss-activityid", b"x"),
}
BODIES = [
    *(b"", b"  \r\n", b"{", b"[]", b"null", b'"x"', b"7", b"\xff\xfe{}", b"{'a': 1}", b'{"a": "\xff"}'),
    *(b"[" * 100_000, b'{"a":' * 100_000, b"9" * 5000, b'{"a": ' + b"9" * 5000 + b"}"),
]
FORMS = [
    (b"", "body"),
    (b"x=1", "payload"),
    (b"payload=%7B%7D&payload=%7B%7D", "payload"),
    (b"payload=", "body"),
    (b"payload=%5B%5D", "body"),
    (b"payload=" + b"%5B" * 80_000, "body"),
    (b"payload=%FF", "body"),
    (b"payload=" + b"%41" * 349_000, "body"),
    (b"&a=1" * 2000, "body"),
    (b"payload=%7B%7D", "repository.html_url"),
]


def request_with(provider: Provider, body: bytes, *more: tuple[bytes, bytes]) -> Request:
    return Request("POST", b"", b"", (HEADERS[provider], *more), body)


def refused_field(provider: Provider, request: Request) -> str:
    with pytest.raises(InvalidInputError) as refused:
        read_push(provider, request)
    assert str(refused.value).endswith(".")
    return refused.value.field


@pytest.mark.parametrize("event", [None, b"another"], ids=["push", "another event"])
@pytest.mark.parametrize("body", BODIES, ids=[repr(body[:20]) for body in BODIES])
@pytest.mark.parametrize("provider", Provider)
def test_what_is_no_json_object_is_refused(provider: Provider, body: bytes, event: bytes | None) -> None:
    name, push = HEADERS[provider]
    assert refused_field(provider, Request("POST", b"", b"", ((name, event or push),), body)) == "body"


@pytest.mark.parametrize(("form", "field"), FORMS, ids=[repr(form[:40]) for form, _ in FORMS])
def test_a_form_without_a_payload_is_refused(form: bytes, field: str) -> None:
    assert refused_field(Provider.GITHUB, request_with(Provider.GITHUB, form, FORM)) == field


def test_a_form_that_is_too_large_says_what_to_do() -> None:
    request = request_with(Provider.GITHUB, b"payload=" + b"x" * 256 * 1024, FORM)
    with pytest.raises(InvalidInputError, match="choose application/json"):
        read_push(Provider.GITHUB, request)


@pytest.mark.parametrize("provider", sorted(set(Provider) - {Provider.GITHUB, Provider.GOGS, Provider.GITEA}))
def test_who_sends_no_forms_is_not_read_from_one(provider: Provider) -> None:
    form = b"payload=" + quote('{"eventType": "git.push"}').encode()
    assert refused_field(provider, request_with(provider, form, FORM)) == "body"


@pytest.mark.parametrize("provider", Provider)
def test_another_event_needs_no_field(provider: Provider) -> None:
    body = b'{"eventType": "another", "repository": 7, "project": [], "resource": null}'
    request = Request("POST", b"", b"", ((HEADERS[provider][0], b"another"),), body)
    assert read_push(provider, request) == Push(provider, "another", is_push=False, urls=())


@pytest.mark.parametrize("provider", sorted(set(Provider) - {Provider.AZURE}))
def test_an_event_without_a_label_is_no_push(provider: Provider) -> None:
    assert not read_push(provider, Request("POST", b"", b"", (), b"{}")).is_push


def test_a_label_is_cut_and_printable() -> None:
    header = (b"x-github-event", b"a\x1b[31m\xff" + b"x" * 1000)
    event = read_push(Provider.GITHUB, Request("POST", b"", b"", (header,), b"{}")).event
    assert event.isprintable()
    assert len(event) < 101


@pytest.mark.parametrize(
    "value", [..., None, 7, "", "refs/heads/", "x" * 2000, "a\nb", [], "\ud800"], ids=repr
)
@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("azure-push", "resource.repository.defaultBranch"),
        ("gitlab-push", "project.default_branch"),
        ("github-push", "repository.default_branch"),
    ],
)
def test_a_default_branch_that_is_none_is_unknown(
    name: str, path: str, value: object, read: Callable[..., Push]
) -> None:
    assert read(name).default_branch == "main"
    assert read(name, {path: value}).default_branch is None


LEAVES = ["refs/heads/main", "a" * 40, "0" * 40, "https://h/o/r", "branch", "http", "git.push", "\ud800"]
NAMES = [
    *("repository", "project", "resource", "push", "changes", "new", "old", "target", "hash", "type", "name"),
    *(
        "links",
        "clone",
        "html",
        "href",
        "ref",
        "after",
        "before",
        "checkout_sha",
        "refId",
        "toHash",
        "fromHash",
    ),
    *("refUpdates", "newObjectId", "eventType", "remoteUrl", "html_url", "web_url", "commits", "added"),
    *("modified", "removed", "defaultBranch", "default_branch", "total_commits"),
]
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.sampled_from(LEAVES)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(NAMES), inner, max_size=6)
    ),
    max_leaves=30,
)
providers = st.sampled_from(list(Provider))


@given(providers, JSON)
def test_any_json_is_read_or_refused(provider: Provider, body: object) -> None:
    with suppress(InvalidInputError):
        push = read_push(provider, request_with(provider, json.dumps(body).encode()))
        assert push.is_push == (push.event in SHAPES[provider].pushes)


@given(providers, st.binary(max_size=200), st.booleans())
def test_any_bytes_are_read_or_refused(provider: Provider, body: bytes, is_form: bool) -> None:  # noqa: FBT001 - drawn
    with suppress(InvalidInputError):
        read_push(provider, request_with(provider, body, *([FORM] if is_form else [])))


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("azure-several-refs", "resource.refUpdates"),
        ("bitbucket-server-several-refs", "changes"),
        ("bitbucket-several-refs", "push.changes"),
        ("github-push", "commits"),
        ("gitlab-push", "commits"),
    ],
)
def test_the_largest_pushes_take_little_time(
    name: str, path: str, document: Callable[[str], dict[str, Any]], read: Callable[..., Push]
) -> None:
    entries: Any = document(name)["body"]
    for key in path.split("."):
        entries = entries[key]
    many = (entries * (MIB // len(json.dumps(entries))))[:MAX_ITEMS]
    began = time.process_time()
    read(name, {path: many})
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "body", [b"[" * MIB, b'{"repository":' * 70_000, b'{"a":[' + b"[]," * 300_000 + b"[]]}"]
)
def test_the_deepest_and_widest_bodies_take_little_time(body: bytes) -> None:
    began = time.process_time()
    refused_field(Provider.GITHUB, request_with(Provider.GITHUB, body))
    assert time.process_time() - began < 2
