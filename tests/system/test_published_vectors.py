"""Requests that the senders themselves published, through HTTP, RQ, WebSocket and a local server.

They were signed years ago, so the ingress that receives them lives in their time: its clock is an argument.
Everything else is the running gateway; only the sweeper is away, which would rightly call them expired.
"""

import json
from http import HTTPStatus
from pathlib import Path

from cli.surroundings import redis_url
from domain.senders import SENDERS, usable
from store import keyring
from tests.public_door import public_door
from tests.published import PINNED, SENDER_OF, VECTORS, Vector, request_of
from tests.system.stack import Stack, Subscriber, gateway, until

ANY_TIME_S = 1_600_000_000


def published() -> dict[str, Vector]:
    """Vectors that can travel over HTTP and whose secret can be stored, by the name of their webhook."""
    return {f"v{number}": each for number, each in enumerate(VECTORS) if can_travel(each)}


def can_travel(vector: Vector) -> bool:
    sender = SENDERS[SENDER_OF.get(vector["provider"], vector["provider"])]
    return (
        vector["method"] == "POST"
        and usable(sender, vector["secret"].encode())
        and all(map(str.isascii, vector["headers"].values()))
    )


def parameters(vector: Vector) -> dict[str, str]:
    """What the owner of such a webhook has to tell: the address that was signed, and what is particular."""
    made = dict(vector.get("params", {}))
    if vector["url"]:
        made["url"] = vector["url"]
    if vector["provider"] == "aws-sns":
        made["topic_arn"] = json.loads(request_of(vector).body)["TopicArn"]
    if vector["scheme"] in PINNED:
        made["scheme"] = vector["scheme"]
    return made


def urls(stack: Stack, vectors: dict[str, Vector]) -> dict[str, str]:
    """A webhook for each vector, with its sender, parameters and secret."""
    made = {}
    for name, vector in vectors.items():
        sender = SENDER_OF.get(vector["provider"], vector["provider"])
        webhook = stack.webhook(name, sender, require_signature=True, parameters=parameters(vector))
        stack.api.ask("PUT", "webhooks", name, "secret", body={"secret": vector["secret"], "exact": True})
        made[name] = webhook["url"]
    return made


async def test_exactly_the_valid_ones_arrive_as_they_were_published(
    tmp_path: Path, local: Subscriber
) -> None:
    vectors = published()
    moment, answered = [0], dict[str, int]()
    async with gateway(tmp_path, "sweeper", RETENTION_HOURS=720, DEDUP_WINDOW_HOURS=0) as stack:
        ring = keyring.load(stack.settings.secrets_dir)
        addresses = urls(stack, vectors)
        # A subscription listens to a hundred webhooks at most.
        names = tuple(addresses)
        stack.subscribe("first", webhooks=names[:100])
        stack.subscribe("second", webhooks=names[100:])
        await stack.connect(first=local.url, second=local.url)
        with public_door(redis_url(stack.settings), ring=ring, clock_ms=lambda: moment[0]) as door:
            for name, vector in vectors.items():
                moment[0] = int(vector["now"] or ANY_TIME_S) * 1000
                request = request_of(vector)
                path = addresses[name].partition("/t/")[2]
                query = f"?{request.query.decode()}" if request.query else ""
                answer = door.request("POST", f"/t/{path}{query}", request.body, vector["headers"])
                answered[name] = answer.status
        accepted = {name: vectors[name] for name, status in answered.items() if status == 202}
        await until(
            lambda: stack.count("delivery:delivered") + stack.count("event:rejected") == len(accepted),
            "an end for each of them",
        )
    arrived = {each.header("fleet-webhook"): each.body for each in local.arrivals}
    valid = {name: vector for name, vector in accepted.items() if vector["expect"] == "valid"}
    assert arrived == {name: request_of(vector).body for name, vector in valid.items()}
    # What asks whether the address is right is answered at once, and refused at once where it is not signed.
    asked = [(vectors[name]["provider"], status) for name, status in answered.items() if status != 202]
    refused = [provider for provider, status in asked if status == HTTPStatus.UNAUTHORIZED]
    assert sorted(refused) == ["discord", "discord", "twitch", "twitch"]
    assert sorted(set(asked) - {(each, 401) for each in refused}) == [("discord", 204), ("twitch", 200)]
    # All senders with published vectors are among them, so the test cannot pass on nothing.
    heard = {vector["provider"] for vector in valid.values()} | {provider for provider, _ in asked}
    assert heard == {vector["provider"] for vector in VECTORS}
