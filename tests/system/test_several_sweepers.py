"""Two sweepers: one is on duty, and where it ends the other one goes on."""

from collections import Counter
from pathlib import Path

from aiohttp import web

from tests.system.stack import Arrival, Stack, Subscriber, gateway, post, until

EVENTS = 10


def on_duty(stack: Stack) -> bytes | None:
    """The name of the sweeper whose lease of the duty has not ended."""
    return stack.store.client.execute_command("GET", "fleet:sweeper")


def says(stack: Stack, name: str, what: bytes) -> int:
    """How often a sweeper has logged something."""
    log = stack.settings.state_dir / "logs" / f"{name}.log"
    return log.read_bytes().count(what) if log.exists() else 0


def not_at_first(arrival: Arrival) -> web.Response:
    return web.Response(status=503 if arrival.header("fleet-attempt") == "1" else 200)


async def test_retries_go_on_when_a_sweeper_stops_and_when_one_is_killed(
    tmp_path: Path, local: Subscriber
) -> None:
    local.answer = not_at_first
    async with gateway(tmp_path, RETRY_SCHEDULE_S="0.2,60") as stack:
        await stack.add("sweeper-2", "sweeper")
        await until(lambda: says(stack, "sweeper-2", b"sweeper_started") == 1, "a second sweeper")
        webhook = stack.webhook()
        stack.subscribe()
        await stack.connect(app=local.url)

        async def retry_some(rounds: int) -> None:
            for number in range(EVENTS):
                assert post(webhook["url"], b"%d" % number)[0] == 202
            await stack.settled(rounds * EVENTS)

        await retry_some(1)
        assert says(stack, "sweeper-2", b"sweeper_on_duty") == 0
        first = on_duty(stack)
        await stack.stop("sweeper")
        assert on_duty(stack) != first, "it gave its duty back"
        await until(lambda: says(stack, "sweeper-2", b"sweeper_on_duty") == 1, "the other one on duty")
        assert stack.ends("sweeper") == ["exit code 0"]
        await retry_some(2)

        await until(lambda: says(stack, "sweeper", b"sweeper_started") == 2, "the first one again")
        assert says(stack, "sweeper", b"sweeper_on_duty") == 1
        stack.kill("sweeper-2")
        await retry_some(3)
        names = ("sweeper", "sweeper-2")
        await until(
            lambda: sum(says(stack, name, b"sweeper_on_duty") for name in names) == 3, "one of them on duty"
        )

        attempts = Counter(
            (each.header("fleet-delivery"), each.header("fleet-attempt")) for each in local.arrivals
        )
        assert len(attempts) == 2 * 3 * EVENTS
        assert set(attempts.values()) == {1}
        assert stack.differences() == []
