"""Passes: good for one body at one webhook for a minute, and only if we wrote them."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store import passes
from store.sealing import KeyRing, Sealer

NOW = 1_800_000_000_000
RING = KeyRing({b"0001": bytes(range(32)), b"0002": bytes(32)}, b"0002")
SEALER = Sealer(RING, os.urandom)
BODY = b'{"a":1}'


def written(body: bytes = BODY, webhook: str = "whk_1", sealer: Sealer = SEALER) -> bytes:
    return passes.new_pass(sealer, webhook, body, NOW).encode()


def test_a_pass_is_good_before_and_after_its_body_is_read() -> None:
    assert passes.is_good(SEALER, written(), "whk_1", NOW)
    assert passes.is_good(SEALER, written(), "whk_1", NOW, BODY)


@pytest.mark.parametrize("ahead", [1, -1])
def test_a_pass_lasts_a_minute(ahead: int) -> None:
    assert passes.is_good(SEALER, written(), "whk_1", NOW + ahead * 60_000)
    assert not passes.is_good(SEALER, written(), "whk_1", NOW + ahead * 60_001)


def test_a_pass_is_for_one_webhook_and_one_body() -> None:
    assert not passes.is_good(SEALER, written(), "whk_2", NOW)
    assert not passes.is_good(SEALER, written(), "whk_1", NOW, BODY + b" ")
    assert not passes.is_good(SEALER, written(), "whk_1", NOW, b"")


def test_a_pass_of_an_older_key_of_the_ring_is_good_and_one_of_a_strange_key_is_not() -> None:
    older = Sealer(KeyRing(RING.keys, b"0001"), os.urandom)
    assert passes.is_good(SEALER, written(sealer=older), "whk_1", NOW, BODY)
    strange = Sealer(KeyRing({b"0002": bytes([7]) * 32}, b"0002"), os.urandom)
    assert not passes.is_good(SEALER, written(sealer=strange), "whk_1", NOW)
    lost = Sealer(KeyRing({b"0003": bytes(32)}, b"0003"), os.urandom)
    assert not passes.is_good(SEALER, written(sealer=lost), "whk_1", NOW)


@given(st.data())
def test_a_pass_in_which_anything_is_changed_is_none(data: st.DataObject) -> None:
    good = bytearray(written())
    place = data.draw(st.integers(0, len(good) - 1))
    good[place] = data.draw(st.integers(0, 255).filter(lambda byte: byte != good[place]))
    assert not passes.is_good(SEALER, bytes(good), "whk_1", NOW, BODY)


@given(st.binary(max_size=400))
def test_whatever_else_comes_is_none(value: bytes) -> None:
    assert not passes.is_good(SEALER, value, "whk_1", NOW)


def test_the_key_of_passes_is_no_key_of_anything_else() -> None:
    key_id, key = SEALER.key_for(b"fleet test 1")
    assert key_id == b"0002"
    assert key != RING.keys[b"0002"]
    assert key != SEALER.key_for(b"another purpose")[1]
    assert SEALER.key_for(b"fleet test 1", b"0001")[1] != key
