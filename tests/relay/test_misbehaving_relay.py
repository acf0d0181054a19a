"""A connector whose relay does not do what it should: it leaves, says why, and comes again."""

import pytest
from aiohttp import web

from relay.tunnel.codec import encode
from relay.tunnel.messages import Beat, Bye, Confirmed, Message, Served, Settled, Welcome
from relay.tunnel.problem import Problem, ProblemCode
from tests.running_connector import Recorder, Scripted, connector
from tests.tunnel_messages import delivery
from tests.waiting import until


class FakeRelay:
    """A relay that says what it is told to and then nothing more."""

    def __init__(self, *messages: Message) -> None:
        self.messages = messages
        self.visits = 0

    async def visit(self, request: web.Request) -> web.WebSocketResponse:
        self.visits += 1
        websocket = web.WebSocketResponse()
        await websocket.prepare(request)
        await websocket.receive()
        for message in self.messages:
            frame = encode(message)
            await (websocket.send_str(frame) if isinstance(frame, str) else websocket.send_bytes(frame))
        async for _ in websocket:
            pass
        return websocket


async def _lost_by(*messages: Message, status: int = 0) -> list[str]:
    fake = FakeRelay(*messages)

    async def refuse(_: web.Request) -> web.Response:
        return web.Response(status=status)

    app = web.Application()
    app.router.add_get("/tunnel", refuse if status else fake.visit)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    async with connector(runner.addresses[0][1], "fleet_x", {"ci": Scripted()}) as running:
        await until(lambda: running.recorder.losses)
    await runner.cleanup()
    return running.recorder.losses


async def _visited(times: int, *messages: Message) -> Recorder:
    """What a connector notes whose relay says this and nothing more, again and again."""
    fake = FakeRelay(*messages)
    app = web.Application()
    app.router.add_get("/tunnel", fake.visit)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with connector(runner.addresses[0][1], "fleet_x", {"ci": Scripted()}) as running:
        recorder = running.recorder
        await until(lambda: len(recorder.moves) + len(recorder.pauses) >= times)
    await runner.cleanup()
    return recorder


async def _moved_by(times: int) -> list[float]:
    """The pauses of a connector whose relay says something, and sends it away."""
    moved = Problem(ProblemCode.MOVED, "This relay is stopping; connect again.")
    recorder = await _visited(times, Welcome("s", 15, 5, SERVED), Beat(), moved)
    assert recorder.losses == []
    return recorder.moves[:times]


SERVED = (Served("ci", "sub_" + "0" * 23, 30),)


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ((Welcome("s", 0.2, 0.02, SERVED),), "no sign of life"),
        ((Welcome("s", 15, 5, SERVED), Bye()), "bye is not expected"),
        ((Welcome("s", 15, 5, (Served("other", "sub_" + "0" * 23, 30),)),), "other subscriptions"),
        ((Problem(ProblemCode.UNAVAILABLE, "Come again."),), "Come again."),
    ],
)
async def test_a_relay_that_misbehaves_is_left_and_tried_again(
    messages: tuple[Message, ...], reason: str
) -> None:
    losses = await _lost_by(*messages)
    assert reason in losses[0]


async def test_a_relay_that_does_not_greet_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relay.connector.link.CONNECT_TIMEOUT_S", 0.1)
    assert await _lost_by() == ["The relay does not greet us."]


@pytest.mark.parametrize(("status", "hint"), [(404, "check FLEET_API_URL"), (503, "The relay answered 503")])
async def test_a_relay_that_is_not_ready_is_tried_again(status: int, hint: str) -> None:
    losses = await _lost_by(status=status)
    assert hint in losses[0]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_gets_the_token(status: int) -> None:
    gone_to = list[str]()

    async def elsewhere(request: web.Request) -> web.Response:
        gone_to.append(request.path)
        return web.Response(status=404)

    async def lead(request: web.Request) -> web.Response:
        return web.Response(status=status, headers={"location": f"http://{request.host}/elsewhere"})

    app = web.Application()
    app.router.add_get("/tunnel", lead)
    app.router.add_get("/elsewhere", elsewhere)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with connector(runner.addresses[0][1], "fleet_x", {"ci": Scripted()}) as running:
        await until(lambda: running.recorder.losses)
    await runner.cleanup()
    assert gone_to == []
    assert "leads elsewhere" in running.recorder.losses[0]


async def test_a_relay_that_sends_away_again_and_again_is_asked_less_and_less_often(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("relay.connector.backoff.FIRST_S", 0.01)
    assert await _moved_by(4) == [0.0075, 0.015, 0.03, 0.06]


async def test_who_was_long_at_a_relay_comes_back_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relay.connector.backoff.FIRST_S", 0.01)
    monkeypatch.setattr("relay.connector.keeper._CALM_S", 0.0)
    assert await _moved_by(4) == [0.0075] * 4


AWAY = Problem(ProblemCode.UNAVAILABLE, "Come again.")


async def test_a_relay_that_welcomes_and_fails_at_once_is_asked_less_and_less_often(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("relay.connector.backoff.FIRST_S", 0.01)
    recorder = await _visited(4, Welcome("s", 15, 5, SERVED), Beat(1), AWAY)
    assert recorder.pauses[:4] == [0.0075, 0.015, 0.03, 0.06]


@pytest.mark.parametrize("work", [Beat(2), Settled((Confirmed(delivery(1), 1),))])
async def test_a_relay_that_works_is_asked_again_at_once(
    work: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.connector.backoff.FIRST_S", 0.01)
    recorder = await _visited(4, Welcome("s", 15, 5, SERVED), work, AWAY)
    assert recorder.pauses[:4] == [0.0075] * 4
