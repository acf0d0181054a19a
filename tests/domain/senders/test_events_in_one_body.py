"""Bodies with several events, and types that are put together."""

import json

from domain.event import Headers, Request
from domain.senders import SENDERS, Description, describe


def described(key: str, document: object, headers: Headers = ()) -> Description:
    return describe(SENDERS[key], Request("POST", b"", b"", headers, json.dumps(document).encode()))


def test_a_body_with_several_events_tells_all_their_types() -> None:
    items = [{"event": "open", "sg_event_id": "a"}, {"event": "click", "sg_event_id": "b"}, {"event": "open"}]
    told = described("sendgrid", items[:2])
    assert told.event_types == ("open", "click")
    assert told.event_type == "open and 1 more"
    assert told.count == 2
    assert told.event_id != described("sendgrid", items[1::-1]).event_id
    assert described("sendgrid", items[:1]) == Description("open", "a", ("open",), 1)
    assert described("sendgrid", items).event_id is None  # an event without an id could be any


def test_meta_names_each_change_by_the_object_and_the_field() -> None:
    changes = [{"changes": [{"field": "feed"}, {"field": "name"}]}, {"changes": [{"field": "feed"}]}]
    told = described("meta", {"object": "page", "entry": changes})
    assert told == Description("page.feed and 1 more", None, ("page.feed", "page.name"), 3)


def test_a_list_of_a_hundred_thousand_events_is_counted_in_bounds() -> None:
    told = described("line", {"events": [{"type": f"t{at}"} for at in range(100_000)]})
    assert told.count == 10_000
    assert len(told.event_types) == 100
    assert len(told.event_type) <= 100


def test_an_empty_list_counts_as_one_event_without_a_type() -> None:
    assert described("line", {"events": []}) == Description("", None, (), 1)


def test_telegram_names_an_event_by_the_field_beside_its_id() -> None:
    assert described("telegram", {"update_id": 7, "message": {}}) == Description("message", "7", ("message",))
    assert described("telegram", {"update_id": 7, "message": {}, "poll": {}}).event_type == ""


def test_a_type_may_be_joined_of_two_fields() -> None:
    assert described("linear", {"type": "Issue", "action": "create"}).event_type == "Issue.create"
    sentry = described("sentry", {"action": "triggered"}, ((b"sentry-hook-resource", b"event_alert"),))
    assert sentry.event_type == "event_alert.triggered"
    assert described("sentry", {}, ((b"sentry-hook-resource", b"event_alert"),)).event_type == "event_alert"
