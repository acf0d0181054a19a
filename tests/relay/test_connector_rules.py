"""The small rules of a connector: addresses, back-off, what becomes of a target's answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.delivery import Outcome
from domain.errors import InvalidInputError
from domain.event import Request
from relay.connector.address import tunnel_url
from relay.connector.attempt import attempt
from relay.connector.backoff import LONGEST_S, Backoff
from relay.connector.connector import ConnectorConfig
from relay.connector.target import Answer, Arrival, KeepAlive

ARRIVAL = Arrival(
    "dlv_1",
    1,
    "evt_1",
    "push",
    "ci",
    "hook",
    "github",
    "github-sha256",
    1,
    30,
    Request("POST", b"", b"", (), b""),
)


@pytest.mark.parametrize(
    ("given_url", "url"),
    [
        ("https://relay.example.org", "wss://relay.example.org/tunnel"),
        ("https://relay.example.org:8443/fleet/", "wss://relay.example.org:8443/fleet/tunnel"),
        ("wss://relay.example.org", "wss://relay.example.org/tunnel"),
        ("http://127.0.0.1:8081", "ws://127.0.0.1:8081/tunnel"),
        ("http://localhost:8081", "ws://localhost:8081/tunnel"),
        ("ws://[::1]:8081/", "ws://[::1]:8081/tunnel"),
    ],
)
def test_the_tunnel_stands_below_the_relay(given_url: str, url: str) -> None:
    assert tunnel_url(given_url, insecure=False) == url


@pytest.mark.parametrize(
    "url",
    ["http://relay.example.org", "ws://10.0.0.7:8081", "http://localhost.example.org", "http://x.localhost"],
)
def test_an_unencrypted_way_off_this_machine_needs_a_word(url: str) -> None:
    with pytest.raises(InvalidInputError, match="not be encrypted"):
        tunnel_url(url, insecure=False)
    assert tunnel_url(url, insecure=True).startswith("ws://")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "relay.example.org",
        "ftp://relay",
        "https://",
        "https://h:port",
        "https://a:b@h",
        "https://h/?q",
        "https://[x",
    ],
)
def test_what_is_no_address_of_a_relay_is_refused(url: str) -> None:
    with pytest.raises(InvalidInputError, match="address of the relay"):
        tunnel_url(url, insecure=True)


def test_the_token_is_not_shown() -> None:
    assert "fleet_secret" not in repr(ConnectorConfig("https://relay.example.org", "fleet_secret"))


@given(st.lists(st.floats(0, 1, exclude_max=True), min_size=20, max_size=40))
def test_pauses_grow_to_their_bound_and_are_never_nothing(dice: list[float]) -> None:
    throws = iter(dice)
    backoff = Backoff(lambda: next(throws))
    pauses = [backoff.next_s() for _ in dice]
    for number, pause in enumerate(pauses):
        whole = min(0.1 * 2**number, LONGEST_S)
        assert whole / 2 <= pause <= whole


def test_a_success_begins_the_pauses_anew() -> None:
    backoff = Backoff(lambda: 0.0)
    assert [backoff.next_s() for _ in range(3)] == [0.1, 0.2, 0.4]
    backoff.reset()
    assert backoff.next_s() == 0.1


class Says:
    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    async def deliver(self, _: Arrival, keep_alive: KeepAlive) -> Answer:
        del keep_alive
        return self.answer


@given(st.text(max_size=300), st.floats())
async def test_whatever_a_target_says_is_made_fit_to_be_sent(note: str, wish: float) -> None:
    answer = await attempt(Says(Answer(Outcome.RETRY, note, wish)), ARRIVAL, lambda: None, lambda _: None)
    assert answer.note.isprintable()
    assert len(answer.note) <= 100
    assert answer.retry_after_s is None or 0 <= answer.retry_after_s <= 43_200


async def test_an_answer_without_a_wish_stays_as_it_is() -> None:
    answer = Answer(Outcome.DELIVERED, "200")
    assert await attempt(Says(answer), ARRIVAL, lambda: None, lambda _: None) == answer


async def test_a_target_that_fails_is_told_in_a_sentence_without_what_it_says() -> None:
    class Fails:
        async def deliver(self, _: Arrival, keep_alive: KeepAlive) -> Answer:
            del keep_alive
            raise RuntimeError("the payload of an event")

    told = list[str]()
    answer = await attempt(Fails(), ARRIVAL, lambda: None, told.append)
    assert answer == Answer(Outcome.RETRY, "target failed")
    sentence = "the target failed (RuntimeError), which is a mistake of ours; please report it."
    assert told == [f"{sentence} The event is tried again later."]
