"""Advice: the same words for a note wherever it is shown, and commands that do only what they say."""

import pytest

from domain.passed_over import Because, shortened
from domain.reasons import advice_on, why_not, wish_for


def test_who_answers_by_himself_is_told_apart_from_nobody() -> None:
    assert "start the program there" in advice_on("connection refused")
    assert "answered 500" in advice_on("500")
    assert "no such path" in advice_on("404")
    assert advice_on("") == ""


def test_what_a_program_answered_is_told_as_such() -> None:
    assert "The program failed (exit 1)" in advice_on("exit 1")
    assert "The program failed (signal 9)" in advice_on("signal 9")
    assert "asked to be run again" in advice_on("exit 75")
    assert "allow_unverified" in advice_on("not verified")
    assert advice_on("exit 0") == ""


@pytest.mark.parametrize("kind", ["push", "customer.created", "orders/paid", "io.example:v1-x_y"])
def test_a_plain_type_is_asked_for_by_its_name(kind: str) -> None:
    assert wish_for("hook", kind) == f"fleet subscriptions add NAME --webhook hook --events {kind}"


@pytest.mark.parametrize("kind", ["", "a b", "$(x)", "a;b", "'", "push*", "[p]ush", "push\n", "\u0430"])
def test_what_a_shell_or_a_filter_could_read_otherwise_is_left_out(kind: str) -> None:
    assert wish_for("hook", kind) == "fleet subscriptions add NAME --webhook hook"


def entry(because: Because, **told: object) -> dict[str, object]:
    return {"because": because.value, "events": [], "senders": [], "expression": "", "detail": "", **told}


@pytest.mark.parametrize(
    ("passed", "sentence"),
    [
        (
            entry(Because.EVENT_TYPE, events=["a", "b*"]),
            "its filter is a, b*, and the type of this event is push",
        ),
        (entry(Because.EVENT_TYPE, events=["Push"]), "filters know upper and lower case"),
        (entry(Because.EVENT_TYPE), "pushes as they came only with --events git.push"),
        (entry(Because.SENDER, senders=["git", "slack"]), "it takes events of git, slack only"),
        (entry(Because.EXPRESSION, expression="a && b"), "does not fulfil its expression, a && b"),
        (
            entry(Because.EXPRESSION_FAILED, expression="a", detail="it takes too long"),
            "its expression failed: it takes too long. It is a",
        ),
    ],
)
def test_why_a_subscription_was_passed_over(passed: dict[str, object], sentence: str) -> None:
    assert why_not(passed, "push").endswith(sentence)


def test_of_a_long_expression_a_story_keeps_the_beginning_in_one_line() -> None:
    assert shortened("a &&\n\t b") == "a && b"
    assert shortened("x" * 200) == "x" * 200
    assert shortened("x" * 201) == "x" * 200 + "..."
