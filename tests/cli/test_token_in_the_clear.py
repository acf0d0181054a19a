"""No command sends the access token over plain http:// to another machine, unless it is told to."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from cli.client import ControlApi
from cli.main import app
from relay.connector.connector import Connector
from tests.command_line import Fleet, fleet_command

# They work on the server, with Redis, ask the gateway that they start, or nobody;
# the doctor says a refusal in a row. A new one has to be sorted.
LOCAL = {"demo", "up", "init", "settings", "senders", "doctor", "logout"} | {
    f"{group} {name}"
    for group, names in {
        "run": ("canary", "ingress", "worker", "sweeper", "relay"),
        "gateways": ("create", "limits", "list", "operator", "renew", "revoke"),
        "networks": ("forget", "list", "refresh", "show"),
        "senders": ("list", "show"),
        "vault": ("delete", "list", "passphrase", "set", "show"),
    }.items()
    for name in names
}
TOKEN = "fleet_canary"
SENTENCE = "use https://, or --insecure"
# What a command needs that is no single required option.
BESIDES = {
    "connect": ["app=http://127.0.0.1:1"],
    "webhooks update": ["--https-only"],
    "webhooks remove-secret": ["--all"],
    "events retry": ["--set-aside"],
    "trigger": ["github", "push", "--webhook", "ci"],
    "repos sync": ["infra/app"],
    "deliveries retry": ["--all"],
    "deliveries discard": ["--all"],
    "login": ["--token-stdin"],
}
WORDS = {
    "where": "3000",
    "targets": "app=http://127.0.0.1:1",
    "webhook": "github",
    "sender": "github",
    "files": "-",
}
# What stands in the file of a command that reads one, and as a secret where one is read.
STDIN = b"{kind: Secret, apiVersion: v1, metadata: {name: hook}}"
TYPED = {"login": TOKEN.encode()}


def _commands() -> Iterator[tuple[str, Any]]:
    root = get_command(app)
    assert isinstance(root, TyperGroup)
    for name, command in root.commands.items():
        if isinstance(command, TyperGroup):
            if command.invoke_without_command:
                yield name, command
            yield from ((f"{name} {below}", each) for below, each in command.commands.items())
        else:
            yield name, command


COMMANDS = dict(_commands())
REMOTE = sorted(COMMANDS.keys() - LOCAL)


def line(name: str) -> list[str]:
    """The command with everything that it needs."""
    words = name.split() + BESIDES.get(name, [])
    for parameter in COMMANDS[name].params:
        if parameter.required:
            value = WORDS.get(parameter.name, "thing")
            words += [value] if parameter.param_type_name == "argument" else [parameter.opts[0], value]
        if "--yes" in parameter.opts:
            words.append("--yes")
    return words


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Fleet:
    environ = {"FLEET_STATE_DIR": str(tmp_path), "FLEET_API_URL": "http://192.0.2.1", "FLEET_TOKEN": TOKEN}
    environ["FLEET_VAULT"] = "file"
    return fleet_command(monkeypatch, capsys, environ)


class Sent(Exception):  # noqa: N818 - it is no error here
    """Somebody was about to send something."""


@pytest.fixture(autouse=True)
def nothing_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(*_: object, **__: object) -> None:
        raise Sent

    monkeypatch.setattr(ControlApi, "ask", ask)
    monkeypatch.setattr(Connector, "run", ask)


def test_every_command_is_sorted() -> None:
    assert COMMANDS.keys() > LOCAL
    assert len(REMOTE) >= 14


@pytest.mark.parametrize("name", REMOTE)
def test_a_command_refuses_with_a_sentence(fleet: Fleet, name: str) -> None:
    done = fleet(*line(name), stdin=TYPED.get(name, STDIN))
    assert (done.code, done.out) == (1, "")
    assert SENTENCE in done.err
    assert TOKEN not in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("name", REMOTE)
def test_it_obeys_when_told_to(fleet: Fleet, name: str) -> None:
    with pytest.raises(Sent):
        fleet(*line(name), "--insecure", stdin=TYPED.get(name, STDIN))


@pytest.mark.parametrize("url", ["http://localhost:1", "http://127.0.0.1:1", "https://192.0.2.1"])
@pytest.mark.parametrize("name", REMOTE)
def test_this_machine_and_tls_are_fine(
    fleet: Fleet, name: str, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLEET_API_URL", url)
    with pytest.raises(Sent):
        fleet(*line(name), stdin=TYPED.get(name, STDIN))
