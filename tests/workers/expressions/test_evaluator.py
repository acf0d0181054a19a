"""The evaluator: a real process, ended when it takes too long or too much, and started again."""

import json
import os
import resource
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.expression.failure import Failure
from tests.expression_facts import facts_of
from workers.expressions import child, evaluator
from workers.expressions.allowance import FREE_MS
from workers.expressions.evaluator import Evaluator, NotStartedError

LISTS = json.dumps({"l": list(range(3000)), "s": "a" * 900_000}).encode()
SLOW = "body.l.all(x, !body.s.contains('ab'))"
DYING = """
import sys
sys.path[:] = sys.argv[1:]
from workers.expressions import child
child.serve = lambda *_: None
child.run()
"""
LARGE = "body.l.map(x, text + string(x)).size() > 0"


@pytest.fixture
def judges() -> Iterator[Evaluator]:
    with closing(Evaluator()) as made:
        yield made


def test_no_process_is_started_before_there_is_something_to_judge(judges: Evaluator) -> None:
    assert judges.pid is None


def test_one_process_judges_one_event_after_the_other(judges: Evaluator) -> None:
    first = facts_of(b'{"a": 1}')
    assert judges.judge(first, "body.a == 1").found is True
    pid = judges.pid
    assert judges.judge(first, "body.a == 2").found is False
    assert judges.judge(facts_of(b'{"a": 2}'), "body.a == 2").found is True
    assert judges.judge(facts_of(b"[]"), "body.a == 2").found == "wrong_type"
    assert judges.pid == pid


@pytest.mark.parametrize(
    ("expression", "failures"),
    [
        (SLOW, {Failure.TOO_SLOW}),
        ("body.l.all(x, !body.s.matches('(a|b|ab)*(bc)+x'))", {Failure.TOO_SLOW}),
        # A machine that is short of memory takes longer to give it than an evaluation may take.
        (LARGE, {Failure.TOO_LARGE, Failure.TOO_SLOW}),
        ("body.l.map(x, body.l.map(y, text + text)).size() > 0", {Failure.TOO_LARGE, Failure.TOO_SLOW}),
        ("body.l.all(x, body.l.all(y, x + y >= 0))", {Failure.TOO_MANY_ITEMS}),
    ],
)
def test_what_has_no_end_is_cut(judges: Evaluator, expression: str, failures: set[Failure]) -> None:
    """The regex bomb, the huge texts and the nested loops; the next event does not notice."""
    judgement = judges.judge(facts_of(LISTS), expression)
    assert judgement.found in failures
    assert judgement.cpu_ms <= child.CPU_S * 1000
    assert judges.judge(facts_of(b'{"a": 1}'), "body.a == 1").found is True


def test_reading_a_body_is_charged_once_to_the_first_expression_about_it(judges: Evaluator) -> None:
    """Who asks first pays, or the bodies of strangers would cost nobody anything."""
    facts = facts_of(b"[" + b'{"a": 0},' * 40_000 + b"0]")
    first, second = (judges.judge(facts, "event.id == 'evt_1'").cpu_ms for _ in range(2))
    assert first > FREE_MS > second
    assert judges.judge(facts_of(b"{}"), "event.id == 'evt_1'").cpu_ms < FREE_MS


def test_a_process_that_was_killed_is_replaced_and_the_event_judged(judges: Evaluator) -> None:
    facts = facts_of(b'{"a": 1}')
    assert judges.judge(facts, "body.a == 1").found is True
    killed = judges.pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    assert judges.judge(facts, "body.a == 1").found is True
    assert judges.pid not in {None, killed}


def test_a_process_that_stands_still_is_replaced() -> None:
    with closing(Evaluator(wall_s=0.5)) as judges:
        facts = facts_of(b'{"a": "' + b"a" * 500_000 + b'"}')  # more than a pipe holds
        assert judges.judge(facts_of(), "true").found is True
        still = judges.pid
        assert still is not None
        os.kill(still, signal.SIGSTOP)
        assert judges.judge(facts, "body.a.size() == 500000").found is True
        assert judges.pid != still


def test_one_that_dies_twice_fails_the_expression(judges: Evaluator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluator, "_PROGRAM", DYING)
    assert judges.judge(facts_of(), "true").found == Failure.CRASHED


@pytest.mark.parametrize("program", ["raise SystemExit(1)", "print('nonsense')", "input()"])
def test_where_none_can_be_started_that_is_no_fault_of_the_expression(
    judges: Evaluator, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    monkeypatch.setattr(evaluator, "_PROGRAM", program)
    monkeypatch.setattr(evaluator, "START_S", 0.3)
    with pytest.raises(NotStartedError, match="does not start"):
        judges.judge(facts_of(), "true")
    assert judges.pid is None


def test_an_interpreter_that_is_gone_is_told(judges: Evaluator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(NotStartedError, match="No such file"):
        judges.judge(facts_of(), "true")


def test_a_job_whose_time_is_over_ends_the_process_with_its_question(
    judges: Evaluator, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert judges.judge(facts_of(), "true").found is True

    def ring(*_: object) -> bytes:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(evaluator, "read_judgement", ring)
        with pytest.raises(KeyboardInterrupt):
            judges.judge(facts_of(), "true")
    assert judges.pid is None
    # The answer that came too late is nobody's: the next question has a new process.
    assert judges.judge(facts_of(), "false").found is False


def test_the_process_has_nothing_that_is_not_its_own(
    judges: Evaluator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FLEET_SECRET", "canary")
    with (tmp_path / "keys").open("w") as keys:
        spare = os.dup2(keys.fileno(), os.dup(keys.fileno()))  # which dup2 makes inheritable
        assert judges.judge(facts_of(), "true").found is True
        place = Path(f"/proc/{judges.pid}")
        assert (place / "environ").read_bytes() == b""
        assert sorted(each.name for each in (place / "fd").iterdir()) == ["0", "1", "2"]
        os.close(spare)
    limits = (place / "limits").read_text()
    for name, most in (
        ("Max address space", child.MEMORY_BYTES),
        ("Max file size", 0),
        ("Max core file size", 0),
        ("Max processes", 0),
    ):
        [line] = [line for line in limits.splitlines() if line.startswith(name)]
        assert line.removeprefix(name).split()[:2] == [str(most)] * 2
    assert resource.getrlimit(resource.RLIMIT_AS) != (child.MEMORY_BYTES, child.MEMORY_BYTES)


def test_it_ends_with_its_worker() -> None:
    """The worker is killed: its end of the pipe closes, and that is the end."""
    program = (
        "import os, sys; from tests.expression_facts import facts_of;"
        "from workers.expressions.evaluator import Evaluator;"
        "made = Evaluator(); made.judge(facts_of(), 'true');"
        "print(made.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run(  # noqa: S603 - a program of this test
        [sys.executable, "-c", program], cwd=root, capture_output=True, check=False
    )
    try:
        watched = os.pidfd_open(int(done.stdout))
    except ProcessLookupError:
        return  # it was faster than this test
    try:
        assert select.select([watched], [], [], 10)[0], "it still runs"
    finally:
        os.close(watched)


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(expression=WORDS, body=st.binary(max_size=300))
def test_whatever_is_asked_the_process_answers(judges: Evaluator, expression: str, body: bytes) -> None:
    found = judges.judge(facts_of(body), expression).found
    assert isinstance(found, bool) or found.partition(" ")[0] in set(Failure)
