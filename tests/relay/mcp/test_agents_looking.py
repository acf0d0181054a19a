"""Who waits with a cursor misses nothing and is told nothing twice, however events come and are decided."""

import fnmatch
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInputError
from domain.ids import made_at, new_id
from domain.subscription import Subscription
from relay.mcp import cursor, looking
from relay.mcp.cursor import START
from relay.mcp.looking import Look, Watched, look, newest

STATES = ["fanned_out", "unmatched", "fanned_out", "rejected", "duplicate", "set_aside", "expired"]
GONE = {"rejected", "duplicate", "set_aside", "expired"}


@dataclass
class Log:
    """The control API's event log, as far as it is looked at: newest first, a page at a time."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    now: int = 1_800_000_000_000
    asked: int = 0

    def accept(self, kind: str) -> None:
        """An event; doors' clocks differ, so that ids are not in the order of the log."""
        skew = (len(self.rows) % 3 - 1) * 20_000
        event = new_id("evt", self.now + skew, len(self.rows).to_bytes(9))
        self.rows.append({"id": event, "type": None, "kind": kind, "state": "waiting"})

    def decide(self, number: int, state: str) -> None:
        waiting = [row for row in self.rows if row["state"] == "waiting"]
        if waiting:
            row = waiting[number % len(waiting)]
            row.update(state=state, type=row["kind"])

    async def ask(self, method: str, *path: str, query: dict[str, str]) -> dict[str, Any]:
        assert (method, path) == ("GET", ("events",))
        self.asked += 1
        found = self.rows[::-1]
        if query.get("cursor"):
            found = found[[row["id"] for row in found].index(query["cursor"]) + 1 :]
        limit = int(query["limit"])
        page = found[:limit]
        return {"events": page, "next": page[-1]["id"] if len(found) > limit else None}


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("accept"), st.sampled_from(["push", "pull_request", "issues"])),
        st.tuples(st.just("decide"), st.integers(0, 20), st.sampled_from(STATES)),
        st.tuples(st.just("look"), st.integers(1, 4)),
    ),
    max_size=60,
)


def wanted(row: dict[str, Any]) -> bool:
    return row["state"] not in GONE and row["kind"] != "issues"


@given(STEPS)
async def test_everything_that_is_wanted_is_told_once_and_in_order(steps: list[Any]) -> None:
    log, after, told, rejected = Log(), START, [], 0
    watched = Watched("", ("pu*",))

    async def looked(limit: int) -> Look:
        nonlocal after, rejected
        found = await look(log, watched, after, limit)
        after = found.after
        told.extend(view["id"] for view in found.views)
        rejected += len(found.rejected)
        return found

    for step in steps:
        log.now += 1000
        match step:
            case ("accept", kind):
                log.accept(kind)
            case ("decide", number, state):
                log.decide(number, state)
            case (_, limit):
                await looked(limit)
    for _ in list(log.rows):
        log.decide(0, "fanned_out")
    while (await looked(3)).is_more:
        pass
    assert told == [row["id"] for row in log.rows if wanted(row)]
    assert rejected == sum(row["state"] in GONE for row in log.rows)


async def test_from_now_on_begins_behind_what_is_there() -> None:
    log = Log()
    assert await newest(log, Watched("", ())) == START
    log.accept("push")
    after = await newest(log, Watched("", ()))
    assert after == log.rows[0]["id"]
    log.decide(0, "fanned_out")
    assert (await look(log, Watched("", ()), after, 5)).views == []


async def test_it_does_not_pass_by_what_nobody_has_decided() -> None:
    log = Log()
    log.accept("push")
    log.accept("push")
    log.decide(1, "fanned_out")
    found = await look(log, Watched("", ()), START, 5)
    assert (found.views, found.undecided, found.after) == ([], 2, START)


async def test_a_cursor_that_the_log_has_forgotten_counts_by_its_time() -> None:
    log = Log()
    forgotten = new_id("evt", log.now + 60_000, bytes(9))
    log.accept("push")
    log.now += 120_000
    log.accept("push")
    for _ in log.rows:
        log.decide(0, "fanned_out")
    found = await look(log, Watched("", ()), forgotten, 5)
    assert [view["id"] for view in found.views] == [log.rows[1]["id"]]
    assert made_at(forgotten) < made_at(log.rows[1]["id"])


async def test_a_flood_is_looked_at_within_bounds_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "_MOST_PAGES", 2)
    log = Log()
    for _ in range(250):
        log.accept("push")
        log.decide(0, "fanned_out")
    found = await look(log, Watched("", ()), START, 5)
    assert (found.is_lost, found.is_more, len(found.views), log.asked) == (True, True, 5, 2)


def test_a_cursor_is_one_of_ours() -> None:
    event = new_id("evt", 0, bytes(9))
    assert [cursor.checked(each) for each in ("", START, event)] == ["", START, event]
    for wrong in ("now", event + "x", "whk" + event[3:], "2026-01-31T12:00:00Z"):
        with pytest.raises(InvalidInputError):
            cursor.checked(wrong)


@given(st.lists(st.text("ab.*?[]!-\n", max_size=8), max_size=3), st.text("ab.*\n", max_size=8))
def test_globs_mean_here_what_they_mean_to_subscriptions(globs: list[str], kind: str) -> None:
    subscription = Subscription("sub", "gw", "ci", (), tuple(globs), 30, 1)
    assert Watched("", globs).wants({"type": kind}) is subscription.wants(kind)


def test_globs_that_were_asked_for_once_are_not_kept_for_ever() -> None:
    kept, ours = vars(fnmatch)["_compile_pattern"].cache_info, vars(looking)["_compiled"].cache_info
    before = kept().currsize
    for number in range(600):
        assert Watched("", [f"{number}.*"]).wants({"type": f"{number}.x"})
    assert (kept().currsize, ours().currsize) == (before, 500)
