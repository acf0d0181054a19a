"""Connections that look open and are not: both ends notice, and soon."""

import asyncio
import selectors
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from structlog.testing import capture_logs

from config.sections.doors import Relay
from config.settings import Settings
from relay.connector.errors import LinkLostError
from relay.connector.link import Link
from relay.tunnel.messages import SILENT_BEATS
from tests.running_connector import Scripted, connector
from tests.running_relay import context_of, relay
from tests.tenant import Tenant
from tests.troubled_line import TroubledLine, troubled_line
from tests.waiting import until

HEARTBEAT_S = 0.05
NOTICED_S = 45
"""What we promise, with any setting."""

Trouble = Callable[[TroubledLine], None]


def silent(line: TroubledLine) -> None:
    line.stall()


def deaf(line: TroubledLine) -> None:
    line.stall(down=False)


def mute(line: TroubledLine) -> None:
    line.stall(up=False)


def lost_far(line: TroubledLine) -> None:
    line.lose_far()


def lost_near(line: TroubledLine) -> None:
    line.lose_near()


@pytest.mark.parametrize("trouble", [silent, deaf, mute, lost_far, lost_near])
async def test_both_ends_notice_and_the_tunnel_is_made_anew(
    tenant: Tenant, redis_url: str, trouble: Trouble
) -> None:
    subscription = tenant.subscribe()
    target = Scripted()
    with capture_logs() as logs:
        async with (
            relay(context_of(redis_url, heartbeat_s=HEARTBEAT_S)) as port,
            troubled_line(port) as line,
            connector(line.port, tenant.token, {"ci": target}) as running,
        ):
            await running.connected()
            trouble(line)
            await running.connected(times=2)
            tenant.post(subscription)
            await until(lambda: tenant.states() == ["delivered"])
            # The relay keeps none of those that are dead.
            await until(lambda: [entry["event"] for entry in logs].count("tunnel_closed") >= 1)
    assert len(target.arrivals) == 1


async def test_a_relay_that_takes_a_connection_and_says_nothing_is_asked_again(
    tenant: Tenant, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.connector.link.CONNECT_TIMEOUT_S", 0.1)
    tenant.subscribe()
    async with troubled_line(port) as line:
        line.is_answering = False
        async with connector(line.port, tenant.token, {"ci": Scripted()}) as running:
            await until(lambda: len(running.recorder.losses) == 2)
            assert set(running.recorder.losses) == {"The relay does not answer."}
            line.is_answering = True
            await running.connected()


class Hours(asyncio.SelectorEventLoop):
    """A loop in which waiting takes no time, and its clock says that it did."""

    def __init__(self) -> None:
        super().__init__(_Impatient(self))
        self.passed_s = 0.0

    def time(self) -> float:
        return self.passed_s


class _Impatient(selectors.SelectSelector):
    def __init__(self, loop: Hours) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> Any:
        self._loop.passed_s += timeout or 0
        return super().select(0)


class SilentSocket:
    """A WebSocket whose other end took all it was sent, and sent nothing for ever."""

    close_code = None

    def __init__(self) -> None:
        self.sent = 0
        self.greeting = [SimpleNamespace(type=aiohttp.WSMsgType.PONG)]

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self.greeting:
            return self.greeting.pop()
        return await asyncio.Event().wait()

    async def send_str(self, _: str) -> None:
        self.sent += 1

    async def close(self) -> None:
        await asyncio.Event().wait()


def longest_heartbeat_s() -> float:
    return next(each.le for each in Relay.model_fields["heartbeat_s"].metadata if hasattr(each, "le"))


@pytest.mark.parametrize("heartbeat_s", [Settings.model_fields["heartbeat_s"].default, longest_heartbeat_s()])
def test_with_every_setting_a_dead_connection_is_noticed_within_45_seconds(heartbeat_s: float) -> None:
    async def held_for_s() -> float:
        websocket = SilentSocket()
        link = Link(websocket, lambda _: None)  # pyright: ignore[reportArgumentType] - as much of one as is used
        link.opened(heartbeat_s)
        with pytest.raises(LinkLostError, match="no sign of life"):
            await link.run()
        assert websocket.sent == SILENT_BEATS
        return asyncio.get_running_loop().time()

    with asyncio.Runner(loop_factory=Hours) as runner:
        noticed_s = runner.run(held_for_s())
    assert noticed_s == pytest.approx((SILENT_BEATS + 1) * heartbeat_s)
    assert noticed_s < NOTICED_S
