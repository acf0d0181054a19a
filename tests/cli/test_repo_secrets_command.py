"""`fleet secrets`: the real command line, the real control API, a real Redis."""

import pytest

from cli import repo_secrets
from tests.command_line import Fleet

SECRETS = """\
{kind: Secret, apiVersion: v1, metadata: {name: hook}, stringData: {github: canary, gitlab: canary}}
---
{kind: Secret, apiVersion: v1, metadata: {name: empty, namespace: infra}}
"""
EMPTY = "No Secrets yet; 'fleet apply -f FILE' brings those of Rancher Fleet's files.\n"


@pytest.fixture
def kept(fleet: Fleet) -> Fleet:
    assert fleet("apply", "-f", "-", stdin=SECRETS.encode()).code == 0
    return fleet


def test_the_list_has_types_and_names_of_keys_and_no_value(kept: Fleet) -> None:
    head, *rows = kept("secrets", "list").out.splitlines()
    assert head.split() == ["NAME", "TYPE", "KEYS"]
    assert [row.split() for row in rows] == [
        ["default/hook", "Opaque", "github,", "gitlab"],
        ["infra/empty", "Opaque", "-"],
    ]
    assert "canary" not in kept("secrets", "list", "--json").out
    assert [each["name"] for each in kept("secrets", "list", "-n", "infra", "--json").json["secrets"]] == [
        "infra/empty"
    ]


def test_one_that_cannot_be_read_stands_out() -> None:
    row = repo_secrets._row({"name": "a/b", "type": None, "keys": None})  # noqa: SLF001 - needs a lost key
    assert row == ("a/b", "UNREADABLE", "its sealing key is gone")


def test_without_one_it_says_how_to_get_one(fleet: Fleet) -> None:
    assert fleet("secrets", "list").out == EMPTY
    assert fleet("secrets", "list", "-n", "x").out.startswith("No Secrets in the namespace x yet; ")
    assert fleet("secrets", "list", "--json").json == {"secrets": []}


def test_a_deleted_secret_is_gone(kept: Fleet) -> None:
    assert kept("secrets", "delete", "hook", stdin=b"y\n").code == 2
    done = kept("secrets", "delete", "hook", "--yes")
    assert (done.code, done.out) == (0, "Secret default/hook is deleted.\n")
    assert kept("secrets", "delete", "infra/empty", "--yes", "--json").json == {"deleted": "infra/empty"}
    assert kept("secrets", "list").out == EMPTY


def test_a_name_alone_is_enough_when_it_is_the_only_one(kept: Fleet) -> None:
    again = SECRETS.replace("name: hook", "name: hook, namespace: infra")
    kept("apply", "-f", "-", stdin=again.encode())
    done = kept("secrets", "delete", "hook", "--yes")
    assert (done.code, done.err) == (
        *(1, "Several Secrets are called 'hook': default/hook, infra/hook. Say which.\n"),
    )
    assert kept("secrets", "delete", "empty", "--yes").out == "Secret infra/empty is deleted.\n"


@pytest.mark.parametrize("name", ["none", "infra/none", "/", "a/", "/b", "a/b/c", "..", "a b?c#d%2f"])
def test_what_is_unknown_is_refused_in_one_sentence(fleet: Fleet, name: str) -> None:
    done = fleet("secrets", "delete", name, "--yes")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("There is no Secret '")
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("command", ["list", "delete"])
def test_help_has_sentences_and_examples(fleet: Fleet, command: str) -> None:
    done = fleet("secrets", command, "--help")
    assert done.code == 0
    assert "Examples" in done.out
    assert "--json" in done.out
