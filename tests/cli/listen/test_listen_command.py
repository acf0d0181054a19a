"""`fleet listen` as a process: a real relay, a real Redis, a real local server, real signals."""

import asyncio
import signal
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from cli.vault import open_vault
from config.settings import load
from domain.event import Request
from store import subscriptions
from store.connect import SyncStore
from store.owned import Look
from tests.certificates import Authority, files
from tests.command_line import fleet_command
from tests.listening import Listening, listening, private_side
from tests.local_server import LocalServer, answer, local_server
from tests.running_relay import context_of, relay
from tests.tenant import Tenant


@pytest.fixture
def tenant(redis_url: str):
    store = SyncStore(redis_url)
    yield Tenant(store)
    store.close()


@pytest.fixture
async def port(redis_url: str) -> AsyncIterator[int]:
    async with relay(context_of(redis_url)) as port:
        yield port


@pytest.fixture
def environ(tenant: Tenant, port: int, tmp_path: Path) -> dict[str, str]:
    return private_side(tmp_path, f"http://127.0.0.1:{port}", tenant.token)


def subscribed(tenant: Tenant) -> list[str]:
    found = tenant.store.run(subscriptions.part_of(tenant.gateway.id, Look(200)))
    return [each.id for each in found.things]


async def connected(command: Listening) -> dict[str, object]:
    ready = await command.fact("ready")
    await command.fact("connected")
    return ready


async def test_what_a_new_user_sees(tenant: Tenant, environ: dict[str, str]) -> None:
    async with local_server() as local, listening(environ, local.url) as command:
        machine = socket.gethostname().partition(".")[0].lower()
        assert (await command.line()).startswith(f"Webhook listen-{machine} (new, for anybody)")
        url = await command.line_with("  URL     ")
        assert "/t/" in url
        assert "UNVERIFIED, whoever knows the URL can send" in await command.line_with("  Secret  ")
        assert (await command.line_with("  Try it  ")).endswith(f"webhooks test listen-{machine}")
        assert await command.line_with("  Goes to ") == f"  Goes to {local.url}"
        assert "Ctrl-C stops. The URL stays" in await command.line_with("Ctrl-C")
        assert "CONNECTED     events arrive here now." in await command.line_with("CONNECTED")
        assert len(subscribed(tenant)) == 1
        code, last, errors = await command.interrupted()
        assert (code, errors) == (0, "")
        assert "Stopped, and nothing waits for this machine." in last
        assert "The URL stays" in last
        assert "\x1b" not in "".join(command.said) + last
    assert subscribed(tenant) == []


async def test_each_event_is_a_line(tenant: Tenant, environ: dict[str, str]) -> None:
    async with local_server() as local, listening(environ, local.url, "hook") as command:
        await command.line_with("CONNECTED")
        tenant.post(*subscribed(tenant))
        words = (await command.line()).split()
        assert words[1:4] == ["github", "push", "200"]
        assert words[5:] == ["ms"]


async def test_for_programs_everything_is_json(tenant: Tenant, environ: dict[str, str]) -> None:
    async with (
        local_server(lambda _: answer(503)) as local,
        listening(environ, local.url, "hook", "--events", "push*", "--output", "json") as command,
    ):
        ready = await connected(command)
        assert (ready["to"], ready["is_up"], ready["is_kept"]) == (local.url, True, False)
        [webhook] = ready["webhooks"]  # pyright: ignore[reportGeneralTypeIssues]
        assert (webhook["name"], webhook["sender"], webhook["is_new"]) == ("hook", "github", False)
        [subscription] = subscribed(tenant)
        event = tenant.post(subscription)
        said = await command.fact("delivery")
        assert (said["event"], said["sender"], said["outcome"], said["note"]) == (
            event,
            "github",
            "retry",
            "503",
        )
        command.process.send_signal(signal.SIGTERM)
        ended = await command.fact("ended")
        assert (ended["is_removed"], ended["is_kept"], ended["webhooks"]) == (True, False, ["hook"])
        assert await command.ended() == (0, "")


async def test_a_program_that_comes_later_gets_what_waited(tenant: Tenant, environ: dict[str, str]) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
    async with listening(environ, f"127.0.0.1:{port}", "hook", "--json") as command:
        assert (await connected(command))["is_up"] is False
        [subscription] = subscribed(tenant)
        tenant.post(subscription)
        await command.fact("waiting")
        local = LocalServer()
        server = await asyncio.start_server(local.serve, "127.0.0.1", port)
        async with server:
            await command.fact("going_on")
            said = await command.fact("delivery")
        assert (said["outcome"], said["attempt"]) == ("delivered", 1)


async def test_ctrl_c_does_not_wait_for_a_program_that_is_not_there(
    tenant: Tenant, environ: dict[str, str]
) -> None:
    async with listening(environ, "127.0.0.1:9", "hook", "--json") as command:
        await connected(command)
        [subscription] = subscribed(tenant)
        tenant.post(subscription)
        await command.fact("waiting")
        code, _, errors = await command.interrupted()
        assert (code, errors) == (0, "")


async def test_two_who_listen_both_get_every_event_and_know_of_each_other(
    tenant: Tenant, environ: dict[str, str]
) -> None:
    async with (
        local_server() as local,
        listening(environ, local.url, "hook", "--json") as one,
    ):
        await connected(one)
        async with listening(environ, local.url, "hook") as two:
            others = await two.line_with("  Others  ")
            assert "(connected): each subscription gets every event" in others
            await two.line_with("CONNECTED")
            tenant.post(*subscribed(tenant))
            assert (await one.fact("delivery"))["note"] == "200"
            assert " 200 " in await two.line()


async def test_a_tunnel_that_is_down_and_back_is_told_loudly(
    tenant: Tenant, redis_url: str, tmp_path: Path
) -> None:
    async with AsyncExitStack() as ends:
        local = await ends.enter_async_context(local_server())
        async with relay(context_of(redis_url)) as port:
            environ = private_side(tmp_path, f"http://127.0.0.1:{port}", tenant.token)
            command = await ends.enter_async_context(listening(environ, local.url, "hook"))
            await command.line_with("  CONNECTED")
        assert "The relay asks to move" in await command.line_with("  MOVING")
        assert "events wait for 1 h" in await command.line_with("  DISCONNECTED")
        tenant.post(*subscribed(tenant))
        async with relay(context_of(redis_url), port):
            assert "again, after " in await command.line_with("  CONNECTED")
            assert " 200 " in await command.line_with("github")
            assert (await command.interrupted())[0] == 0
    assert subscribed(tenant) == []


async def test_when_the_relay_is_away_at_the_end_it_says_that_it_ends_by_itself(
    tenant: Tenant, redis_url: str, tmp_path: Path
) -> None:
    async with AsyncExitStack() as ends:
        local = await ends.enter_async_context(local_server())
        async with relay(context_of(redis_url)) as port:
            environ = private_side(tmp_path, f"http://127.0.0.1:{port}", tenant.token)
            command = await ends.enter_async_context(listening(environ, local.url, "hook"))
            await command.line_with("  CONNECTED")
        await command.line_with("  DISCONNECTED")
        code, last, errors = await command.interrupted()
        assert (code, errors) == (0, "")
        assert "ends by itself within an hour" in last.replace("\n", " ")
    assert len(subscribed(tenant)) == 1


async def test_what_was_kept_waits_and_comes_the_next_time(tenant: Tenant, environ: dict[str, str]) -> None:
    async with local_server() as local:
        async with listening(environ, local.url, "hook", "--keep") as command:
            await command.line_with("CONNECTED")
            _, last, _ = await command.interrupted()
            assert "stays: events wait for the next" in last
        [subscription] = subscribed(tenant)
        tenant.post(subscription)
        async with listening(environ, local.url, "hook", "--keep", "--json") as again:
            assert (await connected(again))["is_kept"] is True
            assert (await again.fact("delivery"))["note"] == "200"
        assert subscribed(tenant) == [subscription]


async def test_a_program_with_a_certificate_of_its_own_is_taken_on_this_machine(
    tenant: Tenant, environ: dict[str, str], tmp_path: Path
) -> None:
    pair = files(tmp_path)
    Authority().issue("dev.example").write(pair)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(pair.cert, pair.key)
    local = LocalServer()
    server = await asyncio.start_server(local.serve, "127.0.0.1", 0, ssl=tls)
    url = f"https://localhost:{server.sockets[0].getsockname()[1]}/hooks"
    async with server, listening(environ, url, "hook") as command:
        assert "its certificate is not checked" in await command.line_with("  Goes to ")
        await command.line_with("CONNECTED")
        tenant.post(*subscribed(tenant))
        assert " 200 " in await command.line()
    assert local.seen[0].start_line == b"POST /hooks HTTP/1.1"


async def test_a_path_and_what_is_behind_the_token_go_together(
    tenant: Tenant, environ: dict[str, str]
) -> None:
    async with (
        local_server() as local,
        listening(environ, local.url, "hook", "--path", "in", "--json") as command,
    ):
        await connected(command)
        request = Request("POST", b"/more", b"a=b", (), b"{}")
        tenant.post(*subscribed(tenant), request=request)
        assert (await command.fact("delivery"))["outcome"] == "delivered"
    assert local.seen[0].start_line == b"POST /in/more?a=b HTTP/1.1"


async def test_the_secret_is_in_the_vault_and_nowhere_on_the_screen(
    environ: dict[str, str], tmp_path: Path
) -> None:
    async with local_server() as local, listening(environ, local.url, "github") as command:
        assert "'" in await command.line_with("  Secret  in the encrypted file")
        assert "Paste it into the field Secret" in await command.line_with("  Next")
        await command.line_with("CONNECTED")
        _, last, errors = await command.interrupted()
    vault = open_vault(load({"FLEET_VAULT": "file", "FLEET_VAULT_FILE": str(vault_file(tmp_path))}))
    secret = vault.get("github")
    assert secret is not None
    assert secret not in "".join(command.said) + last + errors


def vault_file(home: Path) -> Path:
    [found] = [file for file in home.rglob("vault") if file.is_file()]
    return found


async def test_a_token_that_is_refused_and_a_missing_webhook_end_it_with_a_sentence(
    environ: dict[str, str],
) -> None:
    async with listening(environ, "3000", "shop") as command:
        code, errors = await command.ended()
    assert code == 1
    assert errors.startswith("There is no webhook shop.")
    async with listening({**environ, "FLEET_TOKEN": "fleet_" + "A" * 43}, "3000") as command:
        code, errors = await command.ended()
    assert code == 1
    assert "does not know this access token" in errors
    assert errors.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("github",),
        ("3000", "--timeout", "0"),
        ("3000", "--output", "xml"),
        ("3000/a", "--path", "/b"),
        ("http://user:hush@localhost:3000",),
    ],
)
def test_wrong_usage_exits_with_two(
    arguments: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    done = fleet_command(monkeypatch, capsys, {"FLEET_STATE_DIR": str(tmp_path)})("listen", *arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err
    assert "hush" not in done.err
