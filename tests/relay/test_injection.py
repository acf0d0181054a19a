"""Hostile events cannot run commands: nothing of one becomes an argument, another variable, or a template."""

import ast
import asyncio
import os
import string
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.variables import LEFT_OUT, MEANINGS
from relay.connector.target import Arrival
from relay.connector.targets.agent import AgentTarget
from relay.connector.targets.exec import ExecTarget
from relay.connector.targets.prompt import Prompt
from relay.connector.targets.rendering import bounded
from relay.connector.targets.variables import MAX_VALUE_BYTES, environment
from tests.http_arrival import arrival
from tests.run_programs import ENVIRONMENT, PYTHON, Alive, Heard, command

# Tells what it was given, all of it, in ASCII.
TELL = "import os, sys; print(ascii((sys.argv[1:], dict(os.environb), sys.stdin.buffer.read())))"
ARGUMENTS = ("--flag", "{{ event.type }}", "$FLEET_EVENT_TYPE", "`id`", "$(id)")
NASTY = (
    "; id",
    "$(id)",
    "`id`",
    "{{ 7*7 }}",
    "{% raw %}",
    "--help",
    "-p",
    "\n",
    "\0",
    "=",
    "\x1b[2J",
    "'",
    '"',
)

TEXTS = st.one_of(st.sampled_from(NASTY), st.text(max_size=30), st.text(string.printable, max_size=30))
BYTES = st.one_of(TEXTS.map(lambda text: text.encode(errors="replace")), st.binary(max_size=50))


@st.composite
def hostile(draw: st.DrawFn) -> Arrival:
    headers = draw(st.lists(st.tuples(st.sampled_from([b"x-kind", b"x-other", b"path"]), BYTES), max_size=4))
    sent = arrival(draw(BYTES), tuple(headers), draw(BYTES), draw(BYTES), method=draw(TEXTS))
    return replace(
        sent, event_type=draw(TEXTS), webhook=draw(TEXTS), sender=draw(TEXTS), scheme="s" + draw(TEXTS)
    )


def given_to(
    target: ExecTarget | AgentTarget, heard: Heard, sent: Arrival
) -> tuple[list[str], dict[bytes, bytes], bytes]:
    # Its output comes in pieces of one line where that is long.
    answer = asyncio.run(target.deliver(sent, Alive()))
    assert answer.note == "exit 0", heard
    return ast.literal_eval("".join(heard.lines))


def must_know(environ: dict[bytes, bytes]) -> None:
    allowed = {name.encode() for name in MEANINGS} | {b"FLEET_HEADER_X_KIND", b"PATH", b"LC_CTYPE"}
    assert environ.keys() <= allowed
    assert environ[b"PATH"] == os.fsencode(ENVIRONMENT["PATH"])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(hostile())
def test_a_program_gets_its_owners_arguments_and_an_untouched_body(sent: Arrival) -> None:
    heard = Heard()
    target = ExecTarget(command(*PYTHON, TELL, *ARGUMENTS, headers=("x-kind",)), heard)
    arguments, environ, stdin = given_to(target, heard, sent)
    assert tuple(arguments) == ARGUMENTS
    assert stdin == sent.request.body
    must_know(environ)
    if b"\0" not in sent.event_type.encode(errors="surrogatepass"):
        assert environ[b"FLEET_EVENT_TYPE"] == sent.event_type.encode()


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(hostile())
def test_an_agent_gets_its_owners_arguments_and_values_as_data(sent: Arrival) -> None:
    heard = Heard()
    prompt = Prompt("{{ event.type }}\n{{ body }}\n.", os.urandom)
    target = AgentTarget(command(*PYTHON, TELL, *ARGUMENTS, headers=("x-kind",)), prompt, heard)
    arguments, environ, stdin = given_to(target, heard, sent)
    assert tuple(arguments) == ARGUMENTS
    assert (
        stdin.decode()
        == f"{bounded(sent.event_type)}\n{bounded(sent.request.body.decode(errors='replace'))}\n."
    )
    must_know(environ)


@given(hostile(), st.sampled_from(["", "\0", "\ud800", "x" * (MAX_VALUE_BYTES + 1)]))
def test_what_an_environment_cannot_hold_is_left_out_whole_and_named(sent: Arrival, more: str) -> None:
    made = environment({"PATH": "/bin"}, replace(sent, event_type=more + sent.event_type), ("x-kind",))
    assert made["PATH"] == "/bin"
    assert made.keys() <= {*MEANINGS, "FLEET_HEADER_X_KIND", "PATH"}
    for value in made.values():
        assert b"\0" not in os.fsencode(value)
        assert len(os.fsencode(value)) <= MAX_VALUE_BYTES
    left_out = set(made.get(LEFT_OUT, "").split(",")) - {""}
    assert not left_out & made.keys()
    assert made.keys() | left_out >= MEANINGS.keys() - {LEFT_OUT}
    assert ("FLEET_EVENT_TYPE" in left_out) or not more
