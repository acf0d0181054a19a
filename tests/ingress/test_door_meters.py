"""What the public door tells of each request: accepted, or refused and why."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import get_args

import pytest

from domain.limits import DEFAULTS
from domain.webhook import MAX_BODY_BYTES
from ingress import answers, meters
from store.events import Verdict
from tests.public_door import HEAD_LIMIT_BYTES, PublicDoor, public_door
from tests.world import LIMITS

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Record(meters.Meters):
    """Remembers what it was told."""

    accepts: list[tuple[str, int, float]] = field(default_factory=list)
    limits: list[str] = field(default_factory=list)
    answers: list[tuple[int, str]] = field(default_factory=list)

    def clock_s(self) -> float:
        return 42.0

    def accepted(self, webhook: str, size: int, began_s: float) -> None:
        self.accepts.append((webhook, size, began_s))

    def limited(self, webhook: str) -> None:
        self.limits.append(webhook)

    def answered(self, status: int, reason: str) -> None:
        self.answers.append((status, reason))


@pytest.fixture
def record() -> Record:
    return Record()


@pytest.fixture
def door(redis_url: str, record: Record) -> Iterator[PublicDoor]:
    with public_door(redis_url, meters=record) as open_door:
        yield open_door


def test_an_accepted_event_is_told_with_its_size(door: PublicDoor, record: Record) -> None:
    assert door.post(door.webhook(), b"12345").status == 202
    assert record.accepts == [("whk_hook", 5, 42.0)]
    assert record.answers == [(202, "")]


def test_every_refusal_at_the_door_has_its_reason(door: PublicDoor, record: Record) -> None:
    token = door.webhook(secrets=[b"secret"], required=True, verify_at="ingress")
    door.post("nobody's")
    door.request("GET", f"/t/{token}")
    door.post(door.webhook("https", https_only=True))
    door.post(door.webhook("near", allow_ips=["192.0.2.0/24"]))
    door.request("POST", f"/t/{token}", None, {"content-length": str(MAX_BODY_BYTES + 1)})
    door.post(token)
    assert record.answers == [
        (404, "unknown"),
        (405, "method"),
        (403, "plain_http"),
        (403, "not_allowed"),
        (413, "too_large"),
        (401, "unsigned"),
    ]
    assert record.accepts == []


def test_a_spent_hour_is_told_whether_redis_said_so_or_we_remember(door: PublicDoor, record: Record) -> None:
    token = door.webhook(hourly_limit=1)
    for _ in range(3):
        door.post(token)
    assert record.answers == [(202, ""), (429, "limited"), (429, "limited")]
    assert record.limits == ["whk_hook"] * 2
    assert len(record.accepts) == 1


def test_a_limit_of_the_gateway_is_told_by_its_name(redis_url: str, record: Record) -> None:
    limits = replace(LIMITS, gateway=replace(DEFAULTS, stored_events=1))
    with public_door(redis_url, limits, meters=record) as door:
        token = door.webhook()
        for _ in range(3):
            door.post(token)
    assert record.answers == [(202, ""), (503, "stored_events"), (503, "stored_events")]


def test_what_never_reaches_our_code_is_told_too(redis_url: str, record: Record) -> None:
    with public_door(redis_url, header_timeout_s=0.2, meters=record) as door:
        for said in (b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nx: " + b"x" * (HEAD_LIMIT_BYTES + 1), b"GET /"):
            with socket.create_connection(("127.0.0.1", door.port), timeout=20) as connection:
                connection.sendall(said)
                assert connection.recv(100)
    assert record.answers == [(400, "malformed"), (431, "long_head"), (408, "slow")]


def test_too_many_connections_are_told(redis_url: str, record: Record) -> None:
    with (
        public_door(redis_url, connection_limit=1, meters=record) as door,
        socket.create_connection(("127.0.0.1", door.port), timeout=20) as first,
    ):
        first.sendall(b"GET /healthz HTTP/1.1\r\nhost: h\r\n\r\n")
        assert first.recv(100)
        assert door.post("any").status == 503
    assert record.answers == [(503, "busy")]


def test_a_redis_that_refuses_is_told(door: PublicDoor, record: Record) -> None:
    token = door.webhook()
    assert door.post(token).status == 202
    door.store.client.execute_command("CONFIG", "SET", "maxmemory", "1mb")
    assert door.post(token).status == 503
    assert record.answers[1][1] in {"redis_away", "redis_full"}


def test_every_reason_is_one_of_those_that_are_told() -> None:
    ours = {each.reason for each in vars(answers).values() if isinstance(each, answers.Answer)}
    files = [*(ROOT / "ingress").rglob("*.py")]
    source = "".join(file.read_text() for file in files)
    assert ours - {""} <= meters.REFUSALS.keys()
    unsaid = [reason for reason in meters.REFUSALS if source.count(f'"{reason}"') < 2]
    # The rest are verdicts of the accept script.
    assert set(unsaid) <= set(get_args(Verdict))
