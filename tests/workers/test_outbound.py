"""Errands: what is called, how often, what is remembered, and what becomes of the events."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from domain.senders.hooks.graph import KEYS_URL
from store import keys
from store.connect import SyncStore
from store.decisions import Decision
from store.sealing import Sealer
from tests.hooked_senders import NOW, PAYPAL_URL, SUBSCRIBE_URL
from tests.public_door import RING
from workers.calling import Answer, CallFailedError
from workers.errand import Errand, Purpose
from workers.outbound import ABSENT_MS, CALLS_A_MINUTE, FRESH_MS, PAUSE_MS, Allowance, Done, Outbound

LIFE_MS = 24 * 3600 * 1000
OTHER_URL = PAYPAL_URL + "2"


@dataclass
class Hosts:
    """Answers that are given by URL; whatever has none fails."""

    answers: dict[str, Answer] = field(default_factory=dict)
    called: list[str] = field(default_factory=list)

    def __call__(self, url: str) -> Answer:
        self.called.append(url)
        if url not in self.answers:
            raise CallFailedError("It did not answer.")
        return self.answers[url]


@pytest.fixture
def store(redis_url: str) -> Iterator[SyncStore]:
    made = SyncStore(redis_url)
    yield made
    made.close()


@pytest.fixture
def hosts() -> Hosts:
    return Hosts({PAYPAL_URL: Answer(200, b"a certificate")})


@pytest.fixture
def outbound(hosts: Hosts, store: SyncStore) -> Outbound:
    return another(hosts, store)


def another(hosts: Hosts, store: SyncStore) -> Outbound:
    return Outbound(hosts, store, Sealer(RING, os.urandom))


def errand(
    url: str = PAYPAL_URL, event: str = "evt_1", webhook: str = "whk_1", purpose: Purpose = Purpose.DOCUMENT
) -> Errand:
    return Errand(event, webhook, purpose, url, Decision(event, "", "", "document_missing", "", ()))


def run(outbound: Outbound, *errands: Errand, at: int = NOW) -> Done:
    return outbound.run(errands, Allowance(), at)


def test_a_document_is_fetched_once_for_all_events_that_wait_for_it(outbound: Outbound, hosts: Hosts) -> None:
    done = run(outbound, errand(), errand(event="evt_2"))
    assert done == Done([], ["evt_1", "evt_2"])
    assert outbound.documents(NOW) == {PAYPAL_URL: b"a certificate"}
    assert hosts.called == [PAYPAL_URL]


def test_workers_share_what_they_fetch(outbound: Outbound, hosts: Hosts, store: SyncStore) -> None:
    run(outbound, errand())
    other = another(hosts, store)
    assert other.documents(NOW) == {}
    assert run(other, errand(), at=NOW + LIFE_MS - 1) == Done([], ["evt_1"])
    assert other.documents(NOW) == {PAYPAL_URL: b"a certificate"}
    assert hosts.called == [PAYPAL_URL]


def test_a_document_is_used_for_a_day(outbound: Outbound, store: SyncStore) -> None:
    run(outbound, errand())
    [key] = store.client.execute_command("KEYS", keys.pattern("document"))
    assert store.client.execute_command("PEXPIRETIME", key) == NOW + LIFE_MS
    assert outbound.documents(NOW + LIFE_MS - 1)
    assert not outbound.documents(NOW + LIFE_MS)


def test_what_somebody_else_put_into_redis_is_not_believed(
    outbound: Outbound, hosts: Hosts, store: SyncStore
) -> None:
    hosts.answers[OTHER_URL] = Answer(200, b"another certificate")
    run(outbound, errand(OTHER_URL))
    [key] = store.client.execute_command("KEYS", keys.pattern("document"))
    sealed = store.client.execute_command("GET", key)
    run(outbound, errand())
    for forged in (b"a certificate of a stranger's", sealed):
        for each in store.client.execute_command("KEYS", keys.pattern("document")):
            store.client.execute_command("SET", each, forged)
        other = another(hosts, store)
        run(other, errand())
        assert other.documents(NOW) == {PAYPAL_URL: b"a certificate"}
    assert hosts.called.count(PAYPAL_URL) == 3


def test_a_batch_fetches_one_document(outbound: Outbound, hosts: Hosts) -> None:
    hosts.answers[OTHER_URL] = Answer(200, b"another certificate")
    done = run(outbound, errand(), errand(OTHER_URL, "evt_2"))
    assert done == Done([], ["evt_1"])  # the other waits
    assert hosts.called == [PAYPAL_URL]
    assert run(outbound, errand(OTHER_URL, "evt_2")) == Done([], ["evt_2"])


@pytest.mark.parametrize("answer", [None, Answer(500, b""), Answer(503, b""), Answer(429, b"")])
def test_a_host_that_fails_rejects_nothing_and_is_let_alone_for_a_while(
    outbound: Outbound, hosts: Hosts, answer: Answer | None
) -> None:
    hosts.answers = {} if answer is None else {PAYPAL_URL: answer}
    assert run(outbound, errand()) == Done()
    assert run(outbound, errand(OTHER_URL), at=NOW + PAUSE_MS - 1) == Done()
    assert len(hosts.called) == 1
    hosts.answers = {PAYPAL_URL: Answer(200, b"a certificate")}
    assert run(outbound, errand(), at=NOW + PAUSE_MS) == Done([], ["evt_1"])


@pytest.mark.parametrize("answer", [Answer(302, b""), Answer(400, b""), Answer(403, b""), Answer(200, b"")])
def test_what_a_host_refuses_is_let_alone_and_the_host_is_not(
    outbound: Outbound, hosts: Hosts, answer: Answer
) -> None:
    # Strangers choose URLs: with a bad one they could keep everybody from the host.
    hosts.answers = {PAYPAL_URL: answer, OTHER_URL: Answer(200, b"a certificate")}
    assert run(outbound, errand()) == Done()
    assert run(outbound, errand(), at=NOW + PAUSE_MS - 1) == Done()
    assert hosts.called == [PAYPAL_URL]
    assert run(outbound, errand(OTHER_URL)) == Done([], ["evt_1"])


def test_one_hosts_trouble_is_not_anothers(outbound: Outbound, hosts: Hosts) -> None:
    hosts.answers = {KEYS_URL: Answer(200, b"{}")}
    run(outbound, errand())
    assert run(outbound, errand(KEYS_URL)) == Done([], ["evt_1"])


@pytest.mark.parametrize("status", [404, 410])
def test_what_the_host_does_not_have_is_known_to_be_absent_for_a_while(
    outbound: Outbound, hosts: Hosts, status: int
) -> None:
    hosts.answers[PAYPAL_URL] = Answer(status, b"")
    assert run(outbound, errand()) == Done([], ["evt_1"])  # to be judged, with nothing
    assert outbound.documents(NOW) == {PAYPAL_URL: b""}
    assert outbound.documents(NOW + ABSENT_MS - 1) == {PAYPAL_URL: b""}
    assert outbound.documents(NOW + ABSENT_MS) == {}
    run(outbound, errand(), at=NOW + ABSENT_MS)
    assert len(hosts.called) == 2


def test_strangers_cannot_make_a_webhook_call_without_end(outbound: Outbound, hosts: Hosts) -> None:
    for each in range(20):
        hosts.answers[f"{PAYPAL_URL}-{each}"] = Answer(404, b"")
        run(outbound, errand(f"{PAYPAL_URL}-{each}"))
    assert len(hosts.called) == CALLS_A_MINUTE
    # Others, and those whose certificate is here, do not notice.
    assert run(outbound, errand(webhook="whk_2")) == Done([], ["evt_1"])
    assert run(outbound, errand(f"{PAYPAL_URL}-19"), at=NOW + 60_000) == Done([], ["evt_1"])


def test_many_documents_are_bounded_in_memory(outbound: Outbound, hosts: Hosts) -> None:
    for each in range(100):
        url = f"{PAYPAL_URL}-{each}"
        hosts.answers[url] = Answer(200, b"x")
        run(outbound, errand(url, webhook=f"whk_{each}"))
    assert len(outbound.documents(NOW)) == 64


def test_newer_keys_are_fetched_when_those_that_are_here_are_not_young(
    outbound: Outbound, hosts: Hosts
) -> None:
    hosts.answers[KEYS_URL] = Answer(200, b"old keys")
    run(outbound, errand(KEYS_URL))
    hosts.answers[KEYS_URL] = Answer(200, b"new keys")
    # Whoever names a key that nobody has cannot make us fetch with each request.
    asked = errand(KEYS_URL)
    assert run(outbound, asked, at=NOW + FRESH_MS - 1) == Done([asked.otherwise], [])
    assert run(outbound, asked, at=NOW + FRESH_MS) == Done([], ["evt_1"])
    assert outbound.documents(NOW + FRESH_MS) == {KEYS_URL: b"new keys"}
    assert len(hosts.called) == 2


def test_a_worker_takes_newer_keys_from_another(outbound: Outbound, hosts: Hosts, store: SyncStore) -> None:
    hosts.answers[KEYS_URL] = Answer(200, b"old keys")
    run(outbound, errand(KEYS_URL))
    hosts.answers[KEYS_URL] = Answer(200, b"new keys")
    run(another(hosts, store), errand(KEYS_URL), at=NOW + FRESH_MS)
    assert run(outbound, errand(KEYS_URL), at=NOW + FRESH_MS + 1) == Done([], ["evt_1"])
    assert outbound.documents(NOW + FRESH_MS + 1) == {KEYS_URL: b"new keys"}
    assert len(hosts.called) == 2


def confirm(event: str = "evt_1") -> Errand:
    return errand(SUBSCRIBE_URL, event, purpose=Purpose.CONFIRMATION)


@pytest.mark.parametrize(
    ("status", "note"),
    [
        (200, "subscription confirmed"),
        (403, "subscription not confirmed: its sender answered 403"),
        (301, "subscription not confirmed: its sender answered 301"),
    ],
)
def test_a_subscription_is_confirmed_and_the_owner_is_told(
    outbound: Outbound, hosts: Hosts, status: int, note: str
) -> None:
    hosts.answers[SUBSCRIBE_URL] = Answer(status, b"")
    [decision] = run(outbound, confirm()).decisions
    assert (decision.event, decision.note) == ("evt_1", note)
    assert hosts.called == [SUBSCRIBE_URL]


@pytest.mark.parametrize("status", [0, 408, 429, 500, 503])
def test_a_confirmation_that_fails_is_tried_again(outbound: Outbound, hosts: Hosts, status: int) -> None:
    if status:
        hosts.answers[SUBSCRIBE_URL] = Answer(status, b"")
    assert run(outbound, confirm()) == Done()
    hosts.answers[SUBSCRIBE_URL] = Answer(200, b"")
    assert run(outbound, confirm(), at=NOW + PAUSE_MS).decisions


def test_a_batch_fetches_one_document_and_confirms_one_subscription(outbound: Outbound, hosts: Hosts) -> None:
    hosts.answers[SUBSCRIBE_URL] = Answer(200, b"")
    done = run(outbound, confirm(), confirm("evt_2"), errand(event="evt_3"))
    assert [decision.event for decision in done.decisions] == ["evt_1"]
    assert done.again == ["evt_3"]
    assert sorted(hosts.called) == sorted([SUBSCRIBE_URL, PAYPAL_URL])
