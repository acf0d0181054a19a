"""Filters by sender and expression, by a real RQ worker on what a real ingress accepted."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
import structlog

from domain.event import Request
from domain.expression.facts import Facts
from domain.expression.failure import Failure
from domain.passed_over import Because, PassedOver
from domain.senders import SENDERS, sign
from domain.subscription import Subscription
from store import ledger, stories, subscriptions
from store.stories import Story
from store.sweeping import Duty, sweep
from tests.public_door import PublicDoor, now_ms
from workers.context import WorkerContext, installed
from workers.expressions.allowance import FREE_MS, GATEWAY_MS, WINDOW_MS, Allowances
from workers.expressions.evaluator import Evaluator, NotStartedError
from workers.expressions.frames import Judgement
from workers.filtering import Filters
from workers.meters import Meters
from workers.worker import work

SECRET = b"a secret"
OPENED = 'body.action == "opened"'
BOMB = "body.l.all(x, !body.s.contains('ab'))"
EXPLOSIVE = json.dumps({"l": list(range(3000)), "s": "a" * 900_000}).encode()
CANARY = "canary-4d1f"


class Counts(Meters):
    def __init__(self) -> None:
        self.outcomes: list[str] = []

    def judged(self, outcome: str) -> None:
        self.outcomes.append(outcome)


def run(context: WorkerContext, redis_url: str) -> None:
    with installed(context):
        work(redis_url, "events", burst=True)


def subscribe(
    door: PublicDoor, name: str, gateway: str = "gw_1", webhook: str = "hook", **filters: Any
) -> str:
    made = Subscription(
        f"sub_{name}", gateway, name, (f"whk_{webhook}",), filters.pop("events", ()), 30, 1, **filters
    )
    door.store.run(subscriptions.create(made))
    return made.id


def post(door: PublicDoor, token: str, body: bytes, kind: str = "pull_request", **headers: str) -> str:
    """A signed event. Returns its id."""
    made = sign(SENDERS["github"], Request("POST", b"", b"", (), body), SECRET, now_ms()).headers
    signed = {name.decode(): value.decode() for name, value in made}
    answer = door.post(token, body, {"X-GitHub-Event": kind, **signed, **headers})
    assert answer.status == 202
    return answer.json["id"]


def story(door: PublicDoor, event: str, gateway: str = "gw_1") -> Story:
    found = door.store.run(stories.story(gateway, event))
    assert found is not None
    return found


def length(door: PublicDoor, subscription: str) -> int:
    return door.store.client.execute_command("XLEN", f"fleet:stream:{subscription}")


@pytest.fixture
def token(door: PublicDoor) -> str:
    return door.webhook(sender="github", secrets=[SECRET], required=True)


@pytest.fixture
def counts() -> Counts:
    return Counts()


@pytest.fixture
def judges() -> Iterator[Evaluator]:
    with closing(Evaluator()) as made:
        yield made


@pytest.fixture
def filters(counts: Counts, judges: Evaluator) -> Filters:
    return Filters(now_ms, counts, judges)


def test_each_subscription_gets_what_it_asks_for_and_the_story_says_why_others_do_not(
    door: PublicDoor, token: str, context: WorkerContext, redis_url: str, counts: Counts
) -> None:
    wanted = [
        subscribe(door, "everything"),
        subscribe(door, "opened", expression=OPENED),
        subscribe(door, "all", events=("pull_*",), senders=("gitlab", "github"), expression=OPENED),
    ]
    for name, filtered in {
        "typed": {"events": ("push",), "senders": ("gitlab",), "expression": "nonsense("},
        "sent": {"senders": ("gitlab", "stripe"), "expression": "nonsense("},
        "closed": {"expression": 'body.action ==\n  "closed"'},
        "missing": {"expression": f'!body.pull_request.draft || "{CANARY}" == ""'},
        "payload": {"expression": "body[body.title] == 1"},
    }.items():
        subscribe(door, name, **filtered)
    event = post(door, token, json.dumps({"action": "opened", "title": CANARY}).encode())
    run(context, redis_url)
    told = story(door, event)
    assert sorted(each.subscription for each in told.deliveries) == sorted(wanted)
    assert {each.subscription: each for each in told.passed_over} == {
        each.subscription: each
        for each in (
            PassedOver("sub_typed", Because.EVENT_TYPE, ("push",)),
            PassedOver("sub_sent", Because.SENDER, ("gitlab", "stripe")),
            PassedOver("sub_closed", Because.EXPRESSION, ('body.action == "closed"',)),
            PassedOver(
                "sub_missing",
                Because.EXPRESSION_FAILED,
                (f'!body.pull_request.draft || "{CANARY}" == ""',),
                "missing_key pull_request",
            ),
            PassedOver("sub_payload", Because.EXPRESSION_FAILED, ("body[body.title] == 1",), "missing_key"),
        )
    }
    # Two ask the same: it is judged once.
    assert sorted(counts.outcomes) == ["false", "missing_key", "missing_key", "true"]


def test_what_only_a_failing_expression_could_have_let_pass_is_unmatched(
    door: PublicDoor, token: str, context: WorkerContext, redis_url: str
) -> None:
    subscribe(door, "review", expression="body.nothing == 1")
    event = post(door, token, b"{}")
    run(context, redis_url)
    assert (story(door, event).state, story(door, event).has_body) == ("unmatched", False)


def test_expressions_see_the_facts_of_their_event(
    door: PublicDoor, token: str, context: WorkerContext, redis_url: str
) -> None:
    expression = (
        'event.type == "pull_request" && event.types == ["pull_request"] && event.sender == "github"'
        ' && event.webhook == "hook" && event.verified && headers["x-more"] == "a"'
        ' && event.received_at > timestamp("2020-01-01T00:00:00Z") && event.id.startsWith("evt_")'
    )
    subscription = subscribe(door, "facts", expression=expression)
    post(door, token, b"{}", **{"X-More": "a"})
    run(context, redis_url)
    assert length(door, subscription) == 1


def test_what_nobody_verified_is_told_as_that(
    door: PublicDoor, context: WorkerContext, redis_url: str
) -> None:
    token = door.webhook(sender="github")
    verified = subscribe(door, "verified", expression="event.verified")
    unverified = subscribe(door, "unverified", expression="!event.verified")
    assert door.post(token, b"{}", {"X-GitHub-Event": "push"}).status == 202
    run(context, redis_url)
    assert (length(door, verified), length(door, unverified)) == (0, 1)


def test_what_cannot_be_verified_is_rejected_before_any_expression_sees_it(
    door: PublicDoor, token: str, context: WorkerContext, redis_url: str, counts: Counts
) -> None:
    subscribe(door, "any", expression="true")
    assert door.post(token, b"{}", {"X-GitHub-Event": "push"}).status == 202
    run(context, redis_url)
    assert door.store.run(ledger.counts("gw_1"))["event:rejected"] == 1
    assert counts.outcomes == []


def test_a_bomb_is_cut_and_rests_while_others_and_other_tenants_go_on(
    door: PublicDoor, token: str, context: WorkerContext, redis_url: str, counts: Counts
) -> None:
    second = door.webhook("second", gateway="gw_2", sender="github", secrets=[SECRET])
    subscribe(door, "bomb", expression=BOMB)
    plain = subscribe(door, "plain")
    quick = subscribe(door, "quick", expression="body.l.size() == 3000")
    theirs = subscribe(door, "theirs", "gw_2", "second", expression=BOMB)
    first = [post(door, token, EXPLOSIVE) for _ in range(2)]
    other = post(door, second, b'{"l": [1], "s": "b"}')
    with structlog.testing.capture_logs() as logs:
        run(context, redis_url)
    assert [length(door, each) for each in (plain, quick)] == [2, 2]
    # The second one finds it resting, and does not wait for it: nobody but its own sender made it slow.
    cut = sorted(over.detail for event in first for over in story(door, event).passed_over)
    assert cut == [Failure.RESTING, Failure.TOO_SLOW]
    assert [story(door, event).state for event in first] == ["fanned_out", "fanned_out"]
    # The same words of another tenant are another expression: theirs does not rest.
    assert [each.subscription for each in story(door, other, "gw_2").deliveries] == [theirs]
    [line] = [each for each in logs if each["event"] == "expression_rests"]
    assert line == {
        "event": "expression_rests",
        "log_level": "warning",
        "gateway": "gw_1",
        "subscription": "sub_bomb",
        "failure": "too_slow",
    }
    assert sorted(each for each in counts.outcomes if each != "true") == ["resting", "too_slow"]


class Watching(Evaluator):
    """Notes what is done when an event is judged."""

    def __init__(self, door: PublicDoor, *streams: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, ...]] = []
        self._door, self._streams = door, streams

    def judge(self, facts: Facts, expression: str) -> Judgement:
        done = tuple(str(length(self._door, each)) for each in self._streams)
        self.seen.append((facts.webhook, *done))
        return super().judge(facts, expression)


def test_nobody_without_an_expression_waits_for_one_and_the_greediest_gateway_comes_last(
    door: PublicDoor, token: str, context: WorkerContext, redis_url: str
) -> None:
    second = door.webhook("second", gateway="gw_2", sender="github", secrets=[SECRET])
    third = door.webhook("third", gateway="gw_3", sender="github", secrets=[SECRET])
    subscribe(door, "asking", expression="body.size() >= 0")
    asking = subscribe(door, "modest", "gw_2", "second", expression="body.size() >= 0")
    plain = subscribe(door, "plain", "gw_3", "third")
    spent = Allowances()
    spent.charge("gw_1", "hook", "another", 500, now_ms(), is_cut=False)
    for to in (token, second, third):
        post(door, to, b"{}")
    with closing(Watching(door, plain, asking)) as watching:
        run(replace(context, filters=Filters(now_ms, None, watching, spent)), redis_url)
        assert watching.seen == [("second", "1", "0"), ("hook", "1", "1")]


def test_a_verified_event_outlasts_the_rest_of_an_expression_and_an_unverified_one_fails(
    door: PublicDoor, token: str, context: WorkerContext, redis_url: str, judges: Evaluator
) -> None:
    """Whoever may write to an open webhook can use up what a gateway has; no signed event is lost by that."""
    strangers = door.webhook("open", sender="github")
    subscription = subscribe(door, "opened", expression=OPENED)
    subscribe(door, "unsigned", webhook="open", expression=OPENED)
    spent = Allowances()
    spent.charge("gw_1", "open", "another", GATEWAY_MS + FREE_MS, now_ms(), is_cut=False)
    event = post(door, token, b'{"action": "opened"}')
    foreign = door.post(strangers, b'{"action": "opened"}', {"X-GitHub-Event": "push"}).json["id"]
    began = now_ms()
    run(replace(context, filters=Filters(now_ms, None, judges, spent)), redis_url)
    assert (story(door, foreign).state, story(door, event).state) == ("unmatched", "waiting")
    assert [each.detail for each in story(door, foreign).passed_over] == [Failure.RESTING]
    assert int(door.store.client.execute_command("ZSCORE", "fleet:due", f"e:{event}")) >= began + WINDOW_MS

    def a_minute_later() -> int:
        return now_ms() + WINDOW_MS

    later = replace(context, clock_ms=a_minute_later, filters=Filters(a_minute_later, None, judges, spent))
    door.store.run(sweep(Duty("sweeper", 5000, 100), context.limits, "job_later", a_minute_later()))
    run(later, redis_url)
    assert length(door, subscription) == 1


def test_what_strangers_send_to_one_webhook_stops_no_expression_at_another(
    door: PublicDoor, token: str, context: WorkerContext, redis_url: str
) -> None:
    strangers = door.webhook("open", sender="github")
    bomb = Subscription("sub_bomb", "gw_1", "bomb", ("whk_hook", "whk_open"), (), 30, 1, expression=BOMB)
    door.store.run(subscriptions.create(bomb))
    assert door.post(strangers, EXPLOSIVE, {"X-GitHub-Event": "push"}).status == 202
    run(context, redis_url)
    post(door, token, b'{"l": [1], "s": "b"}')
    run(context, redis_url)
    assert length(door, "sub_bomb") == 1


def test_a_child_that_somebody_killed_costs_no_event(
    door: PublicDoor, token: str, context: WorkerContext, redis_url: str, judges: Evaluator
) -> None:
    subscription = subscribe(door, "opened", expression=OPENED)
    post(door, token, b'{"action": "opened"}')
    run(context, redis_url)
    assert judges.pid is not None
    os.kill(judges.pid, signal.SIGKILL)
    post(door, token, b'{"action": "opened"}')
    run(context, redis_url)
    assert length(door, subscription) == 2


def test_where_no_child_can_be_started_the_event_waits(
    door: PublicDoor, token: str, context: WorkerContext, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is the machine's trouble: to decide without the expression would lose the event, or leak it."""
    subscription, plain = subscribe(door, "opened", expression=OPENED), subscribe(door, "plain")
    event = post(door, token, b'{"action": "opened"}')

    def none(*_: object) -> Judgement:
        raise NotStartedError("There is none.")

    monkeypatch.setattr(Evaluator, "judge", none)
    with structlog.testing.capture_logs() as logs:
        run(context, redis_url)
    assert [length(door, each) for each in (subscription, plain)] == [0, 0]
    assert story(door, event).state == "waiting"
    [line] = [each for each in logs if each["event"] == "event_crashed"]
    assert line["error"] == "NotStartedError"


def test_without_expressions_nothing_is_started(
    door: PublicDoor,
    token: str,
    context: WorkerContext,
    redis_url: str,
    counts: Counts,
    judges: Evaluator,
) -> None:
    subscribe(door, "typed", events=("push",), senders=("github",))
    subscribe(door, "sent", senders=("gitlab",), expression=OPENED)
    subscribe(door, "other", events=("issues",), expression=OPENED)
    for _ in range(3):
        post(door, token, b'{"action": "opened"}', "push")
    run(context, redis_url)
    assert judges.pid is None
    assert counts.outcomes == []
