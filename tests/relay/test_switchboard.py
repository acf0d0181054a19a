"""The switchboard: who is woken by the bell, who is ended, how many there may be."""

import pytest

from domain.errors import OverloadedError
from relay.server import doorbell
from relay.server.endings import SUPERSEDED
from relay.server.switchboard import MAX_TUNNELS, Switchboard
from store.bell import Renewed, Revoked, Rung
from tests.fake_line import FakeLine


def test_a_bell_wakes_those_who_serve_the_subscription() -> None:
    board = Switchboard()
    here, there = FakeLine(served=("sub_1", "sub_2")), FakeLine(tunnel="tun_2", served=("sub_2",))
    board.join(here)
    board.join(there)
    doorbell.pass_on(Rung("sub_1"), board)
    doorbell.pass_on(Rung("sub_2"), board)
    doorbell.pass_on(Rung("sub_unknown"), board)
    assert (here.rings, there.rings) == (["sub_1", "sub_2"], ["sub_2"])
    board.leave(here)
    board.leave(here)
    board.ring("sub_1")
    assert here.rings == ["sub_1", "sub_2"]
    assert list(board) == [there]


def test_a_revocation_makes_the_tunnels_of_that_gateway_look_again() -> None:
    board = Switchboard()
    mine, theirs = FakeLine(), FakeLine(gateway="gw_2")
    board.join(mine)
    board.join(theirs)
    doorbell.pass_on(Revoked("gw_1"), board)
    assert (mine.doubts, theirs.doubts) == (1, 0)


def test_a_new_doorbell_makes_everybody_look_again() -> None:
    board = Switchboard()
    line = FakeLine()
    board.join(line)
    doorbell.pass_on(Renewed(), board)
    assert (line.rings, line.doubts) == ([None], 1)


def test_a_newer_connection_of_a_tunnel_replaces_the_older_one() -> None:
    board = Switchboard()
    older, newer = FakeLine(), FakeLine(session="t")
    board.join(older)
    board.join(newer)
    board.leave(older)
    assert older.ended == [SUPERSEDED]
    assert list(board) == [newer]
    board.ring("sub_1")
    assert (older.rings, newer.rings) == ([], ["sub_1"])


def test_a_gateway_has_a_bounded_number_of_tunnels() -> None:
    board = Switchboard()
    for number in range(MAX_TUNNELS):
        board.join(FakeLine(tunnel=f"tun_{number}"))
    board.join(FakeLine(gateway="gw_2"))
    late = FakeLine(tunnel="tun_late")
    with pytest.raises(OverloadedError):
        board.join(late)
    board.leave(late)
    assert len(list(board)) == MAX_TUNNELS + 1
