"""Requests that the senders themselves published, through HTTP, RQ, WebSocket and a local server.

They were signed years ago, so the ingress that receives them lives in their time: its clock is an argument.
Everything else is the running gateway; only the sweeper is away, which would rightly call them expired.
"""

import base64
import json
from collections import Counter
from pathlib import Path
from typing import Any

from cli.surroundings import redis_url
from store import keyring
from tests.public_door import public_door
from tests.system.stack import Stack, Subscriber, gateway, post, until

VECTORS = Path(__file__).parent.parent / "domain" / "senders" / "vectors.json"
SENDERS = {"github": "github", "stripe": "stripe", "slack": "slack", "generic-x-signature": "custom"}
# The legacy header is not a scheme of ours: it never lets an event in.
LEGACY = "github-sha1"
ANY_TIME_S = 1_600_000_000


def published() -> dict[str, dict[str, Any]]:
    """Vectors that can travel over HTTP and whose secret can be stored, by the name of their webhook."""
    vectors = json.loads(VECTORS.read_text())
    able = [each for each in vectors if each["secret"] and all(map(str.isascii, each["headers"].values()))]
    return {f"v{number}": each for number, each in enumerate(able)}


def is_valid(vector: dict[str, Any]) -> bool:
    return vector["expect"] == "valid" and vector["scheme"] != LEGACY


def urls(stack: Stack, vectors: dict[str, dict[str, Any]]) -> dict[str, str]:
    """A webhook for each vector, with its sender and secret."""
    made = {}
    for name, vector in vectors.items():
        webhook = stack.webhook(name, SENDERS[vector["provider"]], require_signature=True)
        stack.api.ask("PUT", "webhooks", name, "secret", body={"secret": vector["secret"]})
        made[name] = webhook["url"]
    return made


async def test_exactly_the_valid_ones_arrive_as_they_were_published(
    tmp_path: Path, local: Subscriber
) -> None:
    vectors = published()
    moment = [0]
    async with gateway(tmp_path, "sweeper", RETENTION_HOURS=720, DEDUP_WINDOW_HOURS=0) as stack:
        ring = keyring.load(stack.settings.secrets_dir)
        addresses = urls(stack, vectors)
        stack.subscribe(webhooks=tuple(addresses))
        await stack.connect(app=local.url)
        with public_door(redis_url(stack.settings), ring=ring, clock_ms=lambda: moment[0]) as door:
            for name, vector in vectors.items():
                moment[0] = int(vector["now"] or ANY_TIME_S) * 1000
                address = addresses[name].replace(str(stack.settings.ingress_port), str(door.port))
                body = base64.b64decode(vector["body_base64"])
                assert post(address, body, vector["headers"])[0] == 202
        await until(
            lambda: stack.count("delivery:delivered") + stack.count("event:rejected") == len(vectors),
            "an end for each of them",
        )
    arrived = {each.header("fleet-webhook"): each.body for each in local.arrivals}
    valid = {name: vector for name, vector in vectors.items() if is_valid(vector)}
    assert arrived == {name: base64.b64decode(vector["body_base64"]) for name, vector in valid.items()}
    # All four senders are among them, so the test cannot pass on nothing.
    assert set(Counter(vector["provider"] for vector in valid.values())) == set(SENDERS)
