"""`fleet status`: one screen, once or live; and what a gateway's own audit says where there is no Redis."""

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.exits import Exit
from store import gateways
from tests.command_line import Fleet
from tests.documents import ROOT
from tests.the_dead import die
from tests.world import World


def test_one_screen_answers_three_questions(
    fleet: Fleet, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = world.subscribe("app")
    die(world, app, 2, tunnel=world.id("tun"))
    [event] = world.accept()
    world.fan_out(event, app)
    done = fleet("status")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0].startswith(f"Gateway home ({world.gateway})  20")
    told = {line[:21].strip(): line[21:27].strip() for line in lines if "?" in line[:21]}
    assert told == {"Is it up?": "yes", "Is anything stuck?": "no", "What failed?": "2"}
    assert "2 are out of attempts: 'fleet deliveries list' says why." in done.out
    assert "Events      3 accepted, 0 waiting, 3 fanned out" in done.out
    assert "Deliveries  3 created, 1 in flight, 0 delivered, 2 dead" in done.out
    assert "3 in the last hour" in done.out
    assert "QUEUE" not in done.out
    assert len(lines) < 24
    monkeypatch.setenv("FLEET_CALLED_AS", "./fleet")
    assert "'./fleet deliveries list'" in fleet("status").out


def test_a_narrow_screen_keeps_the_indent_and_the_commands(
    fleet: Fleet, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.answers.UNLIMITED", 80)
    world.run(gateways.set_operator(world.gateway, is_operator=True))
    told = fleet("status").out.partition("What failed?")[0].splitlines()[2:]
    assert max(map(len, told)) <= 80
    assert all(line[:3] in {"Is ", "   "} for line in told)
    assert "'fleet run worker deliveries'." in [line.strip() for line in told]


def test_operators_see_queues_too(fleet: Fleet, world: World) -> None:
    world.run(gateways.set_operator(world.gateway, is_operator=True))
    told = fleet("status").out
    assert "QUEUE" in told
    assert "NO WORKER for the queue git" in told


def test_programs_get_what_the_relay_says(fleet: Fleet, world: World) -> None:
    assert fleet("status", "--json").json["gateway"]["id"] == world.gateway


def test_a_live_view_needs_a_terminal(fleet: Fleet) -> None:
    assert fleet("status", "--watch").code == Exit.WRONG_USE


@pytest.fixture
def environ(address: str, home: tuple[str, str], tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "TERM": "xterm",
        "FLEET_API_URL": f"http://{address}",
        "FLEET_TOKEN": home[1],
        "FLEET_STATE_DIR": str(tmp_path),
    }


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    ours, theirs = pty.openpty()
    yield ours, theirs
    os.close(ours)
    os.close(theirs)


def shown(screen: int, until: bytes) -> bytes:
    """What a screen shows until these bytes are there."""
    seen, end = b"", time.monotonic() + 30
    while until not in seen:
        ready, _, _ = select.select([screen], [], [], max(0, end - time.monotonic()))
        assert ready, seen
        seen += os.read(screen, 65536)
    return seen


def test_the_live_view_changes_by_itself_and_ends_with_ctrl_c(
    environ: dict[str, str], terminal: tuple[int, int], world: World
) -> None:
    ours, theirs = terminal
    command = [sys.executable, "-m", "cli", "status", "--watch", "--interval", "1"]
    with subprocess.Popen(command, cwd=ROOT, env=environ, stdout=theirs, stderr=theirs) as running:  # noqa: S603 - our own program
        try:
            shown(ours, b"0 accepted")
            world.accept()
            shown(ours, b"1 accepted")
        finally:
            running.send_signal(signal.SIGINT)
        assert running.wait(10) == Exit.INTERRUPTED


def test_without_a_redis_the_audit_asks_the_relay(fleet: Fleet, world: World) -> None:
    world.accept()
    done = fleet("audit")
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith("\nThe ledger balances.\n")
    world.command("HINCRBY", f"fleet:counts:{world.gateway}", "event:accepted", 5)
    done = fleet("audit")
    assert done.code == Exit.FAILED
    assert "home: events accepted: " in done.out
    assert done.out.endswith("The ledger does NOT balance.\n")
    told = fleet("audit", "--json").json
    assert (told["balanced"], told["gateways"][0]["name"], told["gateways"][0]["compared"]) == (
        False,
        "home",
        False,
    )
    assert "NOT balance: 'fleet audit'" in fleet("status").out
