"""Events whose sender has to be called first: from the public door to the stream, with hosts of our own."""

import os
import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from domain.event import Request
from domain.subscription import Subscription
from store import events, stories, subscriptions
from store.sealing import Sealer
from store.stories import Story
from tests.hooked_senders import (
    DAY_MS,
    PAYPAL_URL,
    PAYPAL_WEBHOOK,
    SNS_URL,
    SUBSCRIBE_URL,
    TOPIC,
    certificate,
    paypal_request,
    sns_message,
    sns_request,
)
from tests.https_server import HttpsServer, https_server
from tests.public_door import RING, PublicDoor, now_ms
from workers.calling import Caller, Way
from workers.context import WorkerContext, installed
from workers.outbound import Outbound
from workers.sweeper import Sweeper
from workers.worker import work

HOSTS = ("api.paypal.com", "sns.us-west-2.amazonaws.com")


@pytest.fixture
def hosts(tmp_path: Path) -> Iterator[HttpsServer]:
    """PayPal and AWS, which have their certificates."""
    with https_server(tmp_path, *HOSTS) as server:
        for url, name in (
            (PAYPAL_URL, "messageverificationcerts.paypal.com"),
            (SNS_URL, "sns.amazonaws.com"),
        ):
            pem = certificate(name, begins=now_ms() - DAY_MS, ends=now_ms() + DAY_MS)
            server.answers[urlsplit(url).path] = 200, {}, pem
        server.answers[urlsplit(SUBSCRIBE_URL)._replace(scheme="", netloc="").geturl()] = (
            200,
            {},
            b"<Confirmed/>",
        )
        yield server


@pytest.fixture
def calling(context: WorkerContext, hosts: HttpsServer) -> WorkerContext:
    """A worker whose calls arrive at these hosts."""
    tls = ssl.create_default_context(cafile=str(hosts.certificate))
    caller = Caller(Way(tls, ("127.0.0.1", hosts.port)), 20)
    return replace(context, outbound=Outbound(caller, context.store, Sealer(RING, os.urandom)))


def run(context: WorkerContext, redis_url: str) -> None:
    with installed(context):
        work(redis_url, "events", burst=True)


def listen(door: PublicDoor, *webhooks: str) -> None:
    names = tuple(f"whk_{name}" for name in webhooks or ("hook",))
    door.store.run(subscriptions.create(Subscription("sub_all", "gw_1", "all", names, (), 30, 1)))


def post(door: PublicDoor, token: str, request: Request) -> str:
    """The id of the event."""
    headers = {name.decode(): value.decode() for name, value in request.headers}
    return door.post(token, request.body, headers).json["id"]


def story(door: PublicDoor, event: str) -> Story:
    found = door.store.run(stories.story("gw_1", event))
    assert found is not None
    return found


def paypal(door: PublicDoor, name: str = "hook", secrets: tuple[bytes, ...] = ()) -> str:
    return door.webhook(name, "paypal", secrets, parameters={"webhook_id": PAYPAL_WEBHOOK})


def test_an_event_is_verified_with_the_certificate_that_it_names(
    door: PublicDoor, calling: WorkerContext, hosts: HttpsServer, redis_url: str
) -> None:
    token = paypal(door)
    listen(door)
    ids = [post(door, token, paypal_request(b'{"id":"WH-%d"}' % number)) for number in range(3)]
    run(calling, redis_url)
    assert [story(door, event).state for event in ids] == ["fanned_out"] * 3
    assert story(door, ids[0]).scheme == "paypal-rsa"
    again = post(door, token, paypal_request(b'{"id":"WH-9"}'))
    run(calling, redis_url)
    assert story(door, again).state == "fanned_out"
    assert hosts.asked == [("api.paypal.com", urlsplit(PAYPAL_URL).path)]


def test_a_forged_event_is_rejected_with_the_reason(
    door: PublicDoor, calling: WorkerContext, hosts: HttpsServer, redis_url: str
) -> None:
    token = paypal(door)
    forged = replace(paypal_request(), body=b'{"id":"WH-2"}')
    elsewhere = paypal_request(url="https://evil.example/v1/notifications/certs/CERT-1")
    nowhere = paypal_request(url=PAYPAL_URL + "-none")
    found = {}
    for wrong in (forged, elsewhere, nowhere):
        event = post(door, token, wrong)
        run(calling, redis_url)
        found[event] = story(door, event).reason
    assert list(found.values()) == ["wrong_signature", "unknown_certificate", "unknown_certificate"]
    assert {host for host, _ in hosts.asked} == {"api.paypal.com"}


def test_the_owners_certificate_saves_the_call(
    door: PublicDoor, calling: WorkerContext, hosts: HttpsServer, redis_url: str
) -> None:
    _, _, pem = hosts.answers[urlsplit(PAYPAL_URL).path]
    token = paypal(door, secrets=(pem,))
    event = post(door, token, paypal_request())
    run(calling, redis_url)
    assert (story(door, event).scheme, story(door, event).secret) == ("paypal-rsa", "sec_0")
    assert hosts.asked == []


def test_without_outgoing_calls_the_event_is_rejected_and_the_reason_says_so(
    door: PublicDoor, context: WorkerContext, redis_url: str
) -> None:
    event = post(door, paypal(door), paypal_request())
    run(context, redis_url)
    assert story(door, event).reason == "document_missing"


def test_nobody_waits_for_a_host_that_does_not_answer(
    door: PublicDoor, calling: WorkerContext, hosts: HttpsServer, redis_url: str
) -> None:
    # The worker is in the middle of a call that hangs, and the others of the batch are through.
    stuck = post(door, paypal(door), paypal_request())
    other = post(door, door.webhook("other"), Request("POST", b"", b"", (), b"{}"))
    states = []

    def hang(url: str):
        states.append((story(door, stuck).state, story(door, other).state))
        return calling.outbound._calling(url)  # noqa: SLF001 - the real thing, a moment later

    listen(door, "hook", "other")
    watched = replace(calling, outbound=Outbound(hang, calling.store, Sealer(RING, os.urandom)))
    run(watched, redis_url)
    assert states == [("waiting", "fanned_out")]
    assert story(door, stuck).state == "fanned_out"
    assert hosts.asked


def test_a_host_that_is_away_rejects_nothing(
    door: PublicDoor, calling: WorkerContext, hosts: HttpsServer, redis_url: str
) -> None:
    path = urlsplit(PAYPAL_URL).path
    there = hosts.answers[path]
    hosts.answers[path] = 503, {}, b""
    moment = [now_ms()]
    patient = replace(calling, clock_ms=lambda: moment[0])
    event = post(door, paypal(door), paypal_request())
    listen(door)
    sweeper = Sweeper(patient)
    # Three tries; then a person has to look at it, and may let it be tried again.
    for _ in range(3):
        run(patient, redis_url)
        assert story(door, event).state == "waiting"
        moment[0] += 60_000
        sweeper.sweep_once()
    assert story(door, event).state == "set_aside"
    assert len(hosts.asked) == 3
    hosts.answers[path] = there
    door.store.run(events.retry("gw_1", event, "job_1", moment[0]))
    sweeper.sweep_once()
    run(patient, redis_url)
    assert story(door, event).state == "fanned_out"


def sns(door: PublicDoor, **parameters: str) -> str:
    return door.webhook(sender="aws-sns", parameters=parameters)


SUBSCRIPTION = sns_request(sns_message("SubscriptionConfirmation"))


def test_a_subscription_is_confirmed_where_the_owner_allows_it(
    door: PublicDoor, calling: WorkerContext, hosts: HttpsServer, redis_url: str
) -> None:
    token = sns(door, confirm_subscriptions="true", topic_arn=TOPIC)
    listen(door)
    event = post(door, token, SUBSCRIPTION)
    run(calling, redis_url)
    told = story(door, event)
    assert (told.state, told.event_type, told.note) == (
        "fanned_out",
        "SubscriptionConfirmation",
        "subscription confirmed",
    )
    [(_, first), (host, second)] = hosts.asked
    assert first == urlsplit(SNS_URL).path
    assert (host, second.partition("&")[0]) == ("sns.us-west-2.amazonaws.com", "/?Action=ConfirmSubscription")


@pytest.mark.parametrize("parameters", [{}, {"confirm_subscriptions": "false"}])
def test_otherwise_it_is_not_and_the_story_says_how_to_allow_it(
    door: PublicDoor, calling: WorkerContext, hosts: HttpsServer, redis_url: str, parameters: dict[str, str]
) -> None:
    token = sns(door, **parameters)
    listen(door)
    event = post(door, token, SUBSCRIPTION)
    run(calling, redis_url)
    told = story(door, event)
    assert told.state == "fanned_out"
    assert "set confirm_subscriptions=true" in told.note
    assert [path for _, path in hosts.asked] == [urlsplit(SNS_URL).path]


def test_a_forged_subscription_is_never_confirmed(
    door: PublicDoor, calling: WorkerContext, hosts: HttpsServer, redis_url: str
) -> None:
    token = sns(door, confirm_subscriptions="true")
    forged = sns_request({**sns_message("SubscriptionConfirmation"), "Token": "another"})
    event = post(door, token, forged)
    run(calling, redis_url)
    assert story(door, event).reason == "wrong_signature"
    assert [path for _, path in hosts.asked] == [urlsplit(SNS_URL).path]


def test_another_topics_subscription_is_never_confirmed(
    door: PublicDoor, calling: WorkerContext, hosts: HttpsServer, redis_url: str
) -> None:
    event = post(door, sns(door, confirm_subscriptions="true", topic_arn=TOPIC + "x"), SUBSCRIPTION)
    run(calling, redis_url)
    assert story(door, event).reason == "unmet_condition"
    assert hosts.asked == []


def test_a_certificate_of_the_owner_does_not_allow_calls_that_the_server_forbids(
    door: PublicDoor, context: WorkerContext, hosts: HttpsServer, redis_url: str
) -> None:
    _, _, pem = hosts.answers[urlsplit(SNS_URL).path]
    token = door.webhook(sender="aws-sns", secrets=[pem], parameters={"confirm_subscriptions": "true"})
    listen(door)
    event = post(door, token, SUBSCRIPTION)
    run(context, redis_url)
    told = story(door, event)
    assert (told.state, hosts.asked) == ("fanned_out", [])
    assert "FLEET_OUTBOUND is off" in told.note
