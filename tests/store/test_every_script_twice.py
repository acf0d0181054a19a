"""redis-py sends a command again when its reply was lost: the second run must change and count nothing."""

from collections.abc import Iterator

import pytest

from store import (
    keys,
    scripts,
)
from store.calls import Call
from store.connect import SyncStore
from tests.git_world import GitWorld
from tests.lives import (
    life_after_death,
    life_at_the_doors,
    life_in_lines,
    life_of_a_repo,
    life_of_failures,
    life_set_aside,
    whole_life,
)
from tests.redis_contents import contents
from tests.world import World

AT_THE_DOORS = {"mark_test", "note_refusals", "begin_answer", "end_answer"}
MAY_DIFFER = {
    "close_batch",  # a second run is what it counts
}


class TwiceStore(SyncStore):
    """Sends everything twice and looks at all of Redis in between."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.names = {script.sha: script.name for script in scripts.every()}
        self.seen: set[str] = set()

    def run(self, call: Call):
        first = super().run(call)
        self.let_a_moment_pass()
        used = {self.names[str(command[1])] for command in call.commands if command[0] == "EVALSHA"}
        self.seen |= used
        if not used & MAY_DIFFER:
            before = self.everything()
            super().run(call)
            assert self.everything() == before, used
        return first

    def let_a_moment_pass(self) -> None:
        """Until Redis' clock is on: a life that begins anew ends later then, by a millisecond at least."""
        began = self.milliseconds()
        while self.milliseconds() == began:
            pass

    def milliseconds(self) -> int:
        seconds, micros = self.client.execute_command("TIME")
        return int(seconds) * 1000 + int(micros) // 1000

    def everything(self) -> dict[bytes, tuple[bytes, int]]:
        """Every key, and when it ends; only the sweeper's duty begins anew with each sweep."""
        execute = self.client.execute_command
        found = contents(execute)
        found.pop(keys.SWEEPER.encode(), None)
        return {key: (content, execute("PEXPIRETIME", key)) for key, content in found.items()}


@pytest.fixture
def twice(redis_url: str) -> Iterator[World]:
    store = TwiceStore(redis_url)
    yield World(store)
    store.close()


def test_lines_are_fed_once(twice: World) -> None:
    life_in_lines(twice)


def test_an_event_is_retried_once(twice: World) -> None:
    life_set_aside(twice)


def test_a_delivery_dies_once_and_is_replayed_once(twice: World) -> None:
    life_after_death(twice)


def test_the_dead_are_replayed_and_discarded_once(twice: World) -> None:
    life_of_failures(twice)


def test_a_repo_is_polled_and_its_commits_are_announced_once(twice: World) -> None:
    life_of_a_repo(GitWorld(twice.store, "gw_git"))


def test_tests_refusals_and_answers_are_remembered_once(twice: World) -> None:
    life_at_the_doors(twice)
    assert twice.store.seen >= AT_THE_DOORS


def test_a_whole_life_sent_twice_is_lived_once(twice: World) -> None:
    world = twice
    whole_life(world)
    life_of_a_repo(GitWorld(world.store, "gw_git"))
    changing = {script.name for script in scripts.every()}
    reading = {
        name
        for name in changing
        if name.startswith(("git_", "list_", "matching_", "page_", "read_", "routes", "story", "waiting"))
        or "_by_token" in name
    }
    elsewhere = {"revoke_gateway", "retry_event", "replay"} | AT_THE_DOORS
    assert changing - reading - world.store.seen - elsewhere == set()
