"""`fleet repos`: the real command line, the real control API, a real Redis. What workers find is recorded."""

import re
from dataclasses import dataclass
from typing import Any

import pytest

from cli import paging
from cli import repo_words as words
from tests.command_line import Fleet
from tests.git_polls import AWAY, FIRST, SECOND, found, pushed
from tests.terminal import on_a_terminal

MANIFEST = """\
kind: GitRepo
apiVersion: fleet.cattle.io/v1alpha1
metadata: {{name: {name}, namespace: {namespace}}}
spec: {{repo: 'https://bot:canary@git.example/o/r'{more}}}
"""
EMPTY = (
    "No repos yet; describe one as a GitRepo of Rancher Fleet, then 'fleet apply -f FILE' has it watched.\n"
)


@dataclass(frozen=True)
class Repos:
    """Repos of a gateway, applied, and found to stand somewhere."""

    fleet: Fleet
    redis_url: str
    gateway: str

    def add(self, name: str, more: str = "") -> str:
        """Has a repo watched; its id."""
        namespace, _, own = name.partition("/")
        manifest = MANIFEST.format(name=own, namespace=namespace, more=more)
        done = self.fleet("apply", "-f", "-", "--json", stdin=manifest.encode())
        assert done.code == 0, done.err
        return self.shown(name)["id"]

    def shown(self, name: str) -> Any:
        return self.fleet("repos", "show", name, "--json").json

    def found(self, repo: str, head: Any, branch: str = "") -> None:
        found(self.redis_url, repo, head, branch)

    def pushed(self, repo: str, commit: str) -> None:
        pushed(self.redis_url, self.gateway, repo, commit)


@pytest.fixture
def repos(fleet: Fleet, redis_url: str, home: tuple[str, str]) -> Repos:
    return Repos(fleet, redis_url, home[0])


def rows(out: str) -> list[list[str]]:
    """The cells of a table, without its head."""
    return [re.split(r" {2,}", line.strip()) for line in out.split("\n\n", maxsplit=1)[0].splitlines()[1:]]


def facts(out: str) -> dict[str, str]:
    pairs = [re.split(r" {2,}", line.strip(), maxsplit=1) for line in out.splitlines()]
    return {name: value for name, value in pairs}  # noqa: C416 - each line has exactly these


# --- list


def test_the_list_shows_what_each_follows_and_stands_at(repos: Repos, fleet: Fleet) -> None:
    polled = repos.add("infra/app")
    repos.add("infra/db", ", revision: v1.2.3")
    repos.add("infra/pin", f", revision: '{FIRST}', branch: main")
    pushed = repos.add("infra/web", ", branch: next, pollingInterval: 20m")
    repos.found(polled, FIRST, "trunk")
    repos.pushed(pushed, SECOND)
    repos.found(pushed, SECOND)
    done = fleet("repos", "list")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[0].split() == [
        *("NAME", "FOLLOWS", "COMMIT", "WHEN", "FROM", "NEXT", "POLL", "STATE")
    ]
    app, db, pin, web = rows(done.out)
    assert app[:5] == ["infra/app", "trunk", FIRST[:7], "just now", "polling"]
    assert re.fullmatch(r"in 1\d s", app[5])
    assert app[6] == "fine"
    assert db == ["infra/db", "v1.2.3", "-", "-", "-", "now", "new"]
    assert pin[1] == FIRST[:7]
    assert (web[1:5], web[5]) == (["next", SECOND[:7], "just now", "webhook"], "in 21 m")
    assert "canary" not in done.out


def test_what_is_wrong_stands_out_and_is_explained(repos: Repos, fleet: Fleet) -> None:
    away = repos.add("infra/away")
    repos.add("infra/quiet", ", disablePolling: true")
    repos.found(away, AWAY)
    out = fleet("repos", "list").out
    assert [row[-1] for row in rows(out)] == ["FAILS", "new"]
    assert out.endswith(f"\n\ninfra/away: {AWAY.sentence}\n")
    shown = facts(fleet("repos", "show", "infra/away").out)
    assert shown["Polling"] == f"FAILS: {AWAY.sentence}"
    assert shown["Next poll"].endswith(" s; less and less often while it fails, else every 15s")


def test_a_repo_that_is_not_polled_by_itself_says_off(repos: Repos, fleet: Fleet) -> None:
    repos.found(repos.add("infra/quiet", ", disablePolling: true"), FIRST)
    assert rows(fleet("repos", "list").out)[0][5:] == ["off", "fine"]


def test_a_commit_that_waits_stands_out(repos: Repos, fleet: Fleet) -> None:
    waits = repos.add("infra/app")
    fleet("webhooks", "delete", "git", "--yes")
    repos.found(waits, FIRST)
    out = fleet("repos", "list").out
    assert rows(out)[0][-1] == "WAITS"
    assert "infra/app: The gateway has no webhook for Git" in out
    shown = facts(fleet("repos", "show", "app").out)
    assert shown["Webhook URL"] == "none; 'fleet webhooks create git --sender git' makes one"
    assert "'fleet webhooks create git --sender git'" in shown["Warning"]


@pytest.mark.parametrize(
    ("conditions", "state"),
    [
        ([("GitPolling", "True"), ("WebhookCommitNotVisible", "True")], "NOT SEEN"),
        ([("GitPolling", "False"), ("WebhookCommitNotVisible", "True")], "FAILS"),
        ([("GitPolling", "True"), ("CommitNotAnnounced", "True")], "WAITS"),
    ],
)
def test_the_state_is_what_matters_most(conditions: list[tuple[str, str]], state: str) -> None:
    told = [{"type": kind, "status": status, "message": kind} for kind, status in conditions]
    repo = {"name": "a/b", "spec": {"repo": "x"}, "status": {"conditions": told}}
    assert words.state(repo) == state
    assert words.alarms([repo]) == [
        f"a/b: {kind}" for kind, status in conditions if (kind, status) != ("GitPolling", "True")
    ]


def test_one_that_cannot_be_read_is_told(repos: Repos) -> None:
    repos.add("infra/app")
    shown = {**repos.shown("app"), "spec": None, "secrets": None, "pushes": "unreadable"}
    assert words.state(shown) == "UNREADABLE"
    assert "Put it back, or apply it again." in words.alarms([shown])[0]
    assert words.row(shown, 0)[1] == "-"
    told = words.facts(shown, 0)
    assert told["Repository"] == told["Follows"] == "(unreadable: its sealing key is gone)"


def test_without_a_repo_it_says_how_to_get_one(fleet: Fleet) -> None:
    assert fleet("repos", "list").out == EMPTY
    assert fleet("repos", "list", "-n", "infra").out == "No repos in the namespace infra.\n"
    assert fleet("repos", "list", "--json").json == {"repos": [], "receiver": None}
    assert fleet("repos", "sync", "--all").out == EMPTY


def test_a_long_list_is_asked_for_page_by_page(
    repos: Repos, fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "_LIMIT", "2")
    names = [f"{namespace}/r{number}" for namespace in ("a", "b") for number in range(3)]
    for name in names:
        repos.add(name)
    listed = fleet("repos", "list", "--json").json
    assert [each["name"] for each in listed["repos"]] == names
    assert listed["receiver"]["name"] == "git"
    assert [row[0] for row in rows(fleet("repos", "list", "-n", "b").out)] == names[3:]


def test_the_list_fits_a_terminal(repos: Repos, fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.answers.UNLIMITED", 80)
    repos.found(repos.add("infra/payments"), FIRST, "main")
    repos.found(repos.add("infra/web", ", branch: next"), AWAY)
    table = fleet("repos", "list").out.split("\n\n")[0].splitlines()
    assert len(table) == 3
    assert max(map(len, table)) <= 80


# --- show


def test_one_is_shown_with_all_there_is_to_know(repos: Repos, fleet: Fleet) -> None:
    repo = repos.add("infra/app", ", branch: main, webhookSecret: hook")
    repos.found(repo, FIRST)
    repos.pushed(repo, SECOND)
    repos.found(repo, SECOND)
    shown, told = repos.shown("infra/app"), facts(fleet("repos", "show", "infra/app").out)
    assert (told["Name"], told["Id"]) == ("infra/app", repo)
    assert (told["Repository"], told["Follows"]) == ("https://git.example/o/r", "branch main")
    assert told["Commit"] == SECOND
    assert re.fullmatch(r"2\d{3}-[\d -]+:\d\d:\d\d UTC, seen by webhook", told["Announced"])
    assert told["Last poll"].endswith(f" UTC, saw {SECOND}")
    assert told["Last push"].endswith(f" UTC, named {SECOND}")
    assert re.fullmatch(r"in .* m; every 1h", told["Next poll"])
    assert told["Polling"] == "fine"
    assert told["Pushes"] == "refused: there is no Secret infra/hook"
    assert told["Webhook Secret"] == "none (infra/hook does not exist)"
    assert told["Client Secret"] == "none (infra/gitcredential does not exist)"
    assert told["Webhook URL"] == shown["receiver"]["url"]


def test_a_new_one_is_shown_before_anything_is_known(repos: Repos, fleet: Fleet) -> None:
    repos.add("infra/app")
    told = facts(fleet("repos", "show", "app").out)
    assert (told["Follows"], told["Commit"]) == ("the default branch", "none yet")
    assert (told["Announced"], told["Last poll"], told["Last push"]) == ("never", "never", "never")
    assert (told["Polling"], told["Next poll"]) == ("not polled yet", "now; every 15s")


@pytest.mark.parametrize(
    ("more", "branch", "told"),
    [
        ("", "trunk", "the default branch, trunk"),
        (", revision: v1", "", "revision v1"),
        (", revision: v1, branch: x", "", "revision v1"),
    ],
)
def test_what_it_follows_is_said(repos: Repos, fleet: Fleet, more: str, branch: str, told: str) -> None:
    repos.found(repos.add("infra/app", more), FIRST, branch)
    assert facts(fleet("repos", "show", "app").out)["Follows"] == told


def test_a_name_alone_is_enough_when_it_is_the_only_one(repos: Repos, fleet: Fleet) -> None:
    repos.add("a/app")
    repos.add("b/web")
    assert repos.shown("app")["name"] == "a/app"
    repos.add("b/app")
    done = fleet("repos", "show", "app")
    assert (done.code, done.err) == (1, "Several repos are called 'app': a/app, b/app. Say which.\n")


@pytest.mark.parametrize("command", ["show", "delete --yes", "sync"])
@pytest.mark.parametrize("name", ["none", "infra/none", "/", "a/", "/b", "a/b/c", "..", "a b?c#d%2f", "ü/x"])
def test_what_is_unknown_is_refused_in_one_sentence(fleet: Fleet, command: str, name: str) -> None:
    done = fleet("repos", *command.split(), name)
    assert (done.code, done.out) == (1, "")
    assert re.fullmatch(r"There is no repo '.*' in this gateway\.\n", done.err)


# --- delete


def test_a_deleted_repo_is_gone(repos: Repos, fleet: Fleet) -> None:
    repos.add("infra/app")
    assert fleet("repos", "delete", "app", stdin=b"y\n").code == 2
    done = fleet("repos", "delete", "app", "--yes")
    assert (done.code, done.out) == (0, "Repo infra/app is deleted; it is not watched any more.\n")
    assert fleet("repos", "list").out == EMPTY
    repo = repos.add("infra/app")
    gone = fleet("repos", "delete", "infra/app", "--yes", "--json").json
    assert gone == {"deleted": repo, "name": "infra/app"}


def test_on_a_terminal_deleting_asks_first(repos: Repos, address: str, home: tuple[str, str]) -> None:
    repos.add("infra/app")
    environ = {"FLEET_API_URL": f"http://{address}", "FLEET_TOKEN": home[1]}
    done, screen = on_a_terminal(environ, "repos delete infra/app", b"n\n")
    assert b"Delete repo infra/app?" in done.stderr, screen
    assert done.returncode == 1
    assert repos.shown("infra/app")["name"] == "infra/app"


# --- sync


def test_repos_are_polled_when_they_are_asked_for(repos: Repos, fleet: Fleet) -> None:
    ids = [repos.add(f"infra/{name}", ", pollingInterval: 24h") for name in ("app", "web")]
    for each in ids:
        repos.found(each, FIRST)
    assert [row[5] for row in rows(fleet("repos", "list").out)] == ["in 25 h"] * 2
    one = fleet("repos", "sync", "app")
    assert one.out == "infra/app is polled now; 'fleet repos list' shows what is found.\n"
    assert [row[5] for row in rows(fleet("repos", "list").out)] == ["now", "in 25 h"]
    repos.found(ids[0], FIRST)
    both = fleet("repos", "sync", "app", "infra/web")
    assert both.out == "2 repos are polled now; 'fleet repos list' shows what is found.\n"
    for each in ids:
        repos.found(each, FIRST)
    assert fleet("repos", "sync", "--all", "--json").json == {"synced": ["infra/app", "infra/web"]}
    assert [row[5] for row in rows(fleet("repos", "list").out)] == ["now"] * 2


def test_one_that_cannot_be_polled_does_not_stop_the_others(repos: Repos, fleet: Fleet) -> None:
    repos.add("infra/app")
    done = fleet("repos", "sync", "none", "infra/none", "app")
    assert done.code == 1
    assert done.err == (
        "There is no repo 'none' in this gateway.\nThere is no repo 'infra/none' in this gateway.\n"
    )
    assert done.out.startswith("infra/app is polled now")


@pytest.mark.parametrize("arguments", [(), ("app", "--all")])
def test_to_poll_nothing_or_both_is_wrong_usage(fleet: Fleet, arguments: tuple[str, ...]) -> None:
    assert fleet("repos", "sync", *arguments).code == 2


@pytest.mark.parametrize("command", ["list", "show", "delete", "sync"])
def test_help_has_sentences_and_examples(fleet: Fleet, command: str) -> None:
    done = fleet("repos", command, "--help")
    assert done.code == 0
    assert f"Usage: fleet repos {command}" in done.out
    assert "Examples" in done.out
    assert "--json" in done.out
