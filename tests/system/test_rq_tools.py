"""RQ's own tools see our queues, as the Redis user who may do just that; what they requeue is delivered."""

import asyncio
import os
import re
import subprocess
import sys
import zlib
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web

from cli.surroundings import redis_url
from store import acl
from tests.system.stack import Stack, Subscriber, gateway, post, subscriber, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

MARK = "kanarienvogel-7f3a"
BODY = f'{{"note": "{MARK}"}}'.encode()
PASSWORD = "password of the dashboard"
RQ = str(Path(sys.executable).with_name("rq"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def local() -> AsyncGenerator[Subscriber]:
    async with subscriber() as listening:
        yield listening


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory, local: Subscriber) -> AsyncGenerator[Stack]:
    async with gateway(tmp_path_factory.mktemp("gateway"), git=True, RETRY_SCHEDULE_S="none") as running:
        rules = acl.DASHBOARD.line(PASSWORD).split()[2:]
        running.store.client.execute_command("ACL", "SETUSER", acl.DASHBOARD.name, *rules)
        running.webhook()
        running.subscribe()
        await running.connect(app=local.url)
        yield running


@pytest.fixture
def url(stack: Stack) -> str:
    """Where events are posted."""
    return stack.api.ask("GET", "webhooks", "hook")["url"]


async def rq(stack: Stack, *arguments: str) -> str:
    """What a tool of RQ prints, as the user of rq-dashboard."""
    address = redis_url(stack.settings).removeprefix("unix://")
    as_dashboard = f"unix://{acl.DASHBOARD.name}@{address}?password={PASSWORD.replace(' ', '%20')}"
    environ = {**os.environ, "RQ_REDIS_URL": as_dashboard}
    done = await asyncio.to_thread(
        subprocess.run, [RQ, *arguments], capture_output=True, text=True, check=False, env=environ
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


async def die(stack: Stack, local: Subscriber, url: str, number: int) -> None:
    """Let so many deliveries die, and the target be well again."""
    # What a test before this one has had sent again may be under way, and would die, too.
    await until(lambda: stack.count("delivery:in_flight") == 0, "rest")
    before = stack.count("delivery:dead")
    local.answer = lambda _: web.Response(status=500)
    for _ in range(number):
        post(url, BODY)
    failed = ("ZCARD", "rq:failed:deliveries")
    await until(lambda: stack.count("delivery:dead") == before + number, "dead")
    await until(lambda: stack.store.client.execute_command(*failed) == before + number, "failed jobs")
    local.answer = lambda _: web.Response()


async def test_rq_info_names_queues_and_workers(stack: Stack, local: Subscriber, url: str) -> None:
    await die(stack, local, url, 2)
    said = await rq(stack, "info")
    assert re.search(r"^deliveries .* 0, 0 executing, \d+ finished, 2 failed$", said, re.MULTILINE)
    assert re.search(r"^events .* 0, 0 executing, \d+ finished, 0 failed$", said, re.MULTILINE)
    for queue in ("events", "deliveries", "git"):
        assert re.search(rf"^{queue}-[0-9a-f]+ .*: idle {queue}\.", said, re.MULTILINE)
    assert MARK not in said
    await rq(stack, "requeue", "--all", "--queue", "deliveries")
    await until(lambda: stack.count("delivery:dead") == 0, "replayed")


async def test_what_rq_requeues_is_delivered(stack: Stack, local: Subscriber, url: str) -> None:
    await die(stack, local, url, 3)
    arrived, delivered = len(local.arrivals), stack.count("delivery:delivered")
    assert "Requeueing 3 jobs" in await rq(stack, "requeue", "--all", "--queue", "deliveries")
    await until(lambda: stack.count("delivery:delivered") == delivered + 3, "delivered")
    assert [each.body for each in local.arrivals[arrived:]] == [BODY] * 3
    assert "0 failed" in (await rq(stack, "info", "deliveries")).splitlines()[0]
    assert stack.differences() == []


async def test_one_of_them_is_requeued_by_its_id(stack: Stack, local: Subscriber, url: str) -> None:
    await die(stack, local, url, 2)
    [first, _] = stack.store.client.execute_command("ZRANGE", "rq:failed:deliveries", 0, -1)
    await rq(stack, "requeue", "--queue", "deliveries", first.decode())
    await until(lambda: stack.count("delivery:dead") == 1, "one replayed")
    await rq(stack, "requeue", "--all", "--queue", "deliveries")
    await until(lambda: stack.count("delivery:dead") == 0, "the other one, too")


async def test_suspended_workers_begin_nothing_and_go_on_when_resumed(
    stack: Stack, local: Subscriber, url: str
) -> None:
    def is_suspended() -> bool:
        found = stack.api.ask("GET", "queues")
        [verifier] = [each for each in found["workers"] if each["queue"] == "events"]
        return found["suspended"] and verifier["state"] == "suspended"

    arrived = len(local.arrivals)
    await rq(stack, "suspend")
    try:
        # Who waited for a job when it was suspended takes one more, and notices then.
        assert post(url, BODY)[0] == 202
        await until(is_suspended, "a worker that is suspended")
        status, accepted = post(url, BODY)
        assert status == 202
        await until(lambda: stack.api.ask("GET", "queues")["queues"][0]["depth"] == 1, "a job that waits")
        assert stack.api.ask("GET", "events", accepted["id"])["state"] == "waiting"
    finally:
        await rq(stack, "resume")
    await until(lambda: len(local.arrivals) == arrived + 2, "what had waited")
    await until(lambda: stack.count("event:waiting") == 0, "none waits")


async def test_what_the_tools_can_read_says_what_is_done_and_holds_no_payload(
    stack: Stack, local: Subscriber, url: str
) -> None:
    await die(stack, local, url, 1)
    [job] = stack.store.client.execute_command("ZRANGE", "rq:failed:deliveries", 0, -1)
    flat = stack.store.client.execute_command("HGETALL", b"rq:job:" + job)
    fields = dict(zip(flat[::2], flat[1::2], strict=True))
    assert re.fullmatch(rb"declare dead dlv_\w+", fields[b"description"])
    data = zlib.decompress(fields[b"data"])
    assert data.startswith(b'["workers.jobs.attempt", null, ["dlv_')
    results = stack.store.client.execute_command("XRANGE", b"rq:results:" + job, "-", "+")
    assert MARK.encode() not in b"".join([data, *flat, *(part for entry in results for part in entry[1])])
    await rq(stack, "requeue", "--all", "--queue", "deliveries")
    await until(lambda: stack.count("delivery:dead") == 0, "replayed")
