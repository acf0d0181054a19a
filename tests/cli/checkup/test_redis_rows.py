"""What the doctor says of a Redis server, by what that says of itself."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cli.checkup import redis_server
from cli.checkup.row import Row, State
from config.settings import Settings, load
from store import server
from store.connect import SyncStore
from store.server import ServerFacts

NOW = 1_800_000_000_000
MIB = 1024 * 1024
WELL = ServerFacts(
    name="Redis",
    version="8.0.2",
    speaks="8.0.2",
    is_primary=True,
    is_cluster=False,
    policy="noeviction",
    keeps_file=True,
    file_is_well=True,
    used_bytes=100 * MIB,
    max_bytes=1000 * MIB,
    now_ms=NOW,
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load({"FLEET_STATE_DIR": str(tmp_path)})


def rows(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, facts: ServerFacts, appendfsync: str = "always"
) -> dict[str, Row]:
    class Told(SyncStore):
        """A server that says this of itself."""

        def __init__(self) -> None:
            super().__init__("redis://nobody.invalid")

        def run(self, call: object) -> object:
            return facts if call is asked else appendfsync

    asked = server.facts()
    monkeypatch.setattr(server, "facts", lambda: asked)
    return {row.check: row for row in redis_server.rows(Told(), settings, lambda: NOW)}


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ({"policy": "allkeys-lru"}, "redis eviction"),
        ({"keeps_file": False}, "redis on disk"),
        ({"file_is_well": False}, "redis on disk"),
        ({"speaks": "6.2.14"}, "redis version"),
        ({"speaks": "unknown"}, "redis version"),
        ({"is_primary": False}, "redis"),
        ({"is_cluster": True}, "redis"),
        ({"now_ms": NOW - 60_000}, "clock"),
        ({"now_ms": NOW + 60_000}, "clock"),
        ({"used_bytes": 900 * MIB}, "redis memory"),
    ],
)
def test_what_is_wrong_is_one_row_with_something_to_do(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, change: dict[str, object], check: str
) -> None:
    assert {row.state for row in rows(monkeypatch, settings, WELL).values()} == {State.OK}
    found = rows(monkeypatch, settings, replace(WELL, **change))
    assert [row.check for row in found.values() if row.state is State.FAILED] == [check]
    assert found[check].advice


@pytest.mark.parametrize(
    ("appendfsync", "state"), [("everysec", State.OK), ("", State.OK), ("no", State.FAILED)]
)
def test_when_a_write_is_on_disk_is_told(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, appendfsync: str, state: State
) -> None:
    row = rows(monkeypatch, settings, WELL, appendfsync)["redis on disk"]
    assert row.state is state
    assert appendfsync in row.finding


def test_a_real_server_answers_all_of_it(redis_url: str, settings: Settings) -> None:
    store = SyncStore(redis_url)
    found = {row.check: row for row in redis_server.rows(store, settings, lambda: NOW)}
    store.close()
    assert list(found) == [
        *("redis", "redis version", "redis eviction", "redis on disk", "clock", "redis memory"),
    ]
    assert found["redis"].state is found["redis version"].state is State.OK
    assert found["clock"].state is State.FAILED


def test_nobody_there_is_one_row(settings: Settings) -> None:
    [row] = redis_server.rows(SyncStore("redis://127.0.0.1:1"), settings, lambda: NOW)
    assert (row.check, row.state) == ("redis", State.FAILED)
    assert "start it with" in row.advice


@pytest.fixture
def locked(redis_url: str) -> Iterator[str]:
    store = SyncStore(redis_url)
    store.client.execute_command("ACL", "SETUSER", "somebody", "on", ">right", "+@all", "~*")
    yield redis_url.replace("unix://", "unix://somebody:wrong@")
    store.client.execute_command("ACL", "DELUSER", "somebody")
    store.close()


def test_a_wrong_password_is_told_as_such(locked: str, settings: Settings) -> None:
    [row] = redis_server.rows(SyncStore(locked), settings, lambda: NOW)
    assert row.finding == "refuses us"
