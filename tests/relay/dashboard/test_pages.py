"""Every page says what there is, shows nobody else's, and takes no word for markup."""

import re
import shlex
from collections.abc import Iterator
from html import unescape

import pytest

from domain.event import Rejection
from relay.server.dashboard.reasons import why
from store import gateways, queues
from store.connect import SyncStore
from store.decisions import Decision
from tests.dashboard_visitor import DashboardVisitor, dashboard, signed_in
from tests.owner_door import new_gateway
from tests.relay.dashboard.full_gateway import HOSTILE, TOKEN, FullGateway, full_gateway

LISTS = [
    "/dashboard",
    "/dashboard?chart=day",
    "/dashboard/events",
    "/dashboard/failed",
    "/dashboard/failed/all?what=retry",
    "/dashboard/failed/all?what=discard",
    "/dashboard/queues",
]
OTHER = "gw_other"


@pytest.fixture
def store(redis_url: str) -> Iterator[SyncStore]:
    store = SyncStore(redis_url)
    yield store
    store.close()


@pytest.fixture
def full(store: SyncStore) -> FullGateway:
    return full_gateway(store)


@pytest.fixture
def inside(address: str, full: FullGateway) -> DashboardVisitor:
    del full
    return signed_in(address, TOKEN)


def every_page(full: FullGateway) -> list[str]:
    return [*LISTS, *(f"/dashboard/events/{event}" for event in full.events.values())]


# --- what they say


def test_remote_says_whether_it_is_up(inside: DashboardVisitor) -> None:
    words = inside.get("/dashboard").words()
    told = ["connected", "laptop", "192.0.2.7", "1.2.3", "ci, mail", "Accepted 7", "Failed 2", "gw_full"]
    assert [each for each in told if each not in words] == []
    assert "Events per minute" in words
    assert "Events per 15 minutes" in inside.get("/dashboard?chart=day").words()


def test_the_chart_is_told_in_words_and_numbers_too(inside: DashboardVisitor) -> None:
    page = inside.get("/dashboard").text
    assert "7 accepted, 2 delivered, 2 failed in 60 times 1 minute" in page
    assert re.search(r'<td class="number">7</td><td class="number">2</td><td class="number">2</td>', page)


def test_events_are_listed_with_what_became_of_them(inside: DashboardVisitor) -> None:
    words = inside.get("/dashboard/events").words()
    for told in ("delivered", "failed", "rejected", "unmatched", "under way", "waiting", "wrong signature"):
        assert told in words
    assert "1 dead" in words


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("outcome=failed", {"failed", "hostile"}),
        ("outcome=unmatched", {"unmatched"}),
        ("type=pull_*", {"failed"}),
        ("type=push", {"delivered", "rejected"}),
        ("webhook=hook&outcome=waiting", {"waiting"}),
        ("since=2001-01-01T00:00&type=ping", {"unmatched"}),
        ("until=2001-01-01T00:00", set()),
    ],
)
def test_events_are_filtered(
    inside: DashboardVisitor, full: FullGateway, query: str, found: set[str]
) -> None:
    page = inside.get(f"/dashboard/events?{query}").text
    assert {name for name, event in full.events.items() if event in page} == found
    if not found:
        assert "No event is like that" in page


def test_a_wrong_filter_is_a_sentence_beside_what_was_typed(inside: DashboardVisitor) -> None:
    for path in ("/dashboard/events", "/dashboard/failed"):
        page = inside.get(f"{path}?webhook=nobody&type=a*b")
        assert page.status == 422
        assert 'value="nobody"' in page.text
        assert re.search(r'role="alert">.*?<p>[^<]{20,}</p>', page.text, re.DOTALL)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "delivered",
            ["Accepted", "Verified", "github-sha256", "sec_1", "Fanned out to 1 subscription", "ci"],
        ),
        ("failed", ["Out of attempts", "Retry", "Discard", "mail", "delivered", "Is kept sealed"]),
        (
            "rejected",
            ["Rejected: wrong signature", "No secret of the webhook", "fleet doctor signature hook"],
        ),
        (
            "unmatched",
            [
                "No subscription matched",
                "fleet subscriptions add NAME --webhook hook --events ping",
                "let the sender send it again",
            ],
        ),
        ("under_way", ["The next attempt is", "in 1 min"]),
        ("waiting", ["Waits for a worker", "not read yet"]),
    ],
)
def test_the_story_of_an_event_is_whole(
    inside: DashboardVisitor, full: FullGateway, name: str, told: list[str]
) -> None:
    page = inside.get(f"/dashboard/events/{full.events[name]}")
    assert page.status == 200
    words = page.words().replace("&#39;", "'")
    assert [each for each in told if each not in words] == []
    assert "never shown" in words


def test_an_event_is_found_by_its_id(inside: DashboardVisitor, full: FullGateway) -> None:
    found = inside.ask("GET", f"/dashboard/events?id=%20{full.events['failed']}%20")
    assert (found.status, found.headers["location"]) == (303, f"/dashboard/events/{full.events['failed']}")
    for unknown in ("evt_0", full.events["failed"][:-1] + "!", "evt_" + "0" * 23, "%2F%2Fexample.org"):
        page = inside.get(f"/dashboard/events?id={unknown}")
        assert page.status == 200
        assert "There is no event with this id" in page.words()


def test_every_reason_is_explained() -> None:
    assert all(sentence.endswith(".") and advice.endswith(".") for sentence, advice in map(why, Rejection))


def test_what_failed_says_why_and_how_many(inside: DashboardVisitor, full: FullGateway) -> None:
    page = inside.get("/dashboard/failed")
    assert "2 deliveries are out of attempts" in page.words()
    assert re.search(r"note . 2", page.words())
    assert all(f'value="{each}"' in page.text for each in full.dead)
    assert '<b class="count"' in page.text


def test_queues_are_for_operators(address: str, inside: DashboardVisitor, store: SyncStore) -> None:
    page = inside.get("/dashboard/queues")
    assert page.status == 200
    assert "fleet gateways operator gw_full" in page.words()
    store.run(gateways.set_operator("gw_full", is_operator=True))
    words = signed_in(address, TOKEN).get("/dashboard/queues").words()
    for told in (
        "Workers take jobs",
        "events",
        "deliveries",
        "git",
        "No worker is alive",
        "fleet up",
    ):
        assert told in words


def test_an_operator_suspends_and_resumes(inside: DashboardVisitor, store: SyncStore) -> None:
    store.run(gateways.set_operator("gw_full", is_operator=True))
    queue = "/dashboard/queues"
    page = inside.submit(queue, f"{queue}/suspend", for_s="900")
    assert "they go on in 15 min" in page.words()
    assert "Workers are suspended" in inside.get("/dashboard").words()
    page = inside.submit(queue, f"{queue}/resume")
    assert "Workers take jobs as they come" in page.words()


def test_nobody_else_suspends(inside: DashboardVisitor) -> None:
    page = inside.submit("/dashboard/queues", "/dashboard/queues/suspend")
    assert page.status == 403
    assert "Workers are suspended" not in inside.get("/dashboard").words()


def test_a_new_gateway_is_told_what_to_do(visitor: DashboardVisitor) -> None:
    remote = visitor.get("/dashboard").words()
    for command in (
        "fleet webhooks create",
        "fleet subscriptions add",
        "fleet connect app=http",
        "fleet webhooks test github",
    ):
        assert command in remote
    assert "No events yet" in visitor.get("/dashboard/events").words()
    assert "Nothing has failed" in visitor.get("/dashboard/failed").words()
    assert "Nothing to do" in visitor.get("/dashboard/failed/all?what=retry").words()


def test_deliveries_that_nobody_serves_are_above_every_page(
    inside: DashboardVisitor, full: FullGateway
) -> None:
    alone = full.world.subscribe("alone")
    [event] = full.world.accept()
    full.world.fan_out(event, alone)
    for page in every_page(full):
        words = inside.get(page).words()
        assert "1 delivery waits, and no tunnel serves alone" in words
        assert "fleet connect alone=http://127.0.0.1:3000/" in words


def test_an_unknown_page_is_a_sentence(inside: DashboardVisitor) -> None:
    page = inside.get("/dashboard/events/evt_0")
    assert page.status == 404
    assert "There is no event" in page.words()
    assert inside.get("/dashboard/events/evt_0", hx_request="true").text.count("<html") == 0
    assert inside.ask("DELETE", "/dashboard/events").status == 405


def test_what_was_said_is_said_once(inside: DashboardVisitor, full: FullGateway) -> None:
    page = inside.submit("/dashboard/failed", f"/dashboard/deliveries/{full.dead[0]}/retry")
    assert "on its way again" in page.words()
    assert "on its way again" not in inside.get("/dashboard/failed").words()


# --- what they do not


def test_nothing_of_another_gateway_is_shown(address: str, store: SyncStore, full: FullGateway) -> None:
    del full
    other = full_gateway(store, OTHER, "fleet_of-the-other")
    other.world.subscribe("theirs")
    theirs = [*other.events.values(), *other.dead, OTHER, "theirs", other.world.webhook.id]
    visitor = signed_in(address, TOKEN)
    for page in LISTS:
        found = visitor.get(page)
        assert found.status == 200
        assert [each for each in theirs if each in found.text] == []


def test_what_belongs_to_another_is_unknown(address: str, store: SyncStore, full: FullGateway) -> None:
    other = full_gateway(store, OTHER, "fleet_of-the-other")
    visitor = signed_in(address, TOKEN)
    theirs, nobodys = other.events["failed"], "evt_" + "0" * 23
    [one, two] = [visitor.get(f"/dashboard/events/{event}") for event in (theirs, nobodys)]
    assert one.status == two.status == 404
    assert one.text.replace(theirs, "") == two.text.replace(nobodys, "")
    before = other.world.counts()
    for what in ("retry", "discard"):
        page = visitor.submit("/dashboard/failed", f"/dashboard/deliveries/{other.dead[0]}/{what}")
        assert "There is no delivery" in page.words()
        chosen = visitor.submit("/dashboard/failed", "/dashboard/failed/chosen", chosen=other.dead, what=what)
        assert "0 of 2" in chosen.words()
    assert other.world.counts() == before
    assert full.world.counts()["delivery:dead"] == 2


def test_hostile_words_are_words(inside: DashboardVisitor, full: FullGateway, store: SyncStore) -> None:
    world = full.world
    alone = world.subscribe(HOSTILE)
    [event] = world.accept()
    world.fan_out(event, alone)
    shown = 0
    for path in [*every_page(full), f"/dashboard/events/{event}", f"/dashboard/events?type={HOSTILE[:20]}"]:
        page = inside.get(path.replace("<", "%3C").replace(">", "%3E"))
        assert "<script>alert" not in page.text, path
        assert "49" not in re.findall(r"alert\(.{0,40}", page.text)
        shown += "&lt;script&gt;alert" in page.text
    # In an alert above every page at least.
    assert shown == len(every_page(full)) + 2
    store.run(queues.resume())


def test_a_command_to_be_pasted_does_nothing_but_what_it_says(
    inside: DashboardVisitor, full: FullGateway
) -> None:
    [event] = full.world.accept()
    full.world.decide(Decision(event, "a; rm -rf ~ #$(x)\n", "", "", "", ()))
    page = inside.get(f"/dashboard/events/{event}").text
    [command] = re.findall(r'data-copy="(fleet subscriptions add [^"]*)"', page)
    assert shlex.split(unescape(command))[-2:] == ["--webhook", "hook"]


def test_a_thousand_webhooks_are_no_hindrance(inside: DashboardVisitor, full: FullGateway) -> None:
    for number in range(999):
        full.world.add_webhook(f"webhook-{number:04}")
    for page in LISTS:
        found = inside.get(page)
        assert found.status == 200
        assert found.text.count('<option value="webhook-') <= 200
    assert "webhook-0042" in inside.get("/dashboard/events").text
    # When only what is live is asked for, nobody is shown a list of names again.
    assert "webhook-0042" not in inside.get("/dashboard/events", hx_request="true").text


def test_while_redis_is_away_it_is_said(redis_url: str, tmp_path) -> None:
    _, token = new_gateway(redis_url, "home")
    with dashboard(redis_url) as address:
        cookies = signed_in(address, token).cookies
    with dashboard(f"unix://{tmp_path}/nobody.sock") as address:
        for path in ("/dashboard", "/dashboard/failed"):
            page = DashboardVisitor(address, cookies).get(path)
            assert page.status == 503
            assert "Nothing that was accepted is lost" in page.words()
        assert DashboardVisitor(address).sign_in(token).status == 503
        assert DashboardVisitor(address, cookies).get("/dashboard/live").status == 503
