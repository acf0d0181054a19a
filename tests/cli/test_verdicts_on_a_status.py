"""Three answers from one status: is it up, is anything stuck, what failed; each bad one says what to do."""

from typing import Any

import pytest

from cli.durations import unix_ms
from cli.verdict import Verdict, verdicts

NOW = "2026-01-31T12:00:00.000Z"
LONG_AGO = "2026-01-31T11:00:00.000Z"
JUST_NOW = "2026-01-31T11:59:58.000Z"
TUNNEL = {"id": "tun_1", "name": "laptop", "subscriptions": ["app"]}
SERVER: dict[str, Any] = {
    "queues": [{"name": "events", "depth": 0, "oldest_at": None, "started": 0, "failed": 0}],
    "workers": [{"name": "worker-1", "queue": "events", "state": "idle"}],
    "retries": 0,
    "suspended": False,
    "suspended_until": None,
    "sweeper": True,
    "redis": {"version": "9", "used_bytes": 1, "max_bytes": 10, "share": 0.1},
    "events_waiting": 0,
}
EVENTS = ("accepted", "waiting", "rejected", "unmatched", "duplicate", "fanned_out", "expired", "set_aside")
DELIVERIES = (
    *(
        "created",
        "delivered",
        "refused",
        "dead",
        "discarded",
        "cancelled",
        "expired",
        "in_flight",
        "retrying",
    ),
)


def status(**changes: Any) -> Any:
    events = dict.fromkeys(EVENTS, 0) | {"oldest_waiting_at": None} | changes.pop("events", {})
    deliveries = dict.fromkeys(DELIVERIES, 0) | {"next_retry_at": None} | changes.pop("deliveries", {})
    return {
        "tunnels": [TUNNEL],
        "last_tunnel": None,
        "events": events,
        "deliveries": deliveries,
        "subscriptions": [],
        "paused_webhooks": [],
        "suspended": False,
        "balanced": True,
        "server": None,
        "canary": None,
        **changes,
    }


def judged(**changes: Any) -> list[Verdict]:
    return verdicts(status(**changes), unix_ms(NOW))


def stuck(**changes: Any) -> str:
    verdict = judged(**changes)[1]
    assert not verdict.is_good
    return " ".join(verdict.sentences)


def test_all_is_well() -> None:
    found = judged(server=SERVER)
    assert [(each.question, each.answer, each.is_good) for each in found] == [
        ("Is it up?", "yes", True),
        ("Is anything stuck?", "no", True),
        ("What failed?", "-", True),
    ]


def test_the_tunnels_of_one_connector_are_not_called_connectors() -> None:
    assert judged(tunnels=[TUNNEL] * 5)[0].sentences == ("The relay answers, and 5 tunnels are open.",)
    assert judged()[0].sentences == ("The relay answers, and 1 tunnel is open.",)


def test_without_a_connector_it_is_half_up_and_says_who_was_the_last() -> None:
    [up, *_] = judged(tunnels=[], last_tunnel={"name": "laptop", "left_at": LONG_AGO})
    assert (up.answer, up.is_good) == ("half", False)
    assert "laptop was the last, 60 m ago" in up.sentences[0]
    assert "'fleet connect NAME=URL'" in up.sentences[1]
    assert "none ever was" in judged(tunnels=[])[0].sentences[0]


def test_a_canary_shows_that_the_whole_way_is_open() -> None:
    canary = {"well": True, "good_at": JUST_NOW, "latency_ms": 34.2}
    assert judged(canary=canary)[0].sentences[1] == "The canary arrived 2 s ago, after 34.2 ms."
    [up, *_] = judged(canary={"well": False, "good_at": LONG_AGO, "latency_ms": None})
    assert (up.answer, up.sentences[0]) == ("half", "The relay answers, but its canary does not arrive.")
    assert "60 m ago for the last time: 'fleet doctor'" in up.sentences[1]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"events": {"waiting": 3, "oldest_waiting_at": LONG_AGO}},
            "3 events wait for a worker",
        ),
        ({"deliveries": {"next_retry_at": LONG_AGO}}, "Retries are late by 60 m"),
        ({"events": {"set_aside": 2}}, "2 events are set aside: 'fleet events list --outcome set_aside'"),
        (
            {"paused_webhooks": ["shop"]},
            "1 webhook is paused, senders get 503: 'fleet webhooks resume shop'.",
        ),
        (
            {"paused_webhooks": ["a", "b"]},
            "2 webhooks are paused, senders get 503: 'fleet webhooks resume a'.",
        ),
        ({"balanced": False}, "'fleet audit'"),
        ({"suspended": True}, "suspended"),
        ({"server": {**SERVER, "sweeper": False}}, "'fleet run sweeper'"),
        (
            {"server": {**SERVER, "workers": []}},
            "NO WORKER for the queue events: start one",
        ),
        ({"server": {**SERVER, "suspended": True}}, "'fleet queues resume'"),
        ({"server": {**SERVER, "redis": {**SERVER["redis"], "share": 0.93}}}, "Redis is 93% full"),
    ],
)
def test_what_is_stuck_is_told_with_what_to_do(changes: dict[str, Any], sentence: str) -> None:
    assert sentence in stuck(**changes)


def test_what_waits_for_a_connector_says_which_one() -> None:
    waiting = {"id": "sub_1", "waiting": 7, "in_tunnel": 0, "oldest_at": JUST_NOW}
    nobody = stuck(subscriptions=[{**waiting, "name": "ci"}])
    assert nobody == "7 wait for ci, which nobody serves: 'fleet connect ci=URL'."
    assert judged(subscriptions=[{**waiting, "name": "app"}])[1].is_good
    slow = stuck(subscriptions=[{**waiting, "name": "app", "oldest_at": LONG_AGO}])
    assert slow == "7 wait for app, the oldest for 60 m: its program is too slow."


def test_what_has_just_come_is_not_stuck() -> None:
    assert judged(events={"waiting": 3, "oldest_waiting_at": JUST_NOW})[1].is_good


def test_a_retry_that_waits_for_its_time_is_not_late_however_long_it_waits() -> None:
    for due in ("2026-01-31T12:30:00.000Z", JUST_NOW):
        assert judged(deliveries={"retrying": 1, "next_retry_at": due})[1].is_good


def test_what_failed_names_the_commands_that_show_it() -> None:
    failed = judged(deliveries={"dead": 2, "retrying": 1}, events={"rejected": 4})[2]
    assert (failed.answer, failed.is_good) == ("3", False)
    assert [sentence.partition(":")[0] for sentence in failed.sentences] == [
        "2 are out of attempts",
        "1 is tried again",
        "4 events were rejected so far",
    ]
    assert judged(deliveries={"retrying": 1})[2].is_good
