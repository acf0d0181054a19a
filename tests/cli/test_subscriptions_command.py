"""`fleet subscriptions`: the real command line, the real control API, a real Redis."""

from pathlib import Path

import pytest

from tests.command_line import Fleet, fleet_command
from tests.owner_door import new_gateway


@pytest.fixture
def fleet(
    address: str,
    redis_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Fleet:
    environ = {
        "FLEET_API_URL": f"http://{address}",
        "FLEET_TOKEN": new_gateway(redis_url, "home")[1],
        "FLEET_STATE_DIR": str(tmp_path),
    }
    fleet = fleet_command(monkeypatch, capsys, environ)
    for name in ("github", "stripe"):
        assert fleet("webhooks", "create", name, "--sender", name).code == 0
    return fleet


def test_a_subscription_is_added_with_all_that_was_said(fleet: Fleet) -> None:
    done = fleet(
        *("subscriptions", "add", "ci", "--webhook", "github", "--webhook", "stripe"),
        *("--events", "push", "--events", "pull_request*", "--timeout", "60", "--json"),
    )
    assert (done.code, done.err) == (0, "")
    made = done.json
    assert made["webhooks"] == ["github", "stripe"]
    assert (made["events"], made["timeout_s"]) == (["push", "pull_request*"], 60)
    assert fleet("subscriptions", "list", "--json").json == {"subscriptions": [made]}


def test_it_says_how_to_go_on(fleet: Fleet) -> None:
    done = fleet("subscriptions", "add", "ci", "--webhook", "github")
    assert "gets every event of github" in done.out
    assert "fleet connect ci=http" in done.out


def test_of_git_it_says_that_raw_pushes_have_to_be_asked_for(fleet: Fleet) -> None:
    fleet("webhooks", "create", "git", "--sender", "git")
    said = fleet("subscriptions", "add", "ci", "--webhook", "git").out
    assert "every event of git; of Git repos the commits, not the pushes as they came." in said
    said = fleet("subscriptions", "add", "raw", "--webhook", "git", "--events", "git.*").out
    assert "gets events git.* of git." in said


def test_the_list_is_a_table(fleet: Fleet) -> None:
    assert "no subscription yet" in fleet("subscriptions", "list").out
    fleet("subscriptions", "add", "ci", "--webhook", "github", "--events", "push")
    heading, row = fleet("subscriptions", "list").out.splitlines()
    assert heading.split() == ["NAME", "WEBHOOKS", "EVENTS", "TIMEOUT", "ID"]
    assert row.split()[:5] == ["ci", "github", "push", "30", "s"]


def test_the_list_says_who_does_not_get_raw_pushes(fleet: Fleet) -> None:
    fleet("webhooks", "create", "git", "--sender", "git")
    for name, of in (("ci", ["git"]), ("both", ["github", "git"]), ("other", ["github"])):
        fleet("subscriptions", "add", name, *(part for each in of for part in ("--webhook", each)))
    fleet("subscriptions", "add", "raw", "--webhook", "git", "--events", "git.*")
    rows = {line.split()[0]: line for line in fleet("subscriptions", "list").out.splitlines()}
    assert [name for name, row in rows.items() if " all but git.push " in row] == ["ci", "both"]
    assert " all " in rows["other"]
    assert " git.* " in rows["raw"]


def test_a_removed_subscription_is_gone(fleet: Fleet) -> None:
    fleet("subscriptions", "add", "ci", "--webhook", "github")
    done = fleet("subscriptions", "remove", "ci")
    assert (done.code, done.out) == (0, "Subscription ci is removed.\n")
    done = fleet("subscriptions", "remove", "ci")
    assert (done.code, done.err) == (1, "There is no subscription 'ci' in this gateway.\n")


def test_the_list_marks_who_hears_nothing_any_more(fleet: Fleet) -> None:
    fleet("subscriptions", "add", "deaf", "--webhook", "github")
    fleet("webhooks", "delete", "github", "--yes")
    _, row, remedy = fleet("subscriptions", "list").out.splitlines()
    assert " (deleted) " in row
    assert " whk_" not in row
    assert remedy == "deaf hears nothing: 'fleet subscriptions remove deaf'."


def test_an_unknown_webhook_is_refused(fleet: Fleet) -> None:
    done = fleet("subscriptions", "add", "ci", "--webhook", "none")
    assert (done.code, done.out, done.err) == (1, "", "There is no webhook 'none' in this gateway.\n")


def test_without_a_webhook_it_is_wrong_usage(fleet: Fleet) -> None:
    assert fleet("subscriptions", "add", "ci").code == 2


WHERE = 'body.action == "opened"'


def test_senders_and_an_expression_narrow_it(fleet: Fleet) -> None:
    done = fleet(
        *("subscriptions", "add", "review", "--webhook", "github", "--events", "pull_request"),
        *("--sender", "github", "--sender", "gitlab", "--where", WHERE),
    )
    assert (done.code, done.err) == (0, "")
    narrowed = f", sent by github or gitlab, where {WHERE}"
    assert f"Subscription review gets events pull_request of github{narrowed}." in done.out
    [made] = fleet("subscriptions", "list", "--json").json["subscriptions"]
    assert (made["senders"], made["expression"]) == (["github", "gitlab"], WHERE)
    fleet("subscriptions", "add", "all", "--webhook", "github")
    lines = fleet("subscriptions", "list").out.splitlines()
    assert lines[3:] == [f"review: only sent by github or gitlab, where {WHERE}"]


def test_a_wrong_expression_is_refused_with_its_place(fleet: Fleet) -> None:
    done = fleet("subscriptions", "add", "ci", "--webhook", "github", "--where", "bdy.action == 1")
    assert (done.code, done.out) == (1, "")
    assert done.err == ("This is no expression: line 1, column 4: undeclared reference to 'bdy.action'.\n")
