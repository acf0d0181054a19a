"""The catalogue is data; these are the rules it follows."""

import pytest

from domain.senders import SENDERS, Scheme, Sender
from domain.senders.scheme import Signature
from domain.senders.source import Header
from domain.senders.template import Template

ALL = pytest.mark.parametrize("sender", SENDERS.values(), ids=SENDERS.keys())


def test_duplicates_are_only_looked_for_where_nobody_may_have_asked_for_them() -> None:
    by_hand = {"github", "gitlab", "gitea", "forgejo", "gogs"}
    assert not by_hand & {key for key, sender in SENDERS.items() if sender.dedup}
    assert SENDERS["stripe"].dedup


@ALL
def test_a_sender_is_found_by_its_own_key(sender: Sender) -> None:
    assert SENDERS[sender.key] is sender


@ALL
def test_a_sender_tells_its_owner_where_the_secret_is_in_one_sentence(sender: Sender) -> None:
    assert sender.secret.where.endswith(".")
    assert ". " not in sender.secret.where


@ALL
def test_duplicates_are_only_looked_for_where_there_is_an_id(sender: Sender) -> None:
    assert sender.event_id or not sender.dedup


def test_scheme_ids_are_unique() -> None:
    ids = [scheme.id for sender in SENDERS.values() for scheme in sender.schemes]
    assert len(set(ids)) == len(ids)


def test_a_header_is_known_by_its_name_whatever_the_case() -> None:
    assert Header("X-Signature").key == b"x-signature"


def test_a_template_with_an_unknown_place_is_a_mistake() -> None:
    with pytest.raises(ValueError, match=r"signs \{nonsense\}"):
        Scheme("careless", Signature(Header("X-Signature")), Template("{nonsense}{body}"))


def test_a_scheme_that_signs_a_timestamp_must_say_where_it_stands() -> None:
    with pytest.raises(ValueError, match=r"signs \{timestamp\}"):
        Scheme("careless", Signature(Header("X-Signature")), Template("{timestamp}{body}"))
