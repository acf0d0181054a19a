"""Looks run at the same time, and one that hangs or breaks hides nothing of the others."""

import threading

from redis.exceptions import ConnectionError as NoConnectionError

from cli.checkup.looking import Look, look_at_all
from cli.checkup.row import Row, State, well
from domain.errors import FleetError


def breaking(error: Exception) -> Look:
    def rows() -> list[Row]:
        raise error

    return Look("broken", rows)


FINE = Look("fine", lambda: [well("fine", "yes")])


def test_what_hangs_is_a_row_that_failed() -> None:
    never = threading.Event()

    def hang() -> list[Row]:
        never.wait()
        return []

    fine, hanging, other = look_at_all([FINE, Look("hanging", hang), FINE], bound_s=0.2)
    never.set()
    assert (fine.state, other.state) == (State.OK, State.OK)
    assert (hanging.check, hanging.state, hanging.finding) == (
        *("hanging", State.FAILED),
        "not known after 0.2 seconds",
    )


def test_they_wait_for_nobody() -> None:
    together = threading.Barrier(3, timeout=20)

    def meet() -> list[Row]:
        together.wait()
        return [well("met", "yes")]

    assert [row.state for row in look_at_all([Look("met", meet)] * 3)] == [State.OK] * 3


def test_what_breaks_is_told_and_nothing_secret_with_it() -> None:
    [row] = look_at_all([breaking(KeyError("a secret"))])
    assert (row.state, row.finding) == (State.FAILED, "broke off (KeyError)")
    assert "secret" not in row.advice


def test_what_goes_wrong_on_purpose_is_its_own_advice() -> None:
    [row] = look_at_all([breaking(FleetError("Do this."))])
    assert (row.state, row.advice) == (State.FAILED, "Do this.")


def test_redis_is_told_to_be_away_by_one_row_alone() -> None:
    [row] = look_at_all([breaking(NoConnectionError())])
    assert (row.state, row.finding) == (State.UNCHECKED, "Redis does not answer")
