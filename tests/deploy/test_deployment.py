"""The whole deployment at work: scaled, killed, stopped and started again. Nothing accepted is lost."""

import asyncio
import threading

import pytest

from tests.deploy.compose import Compose, until
from tests.system.load import Posted, post_many

BACK_WITHIN_S = 60.0
EVENTS = 400


def post(compose: Compose, address: str, count: int) -> set[str]:
    """Post events as a stubborn sender does; the ids of those that were accepted."""
    posted = asyncio.run(post_many(compose.doors + address, count, stubborn=True))
    assert len(posted.accepted) >= count
    return posted.accepted


def all_arrived(compose: Compose, accepted: set[str]) -> None:
    until(lambda: accepted <= set(compose.arrived()), "every accepted event at the subscriber")
    until(lambda: "The ledger balances." in compose.fleet("audit"), "a balanced ledger")


def test_everything_posted_arrives_once_through_all_replicas(compose: Compose, address: str) -> None:
    accepted = post(compose, address, EVENTS)
    all_arrived(compose, accepted)
    ours = [event for event in compose.arrived() if event in accepted]
    assert len(ours) == len(accepted)
    for service, count in (("worker", 4), ("ingress", 2), ("relay", 2)):
        assert len(compose.containers(service)) == count


@pytest.mark.parametrize(
    "service", ["redis", "ingress", "relay", "worker", "retries", "sweeper", "connector", "doors"]
)
def test_a_container_killed_under_load_comes_back_and_nothing_is_lost(
    compose: Compose, address: str, service: str
) -> None:
    posted, before = Posted(), compose.restarts(service)
    sender = threading.Thread(
        target=lambda: asyncio.run(post_many(compose.doors + address, 3 * EVENTS, posted, stubborn=True))
    )
    sender.start()
    until(lambda: len(posted.accepted) > EVENTS // 2, "load")
    compose.kill(service)
    back_s = until(
        lambda: compose.restarts(service) > before and compose.is_well(service),
        f"{service} back",
        BACK_WITHIN_S,
    )
    sender.join()
    assert len(posted.accepted) >= 3 * EVENTS
    all_arrived(compose, posted.accepted)
    assert back_s < BACK_WITHIN_S


def test_down_and_up_again_keeps_everything(compose: Compose, address: str) -> None:
    compose.run("stop", "connector")
    accepted = post(compose, address, 50)
    before = compose.fleet("gateways", "list"), compose.fleet("webhooks", "list", "--json")
    until(lambda: "waiting" not in compose.fleet("events", "list"), "all fanned out")
    seen = set(compose.arrived())
    assert not seen & accepted
    compose.down("-t", "20")
    compose.up()
    assert compose.fleet("gateways", "list") == before[0]
    assert compose.fleet("webhooks", "list", "--json") == before[1]
    all_arrived(compose, accepted)


def test_without_redis_senders_are_told_to_come_again(compose: Compose, address: str) -> None:
    compose.run("stop", "redis")
    posted = asyncio.run(post_many(compose.doors + address, 3))
    compose.run("start", "redis")
    assert posted.statuses == {503: 3}
    all_arrived(compose, post(compose, address, 10))
