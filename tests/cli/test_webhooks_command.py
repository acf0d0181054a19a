"""`fleet webhooks`: the real command line, the real control API, a real Redis."""

import re
from pathlib import Path

import pytest

from cli import webhook_words as words
from store import webhooks
from store.connect import SyncStore
from store.sealing import Sealer
from store.tokens import hashed
from tests.command_line import Fleet, fleet_command
from tests.owner_door import RING, new_gateway
from tests.terminal import on_a_terminal
from tests.vaults import secrets_in

SECRETS = ("set-secret", "rotate-secret", "remove-secret", "reveal-secret")
UNKNOWN_TO = [
    *("show", "delete", "pause", "resume", "update --any-scheme"),
    *("set-secret", "rotate-secret", "reveal-secret", "remove-secret --all --yes"),
]


@pytest.fixture
def environ(address: str, redis_url: str, tmp_path: Path) -> dict[str, str]:
    return {
        "FLEET_API_URL": f"http://{address}",
        "FLEET_TOKEN": new_gateway(redis_url, "home")[1],
        "FLEET_STATE_DIR": str(tmp_path),
    }


@pytest.fixture
def fleet(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Fleet:
    return fleet_command(monkeypatch, capsys, environ)


def secrets_of(redis_url: str, url: str) -> tuple[bytes, ...]:
    store = SyncStore(redis_url)
    stored = store.run(webhooks.by_token(hashed(url.rsplit("/", 1)[1])))
    store.close()
    assert stored is not None
    return secrets_in(Sealer(RING, bytes), stored)


def test_a_webhook_is_made_with_all_that_was_said(fleet: Fleet) -> None:
    done = fleet(
        *("webhooks", "create", "github", "--sender", "github", "--description", "Größe [bold]x[/bold]"),
        *("--require-signature", "--hourly-limit", "50", "--json"),
    )
    assert (done.code, done.err) == (0, "")
    made = done.json
    assert (made["name"], made["sender"], made["description"]) == ("github", "github", "Größe [bold]x[/bold]")
    assert (made["require_signature"], made["hourly_limit"]) == (True, 50)
    assert "Größe [bold]x[/bold]" in fleet("webhooks", "show", "github").out


def test_its_secret_is_shown_once_and_each_value_whole(fleet: Fleet, redis_url: str) -> None:
    done = fleet("webhooks", "create", "github", "--sender", "github", "--require-signature")
    lines = {line.split()[0]: line.split()[-1] for line in done.out.splitlines() if line.startswith("  ")}
    assert secrets_of(redis_url, lines["URL"]) == (lines["Secret"].encode(),)
    assert "The secret is shown this once." in done.out
    for arguments in (["list"], ["list", "--json"], ["show", "github"], ["show", "github", "--json"]):
        shown = fleet("webhooks", *arguments).out
        assert lines["Secret"] not in shown
        assert lines["URL"] in shown


def test_for_stripe_the_next_step_is_said(fleet: Fleet) -> None:
    done = fleet("webhooks", "create", "pay", "--sender", "stripe", "--require-signature")
    assert "fleet webhooks set-secret pay" in done.out
    assert "Secret  " not in done.out


@pytest.mark.parametrize(("typed", "code", "left"), [(b"y\n", 0, []), (b"n\n", 1, ["pay"])])
def test_on_a_terminal_deleting_asks_first(
    fleet: Fleet, environ: dict[str, str], typed: bytes, code: int, left: list[str]
) -> None:
    fleet("webhooks", "create", "pay", "--sender", "stripe")
    done, screen = on_a_terminal(environ, "webhooks delete pay", typed)
    assert b"Delete webhook pay with its URL?" in done.stderr, screen
    assert done.returncode == code
    assert [each["name"] for each in fleet("webhooks", "list", "--json").json["webhooks"]] == left


def test_without_a_terminal_deleting_needs_a_yes(fleet: Fleet) -> None:
    fleet("webhooks", "create", "pay", "--sender", "stripe")
    assert fleet("webhooks", "delete", "pay", stdin=b"y\n").code == 2
    assert fleet("webhooks", "list", "--json").json["webhooks"] != []
    done = fleet("webhooks", "delete", "pay", "--yes")
    assert (done.code, done.out) == (0, "Webhook pay is deleted; its URL answers 404 from now on.\n")
    assert fleet("webhooks", "list", "--json").json == {"webhooks": []}


def test_the_list_shows_how_each_is_verified(fleet: Fleet) -> None:
    assert "no webhook yet" in fleet("webhooks", "list").out
    fleet("webhooks", "create", "pay", "--sender", "stripe", "--require-signature")
    fleet("webhooks", "create", "own", "--sender", "custom")
    out = fleet("webhooks", "list").out
    assert re.search(r"^pay +stripe +required, NO SECRET +anybody +0 +never *$", out, re.MULTILINE)
    assert "\npay: required, but no secret is set: every event is rejected.\n" in out
    assert re.search(r"^own +custom +unverified ", out, re.MULTILINE)
    assert "\nown: unverified" not in out


def test_a_secret_that_is_not_made_cannot_be_held(fleet: Fleet) -> None:
    done = fleet("webhooks", "create", "quiet", "--sender", "github", "--hold")
    assert (done.code, done.out) == (1, "")
    assert "demand them (--require-signature), or leave this out" in done.err


def test_one_that_is_verified_at_home_says_so_everywhere(fleet: Fleet) -> None:
    made = fleet("webhooks", "create", "home", "--sender", "github", "--verify", "local")
    assert "Signature  left to the private side" in made.out
    assert "Secret  " not in made.out
    assert "| fleet vault set home --stdin'; 'fleet vault show home' prints it." in made.out
    assert re.search(r"^home +github +left to the private side ", fleet("webhooks", "list").out, re.MULTILINE)
    assert "left to the private side" in fleet("webhooks", "show", "home").out
    refused = fleet("webhooks", "set-secret", "home", stdin=b"canary\n")
    assert (refused.code, refused.out) == (1, "")
    assert "fleet webhooks update home --verify workers" in refused.err
    assert "canary" not in refused.err
    assert "Signature: unverified." in fleet("webhooks", "update", "home", "--verify", "workers").out


@pytest.mark.parametrize(
    ("signature", "row"),
    [
        ("required", "required"),
        ("checked, but the parameter x is not set: every event is rejected", "checked, REJECTS ALL"),
        ("unreadable: its sealing key is gone", "UNREADABLE"),
        ("broken: its parameters do not fit its sender any more", "BROKEN"),
    ],
)
def test_what_verifies_nothing_stands_out(signature: str, row: str) -> None:
    webhook = {
        "name": "x",
        "sender": "github",
        "signature": signature,
        "allow_ips": [],
        "https_only": False,
        "paused": False,
    }
    assert words.row({**webhook, "events": 0, "last_triggered": None}, 0)[2] == row
    assert words.alarms([webhook]) == ([] if row == signature else [f"x: {signature}."])


def test_the_list_fits_a_terminal(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.answers.UNLIMITED", 80)
    fleet("webhooks", "create", "payments", "--sender", "stripe", "--require-signature")
    fleet("webhooks", "create", "github", "--sender", "github", "--https-only", "--allow-ip", "127.0.0.1")
    table = fleet("webhooks", "list").out.split("\n\n")[0].splitlines()
    assert {line.split()[0] for line in table} == {"NAME", "github", "payments"}
    assert len(table) == 3
    assert max(map(len, table)) <= 80


@pytest.mark.parametrize("command", UNKNOWN_TO)
@pytest.mark.parametrize("name", ["none", "..", "a b?c#d%2f", "ü"])
def test_what_is_unknown_is_refused_in_one_sentence(fleet: Fleet, command: str, name: str) -> None:
    done = fleet("webhooks", *command.split(), name, stdin=b"secret")
    assert (done.code, done.out) == (1, "")
    assert done.err == f"There is no webhook {name!r} in this gateway.\n"


def test_what_the_api_refuses_is_told_with_the_field(fleet: Fleet) -> None:
    done = fleet("webhooks", "create", "Bad", "--sender", "nobody")
    assert (done.code, done.out) == (1, "")
    assert "'Bad' cannot be a name" in done.err
    assert "'fleet senders' shows all" in done.err


def test_wrong_usage_exits_with_two(fleet: Fleet) -> None:
    assert fleet("webhooks", "create").code == 2
    assert fleet("webhooks", "create", "github", "--verify", "relay").code == 2
    assert fleet("webhooks", "make").code == 2
    assert fleet("webhooks", "create", "a", "--sender", "github", "--hourly-limit", "x").code == 2


@pytest.mark.parametrize(
    "command",
    ["", *(f"webhooks {name}" for name in ("create", "update", "delete", "list", *SECRETS))],
)
def test_help_has_sentences_and_examples(fleet: Fleet, command: str) -> None:
    done = fleet(*command.split(), "--help")
    assert done.code == 0
    assert f"Usage: {' '.join(['fleet', *command.split()])}" in done.out
    if command:
        assert "Examples" in done.out
        assert "--json" in done.out


def test_who_may_send_is_made_shown_changed_and_cleared(fleet: Fleet) -> None:
    rules = ("--https-only", "--allow-ip", "@github", "--allow-ip", "192.0.2.0/24")
    made = fleet("webhooks", "create", "ci", "--sender", "github", *rules, "--json").json
    assert (made["https_only"], made["allow_ips"]) == (True, ["@github", "192.0.2.0/24"])
    for arguments in (["list"], ["show", "ci"]):
        assert "@github, 192.0.2.0/24, https only" in fleet("webhooks", *arguments).out
    for options, now in (
        (["--any-scheme"], "@github, 192.0.2.0/24"),
        (["--allow-ip", "::1"], "::1"),
        (["--https-only"], "::1, https only"),
        (["--allow-anybody"], "anybody, https only"),
        (["--allow-anybody", "--any-scheme"], "anybody"),
    ):
        done = fleet("webhooks", "update", "ci", *options)
        assert (done.code, done.out.splitlines()[0]) == (0, f"Webhook ci is changed. May send: {now}.")
    changed = fleet("webhooks", "update", "ci", "--allow-ip", "192.0.2.7/32", "--json").json
    assert changed == fleet("webhooks", "show", "ci", "--json").json
    assert changed["allow_ips"] == ["192.0.2.7"]


def test_an_update_says_what_changed_and_nothing_else(fleet: Fleet) -> None:
    fleet("webhooks", "create", "own", "--require-signature")
    for options, told in (
        (["--https-only"], "May send: anybody, https only."),
        (["--verify", "ingress"], "Signature: required at the ingress."),
        (["--set", "header=X-Own"], "Parameters: header=X-Own. Signature: required at the ingress."),
        (["--set", "header="], "Parameters: none. Signature: required at the ingress."),
    ):
        assert fleet("webhooks", "update", "own", *options).out == f"Webhook own is changed. {told}\n"


def test_another_sender_is_told_to_have_another_secret_if_there_is_one(fleet: Fleet) -> None:
    fleet("webhooks", "create", "own", "--require-signature")
    assert fleet("webhooks", "update", "own", "--sender", "gitea").out == (
        "Webhook own is changed. Sender: gitea. Signature: required.\n"
        "Its secret stays; if gitea has another one: 'fleet webhooks set-secret own'.\n"
    )
    fleet("webhooks", "create", "bare")
    assert "Its secret stays" not in fleet("webhooks", "update", "bare", "--sender", "gitea").out


def test_an_update_without_a_change_or_with_a_contradiction_is_wrong_usage(fleet: Fleet) -> None:
    fleet("webhooks", "create", "ci", "--sender", "github")
    assert fleet("webhooks", "update", "ci").code == 2
    assert fleet("webhooks", "update", "ci", "--allow-anybody", "--allow-ip", "::1").code == 2


def test_a_wrong_rule_is_one_sentence(fleet: Fleet) -> None:
    fleet("webhooks", "create", "ci", "--sender", "github")
    done = fleet("webhooks", "update", "ci", "--allow-ip", "10.0.0.1/8")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "'10.0.0.1/8' cannot be allowed; it must be 10.0.0.0/8 for the network or 10.0.0.1 for the one"
        " address, or the name of a list such as @github.\n"
    )
    assert "There is no list '@gothub'" in fleet("webhooks", "update", "ci", "--allow-ip", "@gothub").err


def test_a_webhook_is_paused_and_resumed(fleet: Fleet) -> None:
    fleet("webhooks", "create", "ci")
    paused = fleet("webhooks", "pause", "ci")
    assert (paused.code, paused.err) == (0, "")
    assert "nothing of theirs is kept" in paused.out
    assert "nobody: PAUSED" in fleet("webhooks", "list").out
    assert "Paused" in fleet("webhooks", "show", "ci").out
    assert fleet("webhooks", "pause", "ci", "--json").json["paused"] is True
    assert fleet("webhooks", "resume", "ci").out == "Webhook ci accepts events.\n"
    assert fleet("webhooks", "resume", "ci", "--json").json["paused"] is False
    assert "Paused" not in fleet("webhooks", "show", "ci").out


def test_a_description_and_a_limit_are_changed(fleet: Fleet) -> None:
    fleet("webhooks", "create", "ci")
    changed = fleet("webhooks", "update", "ci", "--description", "the shop", "--hourly-limit", "5")
    assert changed.out == "Webhook ci is changed. Description: the shop. Hourly limit: 5.\n"


def test_webhooks_are_searched_by_a_part_of_their_names(fleet: Fleet) -> None:
    for name in ("pay", "repay", "ci"):
        fleet("webhooks", "create", name)
    found = fleet("webhooks", "list", "--name", "PAY", "--json").json["webhooks"]
    assert [each["name"] for each in found] == ["pay", "repay"]
    assert fleet("webhooks", "list", "--name", "x").out == "No webhook has 'x' in its name.\n"
