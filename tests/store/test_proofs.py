"""A question to the public door is answered by who has the keys, and by nobody else."""

import os
from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.proofs import LIFE_MS, QUESTION_CHARS, answer_to, new_proof
from store.sealing import KeyRing, Sealer

NOW = 1_800_000_000_000
OURS = KeyRing({b"0001": bytes(32)}, b"0001")
THEIRS = KeyRing({b"0001": bytes(range(32))}, b"0001")


def sealer(ring: KeyRing = OURS) -> Sealer:
    return Sealer(ring, os.urandom)


def test_another_process_with_the_same_keys_answers() -> None:
    proof = new_proof(sealer(), os.urandom, NOW)
    assert answer_to(sealer(), proof.question, NOW) == proof.answer
    assert len(proof.question) == QUESTION_CHARS
    assert proof.answer not in proof.question


def test_other_keys_do_not() -> None:
    proof = new_proof(sealer(), os.urandom, NOW)
    assert answer_to(sealer(THEIRS), proof.question, NOW) is None


@pytest.mark.parametrize(
    ("later_ms", "answered"), [(LIFE_MS, True), (LIFE_MS + 1, False), (-LIFE_MS - 1, False)]
)
def test_a_question_grows_old(later_ms: int, answered: bool) -> None:  # noqa: FBT001 - a parameter of the test
    proof = new_proof(sealer(), os.urandom, NOW)
    assert (answer_to(sealer(), proof.question, NOW + later_ms) == proof.answer) is answered


def test_what_was_sealed_for_another_place_is_no_question() -> None:
    sealed = sealer().seal(bytes(24), b"token|gw|whk", NOW)
    question = urlsafe_b64encode(sealed).rstrip(b"=").decode()
    assert len(question) == QUESTION_CHARS
    assert answer_to(sealer(), question, NOW) is None


@given(st.text(min_size=QUESTION_CHARS, max_size=QUESTION_CHARS) | st.text(max_size=200))
def test_anything_else_is_no_question(text: str) -> None:
    assert answer_to(sealer(), text, NOW) is None


def test_no_question_is_asked_twice() -> None:
    asking = sealer()
    assert len({new_proof(asking, os.urandom, NOW).question for _ in range(10)}) == 10
