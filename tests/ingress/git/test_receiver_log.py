"""What a Git receiver says in the log: all that its answers do not, and not more than a minute can hold."""

from itertools import combinations

import pytest
from structlog.testing import capture_logs

from config.logging import drop_secrets
from tests.git_receiver import Place
from tests.git_shots import NEW, Shot, push, shot

RIGHT, WRONG = "s3cRe7-s3cRe7", "an0ther-an0ther"


def told(logs, event: str):
    """The lines of that kind, as they leave the process."""
    return [drop_secrets(None, "", dict(line)) for line in logs if line["event"] == event]


def test_a_push_that_is_believed_is_told_with_all_that_came_of_it(place: Place) -> None:
    place.secret_of("github", RIGHT)
    place.repo()
    place.repo("infra/next", branch="next")
    with capture_logs() as logs:
        place.send(push().vouched(RIGHT))
    [event] = place.events()
    assert logs == [
        {
            "event": "git_pushed",
            "log_level": "info",
            "gateway": "gw_1",
            "webhook": "whk_git-gw_1",
            "provider": "github",
            "kind": "push",
            "event_id": event,
            "repos": ["infra/app: triggered", "infra/next: not_concerned"],
            "of": 2,
        }
    ]


def test_a_forger_gets_one_line_a_minute_and_no_word_of_his_is_in_it(place: Place) -> None:
    place.secret_of("github", RIGHT)
    place.repo()
    with capture_logs() as logs:
        for number in range(5):
            place.send(push(commit=f"{number}" * 40).vouched(WRONG))
    [line] = logs
    assert (line["event"], line["log_level"]) == ("git_refused", "warning")
    assert (line["provider"], line["address"], line["times"]) == ("github", "127.0.0.1", 1)
    assert line["why"][0].startswith("infra/app: ")
    assert not any(secret in str(line) for secret in (RIGHT, WRONG, "1" * 40))


def test_what_is_wrong_with_each_repo_is_told_beside_what_is_right(place: Place) -> None:
    place.secret_of("github", RIGHT)
    place.secret_of("github", WRONG, "infra/own")
    place.repo()
    place.repo("infra/other", webhook_secret="own")
    # Its name must not make a line lose it: what is called so is never logged.
    place.repo("infra/third-token", webhook_secret="a-secret")
    with capture_logs() as logs:
        assert place.send(push().vouched(RIGHT)).json["matched"] == ["infra/app"]
    [refused] = told(logs, "git_refused")
    [misconfigured] = told(logs, "git_misconfigured")
    assert [line.partition(": ")[0] for line in refused["why"]] == ["infra/other"]
    assert [line.partition(": ")[0] for line in misconfigured["why"]] == ["infra/third-token"]
    assert "infra/a-secret" in misconfigured["why"][0]


@pytest.mark.parametrize(
    ("sent", "event"),
    [
        (Shot("", b"{}", {}), "git_provider_unknown"),
        (Shot("github", b"{", {"X-GitHub-Event": "push"}), "git_payload_unreadable"),
        (push(url="https://git.example.com/x", ssh=""), "git_unmatched"),
        (push(), "git_refused"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_reason_is_told_once_a_minute(place: Place, sent: Shot, event: str) -> None:
    place.repo()
    with capture_logs() as logs:
        for _ in range(3):
            place.send(sent)
    assert [line["event"] for line in logs] == [event]


def test_a_field_that_is_missing_is_told_by_its_name(place: Place) -> None:
    with capture_logs() as logs:
        place.send(shot("github", {"ref": "refs/heads/main", "after": NEW, "repository": {}}))
    [line] = logs
    assert line["field"].startswith("repository.")
    assert line["field"] in line["why"]


def test_an_event_that_is_no_push_is_told_seldom(place: Place) -> None:
    place.repo(allow_unauthenticated=True)
    with capture_logs() as logs:
        for _ in range(3):
            place.send(push().saying(X_GitHub_Event="issues"))
    [line] = told(logs, "git_no_push")
    assert (line["kind"], line["repos"], line["log_level"]) == ("issues", ["infra/app"], "info")


def test_what_a_stranger_writes_is_cut_and_made_plain(place: Place) -> None:
    long = "https://git.example.com/" + "ä" * 1000
    with capture_logs() as logs:
        place.send(push(url=long, ssh="").saying(X_GitHub_Event="p" * 1000))
        place.send(push(url=long, ssh=""))
    assert all(str(line).isascii() and len(str(line)) < 1500 for line in logs)


def sets_of_repos(place: Place, **spec) -> list[Shot]:
    """Requests that name every pair of some repos, and what they stand at."""
    urls = [f"https://git.example.com/scm/p/r{number}.git" for number in range(6)]
    for number, url in enumerate(urls):
        place.repo(f"infra/r{number}", url, **spec)
    links = [{"name": "http", "href": url} for url in urls]
    sets = [{"repository": {"links": {"clone": list(pair)}}} for pair in combinations(links, 2)]
    changes = [{"refId": "refs/heads/main", "toHash": NEW}]
    return [shot("bitbucket-server", {**each, "changes": changes}) for each in sets]


def test_who_names_ever_other_sets_of_repos_gets_no_more_lines_than_there_are_repos(place: Place) -> None:
    shots = sets_of_repos(place)
    with capture_logs() as logs:
        assert {place.send(each).status for each in shots} == {401}
    assert {line["event"] for line in logs} == {"git_refused"}
    firsts = [line["why"][0].partition(":")[0] for line in logs]
    assert len(firsts) == len(set(firsts)) == 5


def test_who_names_sets_of_open_repos_does_not_either(place: Place) -> None:
    shots = sets_of_repos(place, allow_unauthenticated=True)
    with capture_logs() as logs:
        for each in shots:
            assert place.send(each.saying(X_Event_Key="repo:fork")).status == 200
    firsts = [line["repos"][0] for line in told(logs, "git_unauthenticated")]
    assert len(firsts) == len(set(firsts)) == 5
