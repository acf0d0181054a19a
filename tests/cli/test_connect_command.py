"""`fleet connect` as a process: a real relay, a real Redis, a real local server, real signals."""

import asyncio
import signal
import socket
from pathlib import Path

import pytest

from domain.version import VERSION
from store import tunnels
from store.connect import SyncStore
from tests.command_line import fleet_command
from tests.connecting import connecting
from tests.local_server import answer, local_server
from tests.running_relay import context_of, relay
from tests.tenant import Tenant
from tests.waiting import WAIT_S, until


@pytest.fixture
def tenant(redis_url: str):
    store = SyncStore(redis_url)
    yield Tenant(store)
    store.close()


async def test_each_event_is_a_line_and_ctrl_c_ends_it_well(
    tenant: Tenant, redis_url: str, tmp_path: Path
) -> None:
    subscription = tenant.subscribe("ci")
    async with (
        local_server() as local,
        relay(context_of(redis_url)) as port,
        connecting(port, tenant.token, tmp_path, f"ci={local.url}") as command,
    ):
        assert "CONNECTED     events of ci arrive here now." in await command.line()
        [facts] = tenant.store.run(tunnels.about(tenant.gateway.id))
        assert (facts.name, facts.version) == (socket.gethostname(), VERSION)
        tenant.post(subscription)
        words = (await command.line()).split()
        assert words[1:7] == ["github", "push", "hook", "->", "ci", "200"]
        assert words[8] == "ms"
        command.process.send_signal(signal.SIGINT)
        assert await command.ended() == (0, "")


async def test_for_programs_each_event_is_json(tenant: Tenant, redis_url: str, tmp_path: Path) -> None:
    subscription = tenant.subscribe("ci")
    async with (
        local_server(lambda _: answer(503)) as local,
        relay(context_of(redis_url)) as port,
        connecting(port, tenant.token, tmp_path, f"ci={local.url}", "--json") as command,
    ):
        assert (await command.fact("connected"))["subscriptions"] == ["ci"]
        event = tenant.post(subscription)
        said = await command.fact("delivery")
    assert (said["event"], said["webhook"], said["subscription"]) == (event, "hook", "ci")
    assert (said["sender"], said["type"], said["verified_by"]) == ("github", "push", "github-sha256")
    assert (said["outcome"], said["note"], said["attempt"]) == ("retry", "503", 1)
    assert said["ms"] >= 0


async def test_it_says_loudly_when_the_tunnel_is_down_and_when_it_is_back(
    tenant: Tenant, redis_url: str, tmp_path: Path
) -> None:
    tenant.subscribe("ci")
    async with relay(context_of(redis_url)) as port:
        pass  # the port is free again, and known
    async with (
        local_server() as local,
        connecting(port, tenant.token, tmp_path, f"ci={local.url}") as command,
    ):
        assert "DISCONNECTED  The relay cannot be reached." in await command.line()
        async with relay(context_of(redis_url), port):
            while "  CONNECTED" not in (line := await command.line()):
                assert "DISCONNECTED" in line
        assert "MOVING        The relay asks to move: This relay is stopping; " in await command.line()
        assert "DISCONNECTED  The relay cannot be reached." in await command.line()
        command.process.send_signal(signal.SIGTERM)
        assert await command.ended() == (0, "")


async def test_ctrl_c_waits_for_what_is_under_way(tenant: Tenant, redis_url: str, tmp_path: Path) -> None:
    subscription = tenant.subscribe("ci")
    gate = asyncio.Event()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        arrived.set()
        await gate.wait()
        writer.write(answer(200, "connection: close"))
        await writer.drain()
        writer.close()

    arrived = asyncio.Event()
    local = await asyncio.start_server(slow, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{local.sockets[0].getsockname()[1]}"
    async with (
        local,
        relay(context_of(redis_url)) as port,
        connecting(port, tenant.token, tmp_path, f"ci={url}") as command,
    ):
        await command.line()
        tenant.post(subscription)
        await asyncio.wait_for(arrived.wait(), WAIT_S)
        command.process.send_signal(signal.SIGINT)
        gate.set()
        assert await command.ended() == (0, "")
        await until(lambda: tenant.states() == ["delivered"])


async def test_an_unknown_subscription_and_a_refused_token_end_it_with_a_sentence(
    tenant: Tenant, redis_url: str, tmp_path: Path
) -> None:
    async with relay(context_of(redis_url)) as port:
        async with connecting(port, tenant.token, tmp_path, "none=http://127.0.0.1:9") as command:
            code, errors = await command.ended()
        assert code == 1
        assert "'none'" in errors
        assert errors.count("\n") == 1
        async with connecting(port, "fleet_" + "A" * 43, tmp_path, "none=http://127.0.0.1:9") as command:
            code, errors = await command.ended()
        assert code == 1
        assert errors.startswith("Token refused")
        assert errors.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("app",),
        ("=http://127.0.0.1",),
        ("app=",),
        ("app=ftp://127.0.0.1",),
        ("app=http://user:hush@127.0.0.1",),
        ("app=http://127.0.0.1:1", "app=http://127.0.0.1:2"),
        ("app=http://127.0.0.1:1", "--concurrency", "0"),
        ("app=http://127.0.0.1:1", "--concurrency", "1025"),
    ],
)
def test_wrong_usage_exits_with_two(
    arguments: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    fleet = fleet_command(monkeypatch, capsys, {"FLEET_STATE_DIR": str(tmp_path)})
    done = fleet("connect", *arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err


def test_an_unencrypted_way_to_another_machine_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environ = {
        "FLEET_STATE_DIR": str(tmp_path),
        "FLEET_API_URL": "http://192.0.2.1",
        "FLEET_TOKEN": "fleet_x",
    }
    done = fleet_command(monkeypatch, capsys, environ)("connect", "app=http://127.0.0.1:1")
    assert done.code == 1
    assert "use https://, or --insecure" in done.err
    assert "fleet_x" not in done.err
