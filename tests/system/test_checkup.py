"""`fleet doctor` beside a real gateway: on the server, on a private machine, and where something is wrong."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio

from cli.first_gateway import make_keys
from config.settings import load
from store import keys
from tests.cli.conftest import Fleet
from tests.command_line import fleet_command
from tests.system.stack import Stack, free_port, gateway, subscriber, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

MACHINERY = [
    *("workers of events", "workers of deliveries", "workers of git", "sweeper", "work"),
    *("queue events", "queue deliveries", "queue git"),
]
ON_THE_SERVER = [
    *("redis", "redis version", "redis eviction", "redis on disk", "clock", "redis memory", "sealing keys"),
    *MACHINERY,
    *("ledger", "canary", "relay", "token", "tunnel", "public URL", "TLS", "relay TLS"),
]

EVERY_CHECK = [*ON_THE_SERVER, "events waiting"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Stack]:
    folder = tmp_path_factory.mktemp("gateway")
    async with gateway(folder, git=True, CANARY_INTERVAL=1) as running:
        await reported(running)
        yield running


async def reported(stack: Stack) -> None:
    await until(lambda: stack.store.client.execute_command("EXISTS", keys.CANARY) == 1, "a report")


class Doctor:
    """The command, with an environment of its own."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet

    async def rows(self, code: int = 0) -> dict[str, dict[str, str]]:
        done = await asyncio.to_thread(self._fleet, "doctor", "--json")
        assert (done.code, done.err) == (code, ""), done.out
        assert done.json["well"] is (code == 0)
        return {row["check"]: row for row in done.json["rows"]}

    async def failed(self) -> dict[str, str]:
        """What is wrong; each with something to do."""
        found = await self.rows(code=1)
        wrong = {name: row for name, row in found.items() if row["state"] == "failed"}
        assert all(row["advice"] for row in wrong.values())
        return {name: row["finding"] for name, row in wrong.items()}

    async def said(self) -> str:
        return (await asyncio.to_thread(self._fleet, "doctor")).out


@pytest.fixture
def on_the_server(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Doctor:
    own = {name: value for name, value in stack.environ.items() if name.startswith("FLEET_")}
    return Doctor(fleet_command(monkeypatch, capsys, own))


def elsewhere(
    stack: Stack,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    **settings: str,
) -> Doctor:
    own = {"FLEET_STATE_DIR": str(folder / "own"), "FLEET_API_URL": stack.settings.api_url}
    return Doctor(fleet_command(monkeypatch, capsys, {**own, "FLEET_TOKEN": stack.token, **settings}))


@pytest.fixture
def private(
    stack: Stack,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Doctor:
    """A machine with the access token of the gateway, and nothing else of it."""
    return elsewhere(stack, tmp_path, monkeypatch, capsys)


async def test_on_the_server_everything_is_looked_at(on_the_server: Doctor) -> None:
    found = await on_the_server.rows()
    assert list(found) == ON_THE_SERVER
    unchecked = {name for name, row in found.items() if row["state"] == "unchecked"}
    assert unchecked == {"TLS", "relay TLS"}
    assert "appendfsync always" in found["redis on disk"]["finding"]
    assert "is ours" in found["public URL"]["finding"]
    said = await on_the_server.said()
    assert "All is well." in said
    assert max(map(len, said.splitlines())) <= 80


async def test_elsewhere_the_relay_is_asked(private: Doctor, stack: Stack) -> None:
    found = await private.rows()
    assert list(found) == [
        *("redis", "relay", "token", "tunnel", "ledger", "events waiting"),
        *MACHINERY,
        *("canary", "public URL", "TLS", "relay TLS"),
    ]
    assert found["redis"]["state"] == "unchecked"
    assert "is ours" in found["public URL"]["finding"]
    assert stack.token not in await private.said()


async def test_suspended_work_and_a_missing_tunnel_are_told(private: Doctor, stack: Stack) -> None:
    stack.webhook("quiet")
    stack.subscribe("quiet", ("quiet",))
    stack.store.client.execute_command("SET", "rq:suspended", 1)
    try:
        found = await private.failed()
    finally:
        stack.store.client.execute_command("DEL", "rq:suspended")
    assert found.keys() - {"canary"} == {"tunnel", "work"}
    stack.api.ask("DELETE", "subscriptions", "quiet")
    stack.api.ask("DELETE", "webhooks", "quiet")


async def test_a_token_that_opens_nothing_is_told(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    doctor = elsewhere(stack, tmp_path, monkeypatch, capsys, FLEET_TOKEN="fleet_unknown")
    assert await doctor.failed() == {"token": "is not known"}


async def test_without_anything_nothing_can_be_said(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    doctor = elsewhere(stack, tmp_path, monkeypatch, capsys, FLEET_TOKEN="")
    assert {row["state"] for row in (await doctor.rows()).values()} == {"unchecked"}


async def test_a_ledger_that_is_out_and_a_key_that_is_lost_are_told(
    on_the_server: Doctor, stack: Stack
) -> None:
    counts = f"fleet:counts:{stack.gateway}"
    stack.webhook("sealed")
    stack.store.client.execute_command("HINCRBY", counts, "event:accepted", 1)
    [key] = (stack.settings.secrets_dir / "sealing-keys").iterdir()
    aside = key.rename(key.with_suffix(".aside"))
    try:
        found = await on_the_server.failed()
    finally:
        aside.rename(key)
        stack.store.client.execute_command("HINCRBY", counts, "event:accepted", -1)
        stack.api.ask("DELETE", "webhooks", "sealed")
    assert found.keys() == {"ledger", "sealing keys"}
    assert "events accepted: 1" in found["ledger"]


async def test_redis_away_is_one_row_that_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    nobody = {"FLEET_STATE_DIR": str(tmp_path), "FLEET_REDIS_URL": f"redis://127.0.0.1:{free_port()}"}
    make_keys(load(nobody))
    doctor = Doctor(
        fleet_command(monkeypatch, capsys, {**nobody, "FLEET_PUBLIC_URL": "http://nobody.invalid"})
    )
    assert await doctor.failed() == {
        "redis": "does not answer",
        "public URL": "nobody.invalid has no address",
    }


async def test_what_does_not_run_is_told(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Senders get to somebody else, workers and sweeper are away, and nobody starts the canary."""
    missing = ("events", "sweeper", "canary")
    async with (
        subscriber() as stranger,
        gateway(tmp_path, *missing, PUBLIC_URL=stranger.url.rstrip("/"), CANARY_INTERVAL=60) as stack,
    ):
        own = {name: value for name, value in stack.environ.items() if name.startswith("FLEET_")}
        found = await Doctor(fleet_command(monkeypatch, capsys, own)).failed()
    assert found.keys() == {"workers of events", "workers of git", "sweeper", "canary", "public URL"}
    assert "is not ours" in found["public URL"]
    assert stranger.arrivals[0].header("User-Agent") == "fleet-doctor"
