"""`fleet gateways`, on a real Redis."""

from pathlib import Path

import pytest

from domain.ids import is_id
from store import gateways
from store.connect import SyncStore
from store.tokens import hashed
from tests.command_line import Fleet, fleet_command


@pytest.fixture
def fleet(
    redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Fleet:
    environ = {"FLEET_REDIS_URL": redis_url, "FLEET_STATE_DIR": str(tmp_path)}
    return fleet_command(monkeypatch, capsys, environ)


def test_a_gateway_is_made_with_a_token_that_opens_it(fleet: Fleet, redis_url: str) -> None:
    done = fleet("gateways", "create", "laptop", "--json")
    assert done.code == 0
    assert is_id("gw", done.json["id"])
    store = SyncStore(redis_url)
    opened = store.run(gateways.by_token(hashed(done.json["token"])))
    store.close()
    assert opened is not None
    assert (opened.id, opened.name) == (done.json["id"], "laptop")


def test_its_token_is_shown_once(fleet: Fleet) -> None:
    done = fleet("gateways", "create", "laptop")
    (token,) = [word for word in done.out.split() if word.startswith("fleet_")]
    assert "shown this once" in done.out
    assert len(token) == len("fleet_") + 43
    for arguments in (["list"], ["list", "--json"], ["revoke", "laptop", "--json"]):
        assert token not in fleet("gateways", *arguments).out


def test_the_list_says_whose_token_is_valid(fleet: Fleet) -> None:
    assert "no gateway yet" in fleet("gateways", "list").out
    for name in ("laptop", "server"):
        fleet("gateways", "create", name)
    revoked = fleet("gateways", "revoke", "laptop")
    assert revoked.code == 0
    assert "laptop is revoked" in revoked.out
    listed = fleet("gateways", "list", "--json").json["gateways"]
    assert [(each["name"], each["revoked"]) for each in listed] == [("laptop", True), ("server", False)]
    lines = fleet("gateways", "list").out.splitlines()
    assert [line.split()[-2] for line in lines] == ["TOKEN", "revoked", "valid"]


def test_a_taken_name_is_refused(fleet: Fleet) -> None:
    fleet("gateways", "create", "laptop")
    done = fleet("gateways", "create", "laptop")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("A gateway named 'laptop' exists already")
    assert "renew it with 'fleet gateways renew laptop'" in done.err


@pytest.mark.parametrize("name", ["Laptop", "", "a/b", "gw_00000000000000000000000"])
def test_a_name_that_breaks_the_rule_is_refused(fleet: Fleet, name: str) -> None:
    done = fleet("gateways", "create", name)
    assert (done.code, done.out) == (1, "")
    assert done.err.count("\n") == 1


def test_what_is_unknown_cannot_be_revoked(fleet: Fleet) -> None:
    done = fleet("gateways", "revoke", "laptop")
    assert (done.code, done.out) == (1, "")
    assert done.err == "There is no gateway 'laptop' on this server; see 'fleet gateways list'.\n"


def test_a_redis_that_is_away_is_a_sentence_without_its_url(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLEET_REDIS_URL", "redis://:hush@127.0.0.1:1/0")
    for command in (("gateways", "list"), ("audit",)):
        done = fleet(*command)
        assert done.code == 1
        assert done.err == "The Redis of FLEET_REDIS_URL does not answer; check that setting.\n"


def test_without_a_redis_url_the_embedded_one_is_meant(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FLEET_REDIS_URL")
    done = fleet("gateways", "list")
    assert done.code == 1
    assert done.err.startswith("The embedded Redis in ")
    assert "start it with 'fleet up'" in done.err


def test_a_wrong_setting_is_a_sentence(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEET_INGRESS_PORT", "many")
    done = fleet("gateways", "list")
    assert done.code == 1
    assert done.err.startswith("FLEET_INGRESS_PORT is many")


def test_limits_are_shown_set_and_taken_back(fleet: Fleet) -> None:
    fleet("gateways", "create", "laptop")
    shown = fleet("gateways", "limits", "laptop", "--json").json
    assert shown["limits"] == {
        "webhooks": 1000,
        "subscriptions": 200,
        "repos": 1000,
        "stored_events": 100_000,
        "stored_mib": 256,
        "deliveries": 200_000,
        "queue_share": 0.5,
    }
    assert shown["use"] == dict.fromkeys(shown["limits"], 0)
    changed = fleet("gateways", "limits", "laptop", "--webhooks", "3", "--queue-share", "0.25", "--json").json
    assert changed["limits"] == {**shown["limits"], "webhooks": 3, "queue_share": 0.25}
    lines = fleet("gateways", "limits", "laptop").out.splitlines()
    assert [line.split()[-2:] for line in lines[1:3]] == [["its", "own"], ["the", "server"]]
    again = fleet(
        "gateways", "limits", "laptop", "--defaults", "--stored-mib", "1", "--deliveries", "9", "--json"
    ).json
    assert again["limits"] == {**shown["limits"], "stored_mib": 1, "deliveries": 9}


@pytest.mark.parametrize(
    "wish", [["--webhooks", "-1"], ["--queue-share", "1.5"], ["--stored-mib", "x"], ["--queue-share", "nan"]]
)
def test_a_limit_that_is_none_is_refused(fleet: Fleet, wish: list[str]) -> None:
    fleet("gateways", "create", "laptop")
    assert fleet("gateways", "limits", "laptop", *wish).code == 2


def test_what_is_unknown_has_no_limits(fleet: Fleet) -> None:
    done = fleet("gateways", "limits", "laptop")
    assert (done.code, done.out) == (1, "")
    assert "There is no gateway 'laptop'" in done.err


def test_a_token_may_have_an_end_and_the_old_one_a_time_of_grace(fleet: Fleet) -> None:
    made = fleet("gateways", "create", "laptop", "--expires", "90d", "--json").json
    assert made["expires_at"].endswith("Z")
    assert "expires in 90 d" in fleet("gateways", "list").out
    renewed = fleet("gateways", "renew", "laptop", "--grace", "24h", "--json").json
    assert renewed["expires_at"] is None
    assert renewed["old_token_until"].endswith("Z")
    assert "valid, old token open for 24 h" in fleet("gateways", "list").out
    assert fleet("gateways", "renew", "laptop", "--json").json["old_token_until"] is None
    lines = fleet("gateways", "list").out.splitlines()
    assert lines[1].split()[-2] == "valid"


@pytest.mark.parametrize("time", ["0d", "90", "d", "-1d", "1y", "4000d", "1.5h", ""])
def test_what_is_no_duration_is_refused(fleet: Fleet, time: str) -> None:
    assert fleet("gateways", "create", "laptop", "--expires", time).code == 2
    assert "no gateway yet" in fleet("gateways", "list").out
