"""What the relay makes of signs of progress: few calls of Redis, and none forgotten while that is away."""

from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from structlog.testing import capture_logs

from relay.server.prolonging import Prolonger
from store.calls import Call
from store.deliveries import Prolongation
from tests.running_relay import context_of

NOW_MS = 1_000_000


class Ear:
    """A store that hears what it is to do; it may be away."""

    def __init__(self) -> None:
        self.heard: list[tuple[Any, ...]] = []
        self.is_away = False

    async def run(self, call: Call[Any]) -> None:
        if self.is_away:
            raise RedisConnectionError
        [command] = call.commands
        self.heard.append(command[3:])


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def prolonger(ear: Ear) -> Prolonger:
    return Prolonger(context_of("unix:///nowhere", store=ear, clock_ms=lambda: NOW_MS))


def word(number: int, attempt: int = 1) -> Prolongation:
    return Prolongation("gw", "tun", "s", f"dlv_{number}", attempt, 30)


async def test_a_flood_of_words_about_an_attempt_is_one_and_the_newest(
    ear: Ear, prolonger: Prolonger
) -> None:
    for attempt in range(1, 1001):
        prolonger.add(word(1, attempt))
    await prolonger.prolong()
    await prolonger.prolong()
    assert ear.heard == [(NOW_MS, *word(1, 1000))]


async def test_many_attempts_share_a_call_up_to_a_bound(ear: Ear, prolonger: Prolonger) -> None:
    for number in range(450):
        prolonger.add(word(number))
    await prolonger.prolong()
    assert [(len(call) - 1) // 6 for call in ear.heard] == [200, 200, 50]


async def test_words_wait_while_redis_is_away_and_newer_ones_replace_them(
    ear: Ear, prolonger: Prolonger
) -> None:
    ear.is_away = True
    prolonger.add(word(1, 1))
    prolonger.add(word(2, 1))
    with capture_logs() as logs:
        await prolonger.prolong()
    assert [entry["event"] for entry in logs] == ["attempts_not_prolonged"]
    prolonger.add(word(1, 2))
    ear.is_away = False
    await prolonger.prolong()
    assert ear.heard == [(NOW_MS, *word(1, 2), *word(2, 1))]
