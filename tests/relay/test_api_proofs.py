"""An owner is given a question that the public door of his own gateway answers."""

import os

import pytest

from store.proofs import answer_to
from store.sealing import Sealer
from tests.owner_door import PUBLIC_URL, RING, Owner, clock_ms, new_gateway


@pytest.fixture
def owner(address: str, redis_url: str) -> Owner:
    return Owner(address, new_gateway(redis_url, "acme")[1])


def test_the_question_is_one_that_the_door_answers(owner: Owner) -> None:
    answer = owner.ask("POST", "/proofs")
    assert answer.status == 201
    url, proof = answer.json["url"], answer.json["proof"]
    assert url.startswith(f"{PUBLIC_URL}/t/")
    assert answer_to(Sealer(RING, os.urandom), url.rpartition("/")[2], clock_ms()) == proof
    assert owner.ask("POST", "/proofs").json != answer.json
