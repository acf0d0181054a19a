"""Retrying and discarding: one, the chosen, or all of a filter, step by step."""

import re
from collections.abc import Iterator

import pytest

from store.connect import SyncStore
from tests.dashboard_visitor import DashboardVisitor, Seen, signed_in
from tests.relay.dashboard.full_gateway import TOKEN, FullGateway, full_gateway, many_dead

ALL = "/dashboard/failed/all"
FAILED = "/dashboard/failed"


@pytest.fixture
def full(redis_url: str) -> Iterator[FullGateway]:
    store = SyncStore(redis_url)
    yield full_gateway(store)
    store.close()


@pytest.fixture
def inside(address: str, full: FullGateway) -> DashboardVisitor:
    del full
    return signed_in(address, TOKEN)


def fields(page: Seen) -> dict[str, str]:
    """The hidden fields of the form that a page has."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text))


def dead(full: FullGateway) -> int:
    return full.world.counts().get("delivery:dead", 0)


def test_one_is_retried(inside: DashboardVisitor, full: FullGateway) -> None:
    page = inside.submit(FAILED, f"/dashboard/deliveries/{full.dead[0]}/retry")
    assert "on its way again" in page.words()
    assert dead(full) == 1
    late = inside.submit(FAILED, f"/dashboard/deliveries/{full.dead[0]}/retry")
    assert 'role="alert"' in late.text
    assert dead(full) == 1


def test_one_is_discarded_from_the_story_of_its_event(inside: DashboardVisitor, full: FullGateway) -> None:
    story = f"/dashboard/events/{full.events['failed']}"
    page = inside.submit(story, f"/dashboard/deliveries/{full.dead[0]}/discard", back=story)
    assert "given up" in page.words()
    assert full.events["failed"] in page.text
    assert full.world.counts()["delivery:discarded"] == 1


@pytest.mark.parametrize("back", ["https://evil.example", "//evil.example", "/dashboard/events\\@x", "x", ""])
def test_one_leads_back_to_pages_of_ours_only(inside: DashboardVisitor, full: FullGateway, back: str) -> None:
    csrf = inside.get(FAILED).csrf
    done = inside.post(f"/dashboard/deliveries/{full.dead[0]}/retry", {"csrf": csrf, "back": back})
    assert done.headers["location"] == FAILED


def test_the_chosen_are_retried_and_the_filter_stays(inside: DashboardVisitor, full: FullGateway) -> None:
    page = inside.submit(FAILED, f"{FAILED}/chosen", chosen=full.dead[:1], what="retry", type="pull*")
    assert "1 of 1 retried" in page.words()
    assert 'value="pull*"' in page.text
    assert dead(full) == 1
    page = inside.submit(FAILED, f"{FAILED}/chosen", chosen=full.dead, what="discard")
    assert "1 of 2 discarded" in page.words()
    assert "somebody was faster" in page.words()
    assert dead(full) == 0


def test_nothing_chosen_is_said(inside: DashboardVisitor) -> None:
    assert "Nothing was chosen" in inside.submit(FAILED, f"{FAILED}/chosen", what="retry").words()


def test_a_preview_says_how_many_and_does_nothing(inside: DashboardVisitor, full: FullGateway) -> None:
    words = inside.get(f"{ALL}?what=discard&type=pull*").words()
    assert "1 delivery" in words
    assert "Discard 1" in words
    assert "cannot be undone" in words
    assert "Retry 2" in inside.get(f"{ALL}?what=retry").words()
    assert dead(full) == 2


@pytest.mark.parametrize(("what", "bucket"), [("retry", "in_flight"), ("discard", "discarded")])
def test_all_of_a_filter_are_done_step_by_step(
    inside: DashboardVisitor, full: FullGateway, monkeypatch: pytest.MonkeyPatch, what: str, bucket: str
) -> None:
    monkeypatch.setattr("relay.server.dashboard.bulk._STEP", 3)
    many_dead(full.world, 7)
    before = full.world.counts().get(f"delivery:{bucket}", 0)
    page = inside.get(f"{ALL}?what={what}&subscription=crowd")
    passed: list[tuple[int, ...]] = []
    for _ in range(10):
        page = inside.post(ALL, fields(page), hx_request="true")
        assert page.status == 200
        passed.append(tuple(int(number) for number in re.findall(r"<p>(\d+) of (\d+)</p>", page.text)[0]))
        if "Done." in page.text:
            break
        # It goes on by itself, and by a button where nothing goes by itself.
        assert 'hx-trigger="load, submit"' in page.text
    assert [total for _, total in passed] == [7] * len(passed)
    assert passed[0] == (3, 7)
    assert passed[-1] == (7, 7)
    assert full.world.counts()[f"delivery:{bucket}"] == before + 7
    # What did not fit the filter is as it was.
    assert dead(full) == 2
    assert full.world.differences() == []


def test_what_died_again_meanwhile_is_not_retried_twice(
    inside: DashboardVisitor, full: FullGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.server.dashboard.bulk._STEP", 1)
    page = inside.post(ALL, fields(inside.get(f"{ALL}?what=retry")), hx_request="true")
    began = fields(page)
    full.world.now += 10_000
    died = many_dead(full.world, 2)
    while "Done." not in page.text:
        page = inside.post(ALL, fields(page), hx_request="true")
        assert fields(page).get("began", began["began"]) == began["began"]
    assert dead(full) == len(died)


def test_a_step_that_is_refused_can_be_made_again(
    inside: DashboardVisitor, full: FullGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.server.dashboard.bulk._STEP", 1)
    page = inside.post(ALL, fields(inside.get(f"{ALL}?what=retry")), hx_request="true")
    good = fields(page)
    refused = inside.post(ALL, {**good, "cursor": "nonsense"}, hx_request="true")
    assert 'role="alert"' in refused.text
    assert 'hx-trigger="submit"' in refused.text
    assert fields(refused)["done"] == good["done"] == "1"
    while "Done." not in page.text:
        page = inside.post(ALL, fields(page), hx_request="true")
    assert dead(full) == 0


def test_without_scripts_each_step_is_a_page(inside: DashboardVisitor, full: FullGateway) -> None:
    page = inside.post(ALL, fields(inside.get(f"{ALL}?what=retry")))
    assert "<!doctype html>" in page.text
    assert "2 on their way again" in page.words()
    assert dead(full) == 0
