"""The agent target: a prompt on standard input, and each line says that it still works."""

import os
from dataclasses import replace

from domain.delivery import Outcome
from relay.connector.target import Answer
from relay.connector.targets.agent import AgentTarget
from relay.connector.targets.command import Command
from relay.connector.targets.prompt import Prompt
from tests.http_arrival import arrival
from tests.run_programs import Alive, Heard, runs, shell


def agent(wanted: Command, heard: Heard, template: str = "Look at {{ event.type }}.") -> AgentTarget:
    return AgentTarget(wanted, Prompt(template, os.urandom), heard)


async def test_the_prompt_is_on_standard_input() -> None:
    heard = Heard()
    assert await agent(shell("cat"), heard).deliver(arrival(), Alive()) == Answer(Outcome.DELIVERED, "exit 0")
    assert heard.lines == ["Look at push."]


async def test_each_line_begins_its_time_anew() -> None:
    heard, alive = Heard(), Alive()
    sent = replace(arrival(), timeout_s=2)
    # Longer than its time as a whole, never silent for as long.
    working = shell("for each in 1 2 3 4 5; do echo $each; sleep 0.5; done")
    assert (await agent(working, heard).deliver(sent, alive)).note == "exit 0"
    assert heard.lines == ["1", "2", "3", "4", "5"]
    assert alive.signs >= 5


async def test_one_that_falls_silent_ends_with_its_group() -> None:
    heard = Heard()
    sent = replace(arrival(), timeout_s=1)
    silent = shell("echo $$; sleep 60 & echo $!; wait")
    assert await agent(silent, heard).deliver(sent, Alive()) == Answer(Outcome.RETRY, "timeout")
    assert not any(runs(int(line)) for line in heard.lines)
    assert "it printed nothing for 1 s" in heard.troubles[0]


async def test_an_event_that_makes_no_prompt_is_tried_again_and_told_here() -> None:
    heard = Heard()
    answer = await agent(shell("echo ran"), heard, "{{ json.missing }}").deliver(arrival(), Alive())
    assert answer == Answer(Outcome.RETRY, "prompt failed")
    assert not heard.lines
    assert "has no attribute 'missing'" in heard.troubles[0]


async def test_what_nobody_has_verified_is_not_even_made_a_prompt_of() -> None:
    heard = Heard()
    answer = await agent(shell("echo ran"), heard, "{{ json.missing }}").deliver(arrival(scheme=""), Alive())
    assert answer == Answer(Outcome.REFUSED, "not verified")
    assert not heard.lines
