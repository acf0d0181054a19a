"""The subscription of one who listens: his alone, gone with him, or kept as he wishes."""

import pytest

from cli.client import AwayError, ControlApi
from cli.listen.opening import LINGER_S, Other, others_of
from cli.listen.session import backlog_of
from cli.listen.subscribing import Subscribed, Wanted
from domain.errors import InvalidInputError


@pytest.fixture
def api(address: str, home: tuple[str, str]) -> ControlApi:
    made = ControlApi(f"http://{address}", home[1])
    for name in ("shop", "blog"):
        made.ask("POST", "webhooks", body={"name": name})
    return made


def wanted(*webhooks: str, events: tuple[str, ...] = (), is_kept: bool = False) -> Wanted:
    return Wanted("here", webhooks, events, 30, is_kept)


def names(api: ControlApi) -> list[str]:
    return [each["name"] for each in api.ask("GET", "subscriptions")["subscriptions"]]


def test_each_has_its_own_and_leaves_nothing(api: ControlApi) -> None:
    one, two = Subscribed(api, wanted("shop")), Subscribed(api, wanted("shop", events=("push",)))
    assert one.name != two.name
    assert (one.subscription["linger_s"], two.subscription["events"]) == (LINGER_S, ["push"])
    assert names(api) == [one.name, two.name]
    assert one.leave()
    assert names(api) == [two.name]
    assert one.leave(), "it is gone, as was asked"


def test_a_new_one_takes_the_place_of_one_that_ended(api: ControlApi) -> None:
    subscribed = Subscribed(api, wanted("shop"))
    before = subscribed.name
    assert subscribed.leave()
    subscribed.renew()
    assert names(api) == [subscribed.name]
    assert subscribed.name != before


def test_a_kept_one_stays_and_is_found_again(api: ControlApi) -> None:
    first = Subscribed(api, wanted("shop", "blog", is_kept=True))
    assert first.subscription["linger_s"] == 0
    assert not first.leave()
    assert Subscribed(api, wanted("shop", "blog", is_kept=True)).subscription == first.subscription


def test_a_kept_one_for_something_else_is_refused(api: ControlApi) -> None:
    Subscribed(api, wanted("shop", is_kept=True))
    with pytest.raises(InvalidInputError, match="'fleet subscriptions remove listen-here-shop'"):
        Subscribed(api, wanted("shop", events=("push",), is_kept=True))
    with pytest.raises(InvalidInputError, match="is for other webhooks"):
        Subscribed(api, wanted("shop", "blog", is_kept=True))


def test_of_a_relay_that_is_away_it_is_said_that_it_ends_by_itself(
    api: ControlApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribed = Subscribed(api, wanted("shop"))

    def away(*_: object, **__: object) -> None:
        raise AwayError("Nothing answers.")

    monkeypatch.setattr(ControlApi, "ask", away)
    assert not subscribed.leave()


def test_who_else_hears_the_same_webhooks_is_known(api: ControlApi) -> None:
    ours = Subscribed(api, wanted("shop"))
    theirs = Subscribed(api, wanted("shop", "blog"))
    Subscribed(api, wanted("blog"))
    every = api.ask("GET", "subscriptions")["subscriptions"]
    assert others_of(every, ours.name, ["shop"], []) == [Other(theirs.name, is_connected=False)]
    tunnels = [{"subscriptions": [theirs.name]}]
    assert others_of(every, ours.name, ["shop"], tunnels) == [Other(theirs.name, is_connected=True)]


@pytest.mark.parametrize(
    ("oldest", "count"),
    [("2026-01-31T11:00:00.000Z", 7), ("2026-01-31T11:59:55.000Z", 0), (None, 0)],
)
def test_what_has_waited_long_is_counted(oldest: str | None, count: int) -> None:
    now_ms = 1_769_860_800_000  # 2026-01-31T12:00:00Z
    rows = [
        {"name": "other", "waiting": 99, "in_tunnel": 9, "oldest_at": "2026-01-31T11:00:00.000Z"},
        {"name": "ours", "waiting": 4, "in_tunnel": 3, "oldest_at": oldest},
    ]
    assert backlog_of({"subscriptions": rows}, "ours", now_ms) == count
    assert backlog_of({"subscriptions": rows}, "none", now_ms) == 0
