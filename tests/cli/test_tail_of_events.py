"""`fleet events list` with filters and pages, and `tail`: events as they come, in a real process."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cli.client import ControlApi
from cli.exits import Exit
from cli.moments import as_text
from cli.tail import Watch
from store.events import Decision
from tests.command_line import Fleet
from tests.documents import ROOT
from tests.the_dead import die
from tests.world import World


def listed(fleet: Fleet, *arguments: str) -> list[str]:
    return [each["id"] for each in fleet("events", "list", *arguments, "--json").json["events"]]


def test_filters_choose(fleet: Fleet, world: World) -> None:
    [dead] = die(world, world.subscribe("app"))
    push, other = world.accept(2)
    world.decide(Decision(push, "push", "", "", "", ()), Decision(other, "pull_request", "", "", "", ()))
    assert listed(fleet, "--outcome", "failed") == [f"evt_{dead.split('_')[1]}"]
    assert listed(fleet, "--type", "pull*") == [other]
    assert len(listed(fleet, "--webhook", "hook", "--since", "1h")) == 3
    assert listed(fleet, "--until", "1h") == []
    assert fleet("events", "list", "--until", "1h").out == "No event fits.\n"
    assert fleet("events", "list", "--outcome", "nonsense").code == Exit.WRONG_USE
    assert fleet("events", "list", "--webhook", "nothing").code == Exit.FAILED


def test_pages_are_named_by_the_command_that_shows_the_next_one(fleet: Fleet, world: World) -> None:
    events = world.accept(5)
    first = fleet("events", "list", "--limit", "2", "--since", "1h").out
    again = re.search(r"'fleet (events list --since \S+ --cursor \S+)'", first)
    assert again is not None
    found = listed(fleet, *again[1].split()[2:])
    assert sorted(found + re.findall(r"evt_\w{23}$", first, re.MULTILINE)) == sorted(events)


@pytest.fixture
def api(address: str, home: tuple[str, str]) -> ControlApi:
    return ControlApi(f"http://{address}", home[1])


def test_an_event_is_news_when_it_comes_and_whenever_it_stands_otherwise(
    api: ControlApi, world: World
) -> None:
    watch = Watch(api, {}, as_text(world.now - 1000))
    assert watch.news() == []
    app = world.subscribe("app")
    one, two = world.accept(2)
    assert sorted(each["id"] for each in watch.news()) == sorted([one, two])
    assert watch.news() == []
    world.fan_out(one, app)
    assert [(each["id"], each["outcome"]) for each in watch.news()] == [(one, "under_way")]
    world.decide(Decision(two, "push", "", "", "", ()))
    assert [(each["id"], each["outcome"]) for each in watch.news()] == [(two, "unmatched")]
    [three] = world.accept()
    assert [each["id"] for each in watch.news()] == [three]


@contextmanager
def tailing(environ: dict[str, str], *arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "cli", "events", "tail", *arguments],
        cwd=ROOT,
        env={**environ, "PATH": os.environ["PATH"]},
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        try:
            yield running
        finally:
            running.send_signal(signal.SIGINT)
        assert running.wait(10) == Exit.INTERRUPTED


def test_lines_come_while_it_runs(address: str, home: tuple[str, str], world: World, tmp_path: Path) -> None:
    environ = {"FLEET_API_URL": f"http://{address}", "FLEET_TOKEN": home[1], "FLEET_STATE_DIR": str(tmp_path)}
    [early] = world.accept()
    with tailing(environ, "--since", "1h", "--json") as running:
        assert running.stdout is not None
        assert json.loads(running.stdout.readline())["id"] == early
        world.decide(Decision(early, "push", "", "", "", ()))
        assert json.loads(running.stdout.readline())["outcome"] == "unmatched"
    with tailing(environ, "--since", "1h") as running:
        assert running.stdout is not None
        assert running.stdout.readline().split() == [
            as_text(world.now)[11:19],
            early,
            "hook",
            "push",
            "unmatched",
        ]
