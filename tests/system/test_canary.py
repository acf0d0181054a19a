"""A marker in body, headers, query and secret is nowhere: Redis, its file, RQ, logs, metrics, answers."""

import json
import zlib
from pathlib import Path

from aiohttp import web

from tests.scraping import free_ports, page, ports
from tests.system.stack import Stack, Subscriber, gateway, post, until
from tests.system.test_main_job import signed

CANARY = "kanarienvogel-7f3a"


async def test_no_canary_anywhere(tmp_path: Path, local: Subscriber) -> None:
    local.answer = lambda _: _refuse()
    monitored = {"METRICS_PORT": free_ports(), "METRICS_WEBHOOKS": "on"}
    async with gateway(tmp_path, RETRY_SCHEDULE_S="0.1", LOG_LEVEL="debug", **monitored) as stack:
        webhook = stack.webhook(sender="custom", require_signature=True)
        secret = f"{CANARY}-secret"
        answers = [stack.api.ask("PUT", "webhooks", "hook", "secret", body={"secret": secret})]
        stack.subscribe()
        await stack.connect(app=local.url)
        body = json.dumps({"note": f"{CANARY}-body", "type": "sale"}).encode()
        headers = {"X-Note": f"{CANARY}-header", **signed("custom", secret, body)}
        for sent, path in ((body, f"?note={CANARY}-query"), (body + b" ", "")):
            status, answer = post(webhook["url"], sent, headers, path)
            assert status == 202
            answers.append(answer)
        await until(lambda: stack.count("delivery:dead") == 1, "dead")
        await until(lambda: stack.count("event:rejected") == 1, "rejected")
        assert any(CANARY.encode() in arrival.body for arrival in local.arrivals)
        answers += [
            stack.api.ask("GET", *path)
            for path in (
                ("webhooks",),
                ("webhooks", "hook"),
                ("subscriptions",),
                ("events", answers[1]["id"]),
            )
        ]
        assert CANARY not in json.dumps(answers)
        assert CANARY.encode() not in everything_in_redis(stack)
        assert stack.store.client.execute_command("EXISTS", f"fleet:body:{answers[1]['id']}") == 1
        token = webhook["url"].rpartition("/")[2]
        told = {name: page(port)[1] for name, port in ports(stack).items()}
        assert told.keys() == {"ingress", "relay", "events", "retries", "sweeper", "connector"}
        assert webhook["id"] in told["ingress"]
        for secret in (CANARY, token, stack.token, answers[1]["id"]):
            assert secret not in "".join(told.values())
        logs = stack.logs()
        assert token.encode() not in logs
        assert stack.token.encode() not in logs
    assert CANARY.encode() not in at_rest(tmp_path)


def at_rest(folder: Path) -> bytes:
    """Every file, the append-only file among them."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert any("appendonly" in file.name for file in files)
    return b"".join(file.read_bytes() for file in files)


def everything_in_redis(stack: Stack) -> bytes:
    """Every key and value, RQ's compressed fields opened."""
    found: list[bytes] = []
    execute = stack.store.client.execute_command
    reads = {
        b"string": lambda key: [execute("GET", key)],
        b"hash": lambda key: execute("HGETALL", key),
        b"list": lambda key: execute("LRANGE", key, 0, -1),
        b"set": lambda key: execute("SMEMBERS", key),
        b"zset": lambda key: execute("ZRANGE", key, 0, -1),
        b"none": lambda _: [],  # gone since it was named
        b"stream": lambda key: [part for entry in execute("XRANGE", key, "-", "+") for part in entry[1]],
    }
    for key in execute("KEYS", "*"):
        for value in [key, *reads[execute("TYPE", key)](key)]:
            found.append(value)
            try:
                found.append(zlib.decompress(value))
            except zlib.error:
                continue
    return b"\n".join(found)


def _refuse():
    return web.Response(status=503, text=f"{CANARY}-answer")
