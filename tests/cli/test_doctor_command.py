"""`fleet doctor signature`: the real command line and control API; what happens meanwhile is played."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from cli import examination
from cli.examination import Clocks
from domain.senders.diagnosis import Cause, Finding
from store import decisions, webhooks
from store.connect import SyncStore
from store.decisions import Decision
from tests.command_line import Fleet
from tests.owner_door import Owner, clock_ms
from tests.world import HOUR_MS, World

LATE = Finding(Cause.CLOCK, "It is late.", {"seconds_off": 400, "tolerance_s": 300})
SPELT = Finding(Cause.SECRET_SPELLING, "The secret ends with a line break.")
SECRET = "5c1e4b0f-a-secret-of-its-owner"


@pytest.fixture
def world(redis_url: str, home: tuple[str, str], address: str) -> Iterator[World]:
    """A webhook `pay` with a secret; what is accepted goes there."""
    owner = Owner(address, home[1])
    made = owner.webhook("pay", "stripe", require_signature=True)
    assert owner.ask("PUT", "/webhooks/pay/secret", {"secret": SECRET, "exact": True}).status == 200
    store = SyncStore(redis_url)
    world = World(store, home[0], now=clock_ms())
    world.webhook = replace(world.webhook, id=made["id"])
    yield world
    store.close()


def decided(world: World, reason: str = "", scheme: str = "", finding: Finding | None = None) -> str:
    """An event that was decided just now."""
    [stored] = world.run(webhooks.fetch([world.webhook.id]))
    candidate = world.candidate(version=stored.webhook.version, received_at=clock_ms())
    [accepted] = world.offer(candidate)
    assert accepted.verdict == "accepted"
    found = "" if finding is None else finding.written()
    decision = Decision(candidate.event, "push", scheme, reason, "", (), finding=found)
    world.run(decisions.fan_out([decision], clock_ms(), HOUR_MS, 0))
    return candidate.event


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """What happens while the command waits: an act for each pause, then time is over."""

    def play(*acts: Callable[[], object]) -> None:
        left = list(acts)
        now = [0.0]

        def pause(_: float) -> None:
            if left:
                left.pop(0)()
            else:
                now[0] += 3600

        monkeypatch.setattr(examination, "sleep", pause)
        monkeypatch.setattr(examination, "monotonic", lambda: now[0])

    return play


def interrupt() -> None:
    raise KeyboardInterrupt


def test_the_next_that_fails_is_told_with_what_to_do(fleet: Fleet, world: World, meanwhile) -> None:
    old = decided(world, "wrong_signature")
    before = decided(world, "too_old", finding=LATE)
    new: list[str] = []
    meanwhile(lambda: None, lambda: new.append(decided(world, "wrong_signature", finding=SPELT)))
    done = fleet("doctor", "signature", "pay")
    assert (done.code, done.err) == (3, "")
    lines = done.out.splitlines()
    assert lines[0] == "The latest requests that were rejected at pay:"
    assert lines[3].split()[:2] == [before, "too_old:"]
    assert lines[4].split()[:2] == [old, "wrong_signature"]
    assert "Waiting for the next request that fails at pay, up to 10 m" in done.out
    assert lines[-1] == f"{new[0]}: The secret ends with a line break."
    [stored] = world.run(webhooks.fetch([world.webhook.id]))
    assert stored.webhook.examine_until > clock_ms()


def test_what_is_verified_meanwhile_is_told_and_is_no_failure(fleet: Fleet, world: World, meanwhile) -> None:
    new: list[str] = []
    meanwhile(lambda: new.append(decided(world, scheme="stripe-v1")))
    done = fleet("doctor", "signature", "pay", "--timeout", "2m")
    assert done.code == 0
    assert f"This one is fine: {new[0]} is verified by stripe-v1." in done.out
    assert done.out.splitlines()[-1] == "Nothing that fails came within 2 m."


def test_one_that_was_not_examined_is_told_and_waiting_goes_on(fleet: Fleet, world: World, meanwhile) -> None:
    meanwhile(
        lambda: decided(world, "wrong_signature"), lambda: decided(world, "wrong_signature", finding=SPELT)
    )
    done = fleet("doctor", "signature", "pay")
    assert done.code == 3
    assert "was not examined" in done.out


@pytest.mark.parametrize(
    ("acts", "sentence"), [([], "Nothing that fails came within 10 m."), ([interrupt], "Stopped waiting.")]
)
@pytest.mark.usefixtures("world")
def test_when_nothing_comes_it_ends_politely(
    fleet: Fleet, meanwhile, acts: list[Callable[[], None]], sentence: str
) -> None:
    meanwhile(*acts)
    done = fleet("doctor", "signature", "pay")
    assert (done.code, done.err) == (4, "")
    assert done.out.splitlines()[-1] == sentence


def test_events_of_other_webhooks_are_of_no_concern(
    fleet: Fleet, world: World, meanwhile, address: str, home: tuple[str, str]
) -> None:
    other = Owner(address, home[1]).webhook("ci", "github")
    here, there = world.webhook, replace(world.webhook, id=other["id"])

    def elsewhere() -> None:
        world.webhook = there
        decided(world, "wrong_signature", finding=SPELT)
        world.webhook = here

    elsewhere()
    meanwhile(elsewhere)
    done = fleet("doctor", "signature", "pay")
    assert done.code == 4
    assert "evt_" not in done.out


def test_for_programs_there_is_json_alone(fleet: Fleet, world: World, meanwhile) -> None:
    new: list[str] = []
    meanwhile(
        lambda: new.append(decided(world, scheme="stripe-v1")),
        lambda: new.append(decided(world, "too_old", finding=LATE)),
    )
    done = fleet("doctor", "signature", "pay", "--json")
    assert done.code == 3
    assert done.json == {"webhook": "pay", "event": new[1], "finding": LATE.content, "verified": [new[0]]}
    meanwhile()
    done = fleet("doctor", "signature", "pay", "--json")
    assert (done.code, done.json["finding"]) == (4, None)


def test_where_no_secret_is_set_nothing_has_to_be_waited_for(
    fleet: Fleet, address: str, home: tuple[str, str]
) -> None:
    Owner(address, home[1]).webhook("open", "github")
    done = fleet("doctor", "signature", "open")
    assert done.code == 3
    assert done.out.strip().startswith("No secret is set at open")
    assert fleet("doctor", "signature", "open", "--json").json["finding"]["cause"] == "no_secret"


def test_an_event_with_a_finding_is_told_at_once(fleet: Fleet, world: World) -> None:
    event = decided(world, "wrong_signature", finding=SPELT)
    done = fleet("doctor", "signature", "pay", "--event", event)
    assert (done.code, done.out) == (3, f"\n{event}: The secret ends with a line break.\n")
    told = fleet("events", "show", event)
    assert "What is wrong  The secret ends with a line break." in told.out


def test_an_event_whose_body_is_gone_is_told_and_what_to_do(fleet: Fleet, world: World) -> None:
    event = decided(world, "wrong_signature")
    done = fleet("doctor", "signature", "pay", "--event", event)
    assert done.code == 1
    assert "is gone" in done.err
    assert "fleet doctor signature NAME" in done.err
    assert "'fleet doctor signature pay' finds out" in fleet("events", "show", event).out


def test_an_event_that_came_elsewhere_is_a_mistake(
    fleet: Fleet, world: World, address: str, home: tuple[str, str]
) -> None:
    Owner(address, home[1]).webhook("ci", "github")
    event = decided(world, "wrong_signature", finding=SPELT)
    done = fleet("doctor", "signature", "ci", "--event", event)
    assert done.code == 2
    assert "did not come to ci" in done.err


def test_nobody_waits_longer_than_a_wish_holds(fleet: Fleet) -> None:
    done = fleet("doctor", "signature", "pay", "--timeout", "11m")
    assert done.code == 2
    assert "at most 10 m" in done.err


def test_what_does_not_exist_is_told(fleet: Fleet) -> None:
    assert fleet("doctor", "signature", "nothing").code == 1


FAR = "https://relay.example.org"


@pytest.mark.parametrize(
    ("url", "ahead_s", "off_s", "words"),
    [
        (FAR, 0, 400, "so the gateway's seems to be right"),
        (FAR, 390, 400, "390 seconds ahead of that of this computer"),
        (FAR, -410, -400, "410 seconds behind that of this computer"),
        (FAR, 100, 400, "agrees with neither"),
        ("http://127.0.0.1:8081", 390, 400, ""),
    ],
)
def test_a_third_clock_tells_which_of_two_is_wrong(
    monkeypatch: pytest.MonkeyPatch, url: str, ahead_s: int, off_s: int, words: str
) -> None:
    monkeypatch.setattr(examination, "clock_ms", lambda: 1_800_000_000_000 - ahead_s * 1000)
    clocks = Clocks(url)
    clocks.compare("2027-01-15T08:00:00.000Z")
    judgement = clocks.judgement({"seconds_off": off_s})
    assert words in judgement
    assert bool(judgement) is bool(words)
    assert clocks.judgement({}) == ""
