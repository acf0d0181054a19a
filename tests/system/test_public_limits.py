"""The hourly limit, exact across ingress processes; and a door that Redis has left."""

import asyncio
import urllib.error
import urllib.request
from pathlib import Path

from cli.service import Service
from cli.stack import fleet
from tests.system.load import post_many
from tests.system.stack import Stack, free_port, gateway, post, until


async def test_two_ingress_processes_accept_exactly_a_thousand(stack: Stack) -> None:
    webhook = stack.webhook(hourly_limit=1000)
    port = free_port()
    env = {**stack.environ, "FLEET_INGRESS_PORT": str(port)}
    await stack.running.add(Service(name="ingress-2", argv=fleet("run", "ingress"), env=env))
    second = webhook["url"].replace(str(stack.settings.ingress_port), str(port))
    await until(lambda: _answers(second), "a second ingress")
    both = await asyncio.gather(post_many(webhook["url"], 600), post_many(second, 600))
    statuses = both[0].statuses + both[1].statuses
    # The probe of the second door spent nothing: it asked with GET.
    assert statuses == {202: 1000, 429: 200}
    assert stack.count("event:accepted") == 1000


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=5)  # noqa: S310 - our own address
    except urllib.error.HTTPError as error:
        return error.code == 405
    except OSError:
        return False
    return False


async def test_without_redis_the_door_says_come_again_and_recovers(tmp_path: Path) -> None:
    async with gateway(tmp_path) as stack:
        webhook = stack.webhook()
        assert post(webhook["url"])[0] == 202
        stack.kill("redis")
        await until(lambda: post(webhook["url"])[0] in {202, 503}, "an answer at any time")
        await until(lambda: post(webhook["url"])[0] == 202, "accepting again")
        await until(lambda: not stack.count("event:waiting"), "workers at work again")
        assert stack.differences() == []
