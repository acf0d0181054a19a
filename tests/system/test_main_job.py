"""The main job through real processes: posted to a public URL, delivered to a local program."""

import asyncio
import hashlib
import subprocess
import sys
import time
from pathlib import Path

import pytest
from aiohttp import web

from cli.surroundings import redis_url
from domain.event import Request
from domain.senders import SENDERS, sign
from domain.webhook import MAX_BODY_BYTES
from tests.system.stack import Arrival, Stack, Subscriber, gateway, post, until

BODY = b'{"id": "evt_1", "type": "push", "event_id": "Ev1", "zen": "Keep it logically awesome."}'


def signed(sender: str, secret: str, body: bytes = BODY, at: int | None = None) -> dict[str, str]:
    made = sign(
        SENDERS[sender], Request("POST", b"", b"", (), body), secret.encode(), at or time.time_ns() // 10**6
    ).headers
    return {name.decode(): value.decode() for name, value in made}


async def test_every_sender_and_every_forger(stack: Stack, local: Subscriber) -> None:
    senders = ("github", "stripe", "slack", "custom")
    made = {}
    for sender in senders:
        webhook = stack.webhook(sender, sender, require_signature=True)
        if "secret" not in webhook:
            webhook["secret"] = f"whsec_issued by {sender}"
            stack.api.ask("PUT", "webhooks", sender, "secret", body={"secret": webhook["secret"]})
        made[sender] = webhook
    stack.subscribe(webhooks=senders)
    await stack.connect(app=local.url)
    for sender, webhook in made.items():
        forged = signed(sender, "another secret")
        late = signed(sender, webhook["secret"], at=time.time_ns() // 10**6 - 301_000)
        true = signed(sender, webhook["secret"])
        assert post(webhook["url"], BODY, forged)[0] == 202
        assert post(webhook["url"], BODY)[0] == 202
        if sender in {"stripe", "slack"}:
            assert post(webhook["url"], BODY, late)[0] == 202
        assert post(webhook["url"], BODY, true)[0] == 202
    await stack.settled(4)
    assert sorted(each.header("fleet-webhook") for each in local.arrivals) == sorted(senders)
    assert all(each.body == BODY and each.header("fleet-verified") != "no" for each in local.arrivals)
    counts = stack.counts()
    assert (counts["rejected:wrong_signature"], counts["rejected:missing_signature"]) == (4, 4)
    assert counts["rejected:too_old"] == 2
    assert stack.differences() == []


@pytest.mark.parametrize(
    "body",
    [b"", bytes(range(256)) * 8, b"payload=%7B%7D&a=+", b"\x1f\x8b not really gzip", b"x" * MAX_BODY_BYTES],
    ids=["empty", "binary", "form", "encoded", "one MiB"],
)
async def test_bytes_arrive_untouched(stack: Stack, local: Subscriber, body: bytes) -> None:
    webhook = stack.webhook()
    stack.subscribe()
    await stack.connect(app=local.url)
    reader, writer = await asyncio.open_connection("127.0.0.1", stack.settings.ingress_port)
    path = webhook["url"].partition(str(stack.settings.ingress_port))[2]
    sent = [
        ("x-b", "1"),
        ("X-A", "caf\xe9"),
        ("x-b", "2"),
        ("Content-Encoding", "gzip"),
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Fleet-Verified", "forged"),
        ("Connection", "close, x-hop"),
        ("X-Hop", "1"),
        ("Accept", "*/*"),
    ]
    head = "".join(f"{name}: {value}\r\n" for name, value in sent)
    start = f"POST {path}/a%2Fb?q=%20&q=1 HTTP/1.1\r\nHost: public.example\r\n"
    writer.write(f"{start}{head}Content-Length: {len(body)}\r\n\r\n".encode("latin-1") + body)
    assert (await reader.readline()).startswith(b"HTTP/1.1 202 ")
    writer.close()
    await stack.settled(1)
    [arrival] = local.arrivals
    assert hashlib.sha256(arrival.body).digest() == hashlib.sha256(body).digest()
    assert arrival.path == "/a%2Fb?q=%20&q=1"
    ours = {"host", "content-length"}
    arrived = [
        pair for pair in arrival.headers if not pair[0].startswith("fleet-") and pair[0].lower() not in ours
    ]
    assert arrived == [
        (name.lower(), value)
        for name, value in sent
        if name.lower() not in {"connection", "x-hop", "fleet-verified"}
    ]
    assert arrival.header("fleet-verified") == "no"
    assert arrival.header("fleet-original-host") == "public.example"


async def test_each_subscription_gets_what_it_asked_for(stack: Stack, local: Subscriber) -> None:
    webhook = stack.webhook()
    stack.subscribe("pushes", events=["push"])
    stack.subscribe("pulls", events=["pull_request*"])
    stack.subscribe("everything")
    await stack.connect(
        pushes=f"{local.url}pushes", pulls=f"{local.url}pulls", everything=f"{local.url}everything"
    )
    for event in ("push", "pull_request", "issues"):
        assert post(webhook["url"], BODY, {"X-GitHub-Event": event})[0] == 202
    await stack.settled(5)
    arrived = sorted((each.path.strip("/"), each.header("x-github-event")) for each in local.arrivals)
    assert arrived == [
        ("everything", "issues"),
        ("everything", "pull_request"),
        ("everything", "push"),
        ("pulls", "pull_request"),
        ("pushes", "push"),
    ]
    assert stack.differences() == []


async def test_two_answers_of_500_and_the_third_attempt_delivers(tmp_path: Path, local: Subscriber) -> None:
    def answer(_: Arrival) -> web.Response:
        return web.Response(status=500 if len(local.arrivals) < 3 else 204)

    local.answer = answer
    async with gateway(tmp_path, RETRY_SCHEDULE_S="0.1,0.1,0.1") as stack:
        webhook = stack.webhook()
        stack.subscribe()
        await stack.connect(app=local.url)
        _, accepted = post(webhook["url"], BODY)
        await stack.settled(1)
        assert [each.header("fleet-attempt") for each in local.arrivals] == ["1", "2", "3"]
        assert len(set(local.deliveries())) == 1
        [delivery] = stack.api.ask("GET", "events", accepted["id"])["deliveries"]
        assert (delivery["state"], delivery["attempts"]) == ("delivered", 3)


async def test_gone_is_refused_and_final(stack: Stack, local: Subscriber) -> None:
    local.answer = lambda _: web.Response(status=410)
    webhook = stack.webhook()
    stack.subscribe()
    await stack.connect(app=local.url)
    post(webhook["url"], BODY)
    await until(lambda: stack.count("delivery:refused") == 1, "refused")
    assert len(local.arrivals) == 1
    assert stack.differences() == []


async def test_a_dead_delivery_is_revived_by_rq_itself(tmp_path: Path, local: Subscriber) -> None:
    local.answer = lambda _: web.Response(status=500)
    async with gateway(tmp_path, RETRY_SCHEDULE_S="0.1,0.1") as stack:
        webhook = stack.webhook()
        stack.subscribe()
        await stack.connect(app=local.url)
        post(webhook["url"], BODY)
        await until(lambda: stack.count("delivery:dead") == 1, "dead")
        assert len(local.arrivals) == 3
        url = redis_url(stack.settings)
        key = "rq:failed:deliveries"
        await until(lambda: stack.store.client.execute_command("ZCARD", key) == 1, "in the failed registry")
        local.answer = lambda _: web.Response()
        requeue = [
            str(Path(sys.executable).parent / "rq"),
            "requeue",
            "--all",
            "--queue",
            "deliveries",
            "--url",
            url,
            "--serializer",
            "rq.serializers.JSONSerializer",
        ]
        done = await asyncio.to_thread(subprocess.run, requeue, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        await stack.settled(1)
        assert stack.differences() == []
        assert "delivery:dead" not in stack.counts()


async def test_a_subscription_made_anew_is_served_by_who_is_connected(
    stack: Stack, local: Subscriber
) -> None:
    webhook = stack.webhook()
    stack.subscribe()
    await stack.connect(app=local.url)
    stack.api.ask("DELETE", "subscriptions", "app")
    stack.subscribe()
    post(webhook["url"], BODY)
    await until(lambda: len(local.arrivals) == 1, "the event at the connector that was there before")
