"""`fleet run canary` as `fleet up` starts it: it walks the whole way, and says so when the way is broken."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio

from cli import canary as command
from cli.client import ControlApi
from cli.presence import canary_is_well
from cli.surroundings import redis_url
from domain.canary import Failure, Report
from store import canary
from tests.system.stack import Stack, free_port, gateway, until

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Stack]:
    async with gateway(tmp_path_factory.mktemp("gateway"), CANARY_INTERVAL=1) as running:
        await back(running)
        yield running


def report(stack: Stack) -> Report | None:
    return stack.store.run(canary.last())


def owner(stack: Stack) -> ControlApi:
    """Who has the canary's own token."""
    token = (stack.settings.secrets_dir / command.TOKEN_FILE).read_text().strip()
    return ControlApi(stack.settings.api_url, token)


def tunnels(stack: Stack) -> list[str]:
    return owner(stack).ask("GET", "gateway")["tunnels"]


async def back(stack: Stack) -> Report:
    """Wait until it has come back from a walk that begins after this moment."""
    begun = report(stack)

    def is_back() -> bool:
        found = report(stack)
        return found is not None and found.failure is None and (begun is None or found.at > begun.at + 1000)

    await until(is_back, "the canary is back")
    found = report(stack)
    assert found is not None
    return found


async def lost(stack: Stack) -> Report:
    await until(lambda: (found := report(stack)) is not None and found.failure is not None, "it is lost")
    found = report(stack)
    assert found is not None
    return found


async def test_it_comes_back_and_says_how_long_it_took(stack: Stack) -> None:
    found = await back(stack)
    assert found.good_at == found.at
    assert found.latency_ms is not None
    assert 0 < found.latency_ms < 10_000
    assert found.interval_s == 1
    assert canary_is_well(redis_url(stack.settings))


async def test_it_lives_in_a_gateway_of_its_own(stack: Stack) -> None:
    await back(stack)
    assert stack.api.ask("GET", "webhooks")["webhooks"] == []
    assert stack.api.ask("GET", "events")["events"] == []
    assert stack.counts() == {}
    events = owner(stack).ask("GET", "events")["events"]
    assert {each["verified_by"] for each in events if each["state"] == "fanned_out"} == {"custom-sha256-hex"}
    assert stack.differences() == []


async def test_who_deletes_its_webhook_makes_it_build_anew(stack: Stack) -> None:
    before = owner(stack).ask("GET", "webhooks", "canary")["id"]
    owner(stack).ask("DELETE", "webhooks", "canary")
    found = await lost(stack)
    assert found.failure in {Failure.NOT_ACCEPTED, Failure.LOST}
    assert found.good_at is not None
    await back(stack)
    assert owner(stack).ask("GET", "webhooks", "canary")["id"] != before


@pytest.mark.parametrize("service", ["ingress", "relay", "events", "sweeper", "redis", "canary"])
async def test_it_outlives_the_end_of_every_service(stack: Stack, service: str) -> None:
    before = stack.running.pid("canary")
    await stack.crash(service)
    await back(stack)
    assert (stack.running.pid("canary") == before) is (service != "canary")


async def test_it_says_goodbye_and_leaves_no_lease_behind(stack: Stack) -> None:
    # Of one that was killed, the lease has to end first.
    await until(lambda: len(tunnels(stack)) == 1, "one tunnel")
    await stack.stop("canary")
    assert stack.ends("canary")[-1] == "exit code 0"
    await back(stack)
    assert len(tunnels(stack)) == 1


async def test_its_secrets_are_nowhere_in_the_logs(stack: Stack) -> None:
    token = (stack.settings.secrets_dir / command.TOKEN_FILE).read_text().strip()
    url = owner(stack).ask("GET", "webhooks", "canary")["url"]
    logs = stack.logs()
    assert token.encode() not in logs
    assert url.rpartition("/")[2].encode() not in logs


async def test_nobody_at_the_public_url_is_said_and_not_ready(tmp_path: Path) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    async with gateway(tmp_path, CANARY_INTERVAL=1, PUBLIC_URL=nobody) as stack:
        found = await lost(stack)
        assert (found.failure, found.good_at, found.latency_ms) == (Failure.UNREACHABLE, None, None)
        assert not canary_is_well(redis_url(stack.settings))
        await until(lambda: b"canary_lost" in stack.logs(), "a line in the log")


async def test_without_workers_it_is_lost(tmp_path: Path) -> None:
    async with gateway(tmp_path, "events", CANARY_INTERVAL=1) as stack:
        assert (await lost(stack)).failure is Failure.LOST


async def test_a_token_that_was_replaced_is_said(tmp_path: Path) -> None:
    async with gateway(tmp_path, CANARY_INTERVAL=1) as stack:
        await back(stack)
        (stack.settings.secrets_dir / command.TOKEN_FILE).write_text("fleet_another\n")
        await stack.stop("canary")
        await until(
            lambda: (found := report(stack)) is not None and found.failure is Failure.TOKEN_REFUSED,
            "its token is refused",
        )
