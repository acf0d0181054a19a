"""Which repos a payload means: those of the receiver's gateway at just that address, each once."""

import pytest
from structlog.testing import capture_logs

from tests.git_receiver import Place, place_in
from tests.git_shots import NEW, PROVIDERS, push, shot
from tests.public_door import PublicDoor

GITHUB = "https://github.com/o/r"


def means(place: Place, repo: str, url: str, ssh: str = "") -> bool:
    """Whether a push to a repository at those addresses means a repo of that one."""
    place.repo(url=repo, allow_unauthenticated=True)
    answer = place.send(push(url=url, ssh=ssh))
    assert answer.status == 200
    assert answer.json["matched"] == answer.json["updated"]
    return answer.json["matched"] == ["infra/app"]


@pytest.mark.parametrize(
    "repo",
    [
        "https://github.com/o/r.git",
        "http://github.com/O/R",
        "git@github.com:o/r.git",
        "ssh://git@github.com:22/o/r.git",
        "https://user:tok@github.com/o/r.git",
        "git@ssh.github.com:o/r.git",
        "https://github.com:8443/o/r",
    ],
)
def test_every_spelling_of_a_repository_is_meant(place: Place, repo: str) -> None:
    assert means(place, repo, GITHUB)


@pytest.mark.parametrize(
    "repo",
    [
        "https://notgithub.com/o/r",
        "https://github.com/o/r-suffix",
        "https://github.com.evil.example/o/r",
        "https://evil.example/x@github.com/o/r",
        "https://github.com/o/r/s",
    ],
)
def test_no_other_repository_is(place: Place, repo: str) -> None:
    assert not means(place, repo, GITHUB)


@pytest.mark.parametrize(
    "url",
    [
        "https://.*/o/r",
        "https://github.com/.*/.*",
        "https://*/o/r",
        "https://github.com/o/*",
        "https://github.com/o/[a-z]",
        "https://github.com/" + "o/" * 50_000 + "r",
        "https://github.com/o/r\0",
        "https://gıthub.com/o/r",  # noqa: RUF001 - an i without its dot
        "file:///o/r",
        "github.com/o/r",
        "//github.com/o/r",
    ],
)
def test_what_would_be_a_pattern_or_a_trick_means_nothing(place: Place, url: str) -> None:
    assert not means(place, GITHUB, url)
    assert not means(place, GITHUB, url, ssh=url)


def test_the_ssh_host_may_differ_from_the_web_host(place: Place) -> None:
    web, ssh = "https://git.example.com/o/r", "git@ssh.example.net:o/r.git"
    place.repo("infra/web", web, allow_unauthenticated=True)
    place.repo("infra/ssh", ssh, allow_unauthenticated=True)
    answer = place.send(push("gitlab", web, ssh))
    assert answer.json["updated"] == ["infra/ssh", "infra/web"]


@pytest.mark.parametrize("provider", ["github", "gitlab", "bitbucket-server"])
def test_two_addresses_of_one_repository_are_one_repo(place: Place, provider: str) -> None:
    place.repo(allow_unauthenticated=True)
    place.polled("c" * 40)
    assert place.send(push(provider)).json["updated"] == ["infra/app"]
    assert len(place.jobs()) == 1


def test_several_repos_may_be_at_one_address(place: Place) -> None:
    for branch in ("main", "next", ""):
        place.repo(f"infra/{branch or 'default'}", branch=branch, allow_unauthenticated=True)
    assert place.send(push()).json == {
        "matched": ["infra/default", "infra/main", "infra/next"],
        "updated": ["infra/default", "infra/main"],
        "ignored": ["infra/next"],
    }


@pytest.mark.parametrize("provider", PROVIDERS)
def test_two_gateways_with_one_address_see_each_their_own(door: PublicDoor, provider: str) -> None:
    ours, theirs = place_in(door), place_in(door, "gw_2")
    for place, secret in ((ours, "a" * 20), (theirs, "b" * 20)):
        place.secret_of(provider, secret)
        place.repo(f"{place.gateway.replace('_', '-')}/app")
    assert ours.send(push(provider).vouched("a" * 20)).json["matched"] == ["gw-1/app"]
    assert theirs.status("gw-2/app").webhook_commit == ""
    assert ours.send(push(provider).vouched("b" * 20)).status == 401
    assert theirs.send(push(provider).vouched("b" * 20)).json["matched"] == ["gw-2/app"]
    assert ours.status("gw-1/app").webhook_commit == NEW


def test_a_repo_that_moved_is_meant_at_its_new_address_alone(place: Place) -> None:
    place.repo(url="https://github.com/o/old", allow_unauthenticated=True)
    place.repo(url=GITHUB, allow_unauthenticated=True)
    assert place.send(push(url="https://github.com/o/old", ssh="")).json["matched"] == []
    assert place.send(push(url=GITHUB, ssh="")).json["matched"] == ["infra/app"]


def test_what_was_looked_for_in_vain_is_in_the_log_without_what_opens_it(place: Place) -> None:
    with capture_logs() as logs:
        place.send(push(url="https://me:hunter2@git.example.com:8443/o/r?token=hunter3", ssh=""))
    [told] = logs
    assert (told["event"], told["looked_for"]) == ("git_unmatched", ["git.example.com/o/r"])
    assert "hunter" not in str(told)


def test_more_addresses_than_a_repository_has_are_refused(place: Place) -> None:
    clone = [{"name": "http", "href": f"https://git.example.com/o/{number}"} for number in range(1000)]
    content = {"repository": {"links": {"clone": clone}}, "changes": []}
    assert place.send(shot("bitbucket-server", content)).status == 400
