"""Advice: the same words for a note wherever it is shown, and commands that do only what they say."""

import pytest

from domain.reasons import advice_on, wish_for


def test_who_answers_by_himself_is_told_apart_from_nobody() -> None:
    assert "start the program there" in advice_on("connection refused")
    assert "answered 500" in advice_on("500")
    assert "no such path" in advice_on("404")
    assert advice_on("") == ""


@pytest.mark.parametrize("kind", ["push", "customer.created", "orders/paid", "io.example:v1-x_y"])
def test_a_plain_type_is_asked_for_by_its_name(kind: str) -> None:
    assert wish_for("hook", kind) == f"fleet subscriptions add NAME --webhook hook --events {kind}"


@pytest.mark.parametrize("kind", ["", "a b", "$(x)", "a;b", "'", "push*", "[p]ush", "push\n", "\u0430"])
def test_what_a_shell_or_a_filter_could_read_otherwise_is_left_out(kind: str) -> None:
    assert wish_for("hook", kind) == "fleet subscriptions add NAME --webhook hook"
