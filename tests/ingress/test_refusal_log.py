"""The log of refused senders: precise and bounded."""

from collections.abc import MutableMapping
from ipaddress import ip_address
from typing import Any

import pytest
from structlog.testing import capture_logs

from domain.client import Client
from ingress.guard import Objection
from ingress.refusals import RefusalLog

STRANGER = Client(ip_address("192.0.2.7"), is_secure=True)
NOBODY = Client(None, is_secure=False)


def facts(lines: list[MutableMapping[str, Any]]) -> list[tuple[Any, ...]]:
    return [(line["webhook"], line["reason"], line["address"], line["count"]) for line in lines]


def test_the_first_is_told_at_once_and_the_others_once_a_minute_with_their_number() -> None:
    log = RefusalLog()
    with capture_logs() as lines:
        for _ in range(1000):
            log.note("whk_1", Objection.NOT_ALLOWED, STRANGER)
        log.note("whk_1", Objection.PLAIN_HTTP, NOBODY)
        log.note("whk_2", Objection.NOT_ALLOWED, STRANGER)
        assert len(lines) == 2
        log.tell()
    assert facts(lines) == [
        ("whk_1", "not_allowed", "192.0.2.7", 1),
        ("whk_2", "not_allowed", "192.0.2.7", 1),
        ("whk_1", "plain_http", "unknown", 1000),
    ]


def test_a_flood_that_goes_on_is_one_line_a_minute_and_silence_begins_anew() -> None:
    log = RefusalLog()
    with capture_logs() as lines:
        for _ in range(3):
            for _ in range(10):
                log.note("whk_1", Objection.NOT_ALLOWED, STRANGER)
            log.tell()
        assert [line["count"] for line in lines] == [1, 9, 10, 10]
        log.tell()
        log.note("whk_1", Objection.NOT_ALLOWED, STRANGER)
    assert [line["count"] for line in lines] == [1, 9, 10, 10, 1]


def test_many_webhooks_share_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingress.refusals._WEBHOOKS", 2)
    log = RefusalLog()
    with capture_logs() as lines:
        for number in range(6):
            log.note(f"whk_{number}", Objection.NOT_ALLOWED, STRANGER)
        log.tell()
    assert [(line["webhook"], line["count"]) for line in lines] == [
        ("whk_0", 1),
        ("whk_1", 1),
        ("others", 1),
        ("others", 3),
    ]
