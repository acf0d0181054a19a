"""Whose door is it? Who has the keys is told; everybody else meets the 404 of an unknown address."""

import os

import pytest

from store.proofs import Proof, new_proof
from store.sealing import KeyRing, Sealer
from tests.public_door import PublicDoor, now_ms

STRANGER = KeyRing({b"0001": bytes(32)}, b"0001")


def ask(door: PublicDoor, late_ms: int = 0) -> Proof:
    return new_proof(door.sealer, os.urandom, now_ms() - late_ms)


def test_who_has_the_keys_is_told(door: PublicDoor) -> None:
    proof = ask(door)
    answer = door.request("GET", f"/t/{proof.question}")
    assert (answer.status, answer.json) == (200, {"proof": proof.answer})
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_everybody_else_meets_an_unknown_address(door: PublicDoor) -> None:
    unknown = door.request("GET", f"/t/{'x' * 32}")
    assert unknown.status == 404
    forged = new_proof(Sealer(STRANGER, os.urandom), os.urandom, now_ms()).question
    old = ask(door, late_ms=61_000).question
    altered = ask(door).question[:-2] + "AA"
    for question in (forged, old, altered, "x" * len(forged)):
        answer = door.request("GET", f"/t/{question}")
        assert (answer.status, answer.body) == (404, unknown.body)
        assert {**answer.headers, "date": ""} == {**unknown.headers, "date": ""}


@pytest.mark.parametrize("method", ["POST", "HEAD", "PUT"])
def test_it_is_asked_with_get_alone(door: PublicDoor, method: str) -> None:
    assert door.request(method, f"/t/{ask(door).question}").status == 404
