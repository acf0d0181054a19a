"""Whom a Git receiver believes: each provider's credential, and which Secret decides. Over HTTP."""

from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from domain.git.repo import GLOBAL_SECRET
from store import repo_secrets
from store.sealing import KeyRing, Sealer
from tests.git_receiver import Place
from tests.git_shots import NEW, PROVIDERS, WEB, Shot, credential, push, shot
from tests.ingress.test_handshakes import is_problem
from tests.public_door import public_door

RIGHT, WRONG = "s3cRe7-s3cRe7", "an0ther-an0ther"
OWN = "infra/hook"


def heard(*names: str) -> dict[str, list[str]]:
    """What a receiver says when it has all of these repos polled."""
    return {"matched": [*names], "updated": [*names], "ignored": []}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_right_credential_is_believed(place: Place, provider: str) -> None:
    place.secret_of(provider, RIGHT)
    place.repo()
    answer = place.send(push(provider).vouched(RIGHT))
    assert (answer.status, answer.json) == (200, heard("infra/app"))
    assert place.status().webhook_commit == NEW


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_wrong_credential_is_not(place: Place, provider: str) -> None:
    place.secret_of(provider, RIGHT)
    place.repo()
    assert is_problem(place.send(push(provider).vouched(WRONG)), 401)
    assert place.status().webhook_commit == ""
    assert place.events() == []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_missing_credential_is_not(place: Place, provider: str) -> None:
    place.secret_of(provider, RIGHT)
    place.repo()
    assert is_problem(place.send(push(provider)), 401)
    assert place.status().webhook_commit == ""


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_signature_of_another_body_is_not(place: Place, provider: str) -> None:
    place.secret_of(provider, RIGHT)
    place.repo()
    other = credential(provider, push(provider, commit="c" * 40).body, RIGHT)
    sent = Shot(provider, push(provider).body, {**push(provider).headers, **other})
    is_signed = provider in {"github", "gogs", "gitea", "bitbucket-server"}
    assert place.send(sent).status == (401 if is_signed else 200)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_an_answer_says_nothing_about_who_was_refused_or_why(place: Place, provider: str) -> None:
    place.repo()
    place.repo("infra/other", webhook_secret="hook")
    place.secret_of(provider, RIGHT)
    place.secret_of(provider, RIGHT, OWN)
    one = place.send(push(provider))
    two = place.send(push(provider).vouched(WRONG))
    assert (one.status, one.body) == (two.status, two.body)
    assert b"infra" not in one.body


NONE = ""
LACKING = "-"


def applied(place: Place, name: str, value: str) -> None:
    """A Secret for GitHub with that value, without its key, or not at all."""
    if value == LACKING:
        place.secret(name, gitlab=RIGHT.encode())
    elif value:
        place.secret(name, github=value.encode())


# What the global Secret holds, what that of the repo holds (None: the repo names none), the status.
COMBINATIONS = [
    (NONE, None, 401),
    (RIGHT, None, 200),
    (WRONG, None, 401),
    (LACKING, None, 500),
    (NONE, RIGHT, 200),
    (NONE, WRONG, 401),
    (NONE, LACKING, 500),
    (NONE, NONE, 500),
    (RIGHT, RIGHT, 200),
    (RIGHT, WRONG, 401),
    (RIGHT, LACKING, 500),
    (RIGHT, NONE, 500),
    (WRONG, RIGHT, 200),
    (WRONG, WRONG, 401),
    (WRONG, LACKING, 500),
    (WRONG, NONE, 500),
    (LACKING, RIGHT, 200),
    (LACKING, WRONG, 401),
    (LACKING, LACKING, 500),
    (LACKING, NONE, 500),
]


@pytest.mark.parametrize(("everybodys", "own", "status"), COMBINATIONS)
def test_a_secret_of_the_repos_own_replaces_that_of_all_wholly(
    place: Place, everybodys: str, own: str | None, status: int
) -> None:
    applied(place, GLOBAL_SECRET, everybodys)
    if own is None:
        place.repo()
    else:
        applied(place, OWN, own)
        place.repo(webhook_secret="hook")
    answer = place.send(push().vouched(RIGHT))
    assert answer.status == status
    assert bool(place.events()) == (status == 200)
    assert (place.status().webhook_commit == NEW) == (status == 200)


def test_an_error_of_ours_says_nothing_about_the_inside(place: Place) -> None:
    place.repo(webhook_secret="hook")
    with capture_logs() as logs:
        answer = place.send(push().vouched(RIGHT))
    assert is_problem(answer, 500)
    assert not any(word in answer.body for word in (b"infra", b"hook", b"ecret", b"github"))
    [told] = [line for line in logs if line["event"] == "git_misconfigured"]
    assert OWN in told["why"][0]
    assert told["why"][0].startswith("infra/app: ")


@pytest.mark.parametrize(("allows", "status"), [(False, 401), (True, 200)])
def test_without_any_secret_a_push_is_believed_only_where_the_owner_wants_it(
    place: Place, *, allows: bool, status: int
) -> None:
    place.repo(allow_unauthenticated=allows)
    with capture_logs() as logs:
        assert place.send(push()).status == status
        assert place.send(push().vouched(WRONG)).status == status
    warned = [line for line in logs if line["event"] == "git_unauthenticated"]
    assert [line["repos"] for line in warned] == ([["infra/app"]] if allows else [])
    assert all(line["log_level"] == "warning" for line in warned)


def test_polling_becomes_seldom_only_by_a_push_that_a_secret_vouches_for(place: Place) -> None:
    place.secret_of("github", RIGHT, "infra/hook")
    place.repo(webhook_secret="hook")
    place.repo("infra/open", allow_unauthenticated=True)
    answer = place.send(push().vouched(RIGHT))
    assert answer.json["updated"] == ["infra/app", "infra/open"]
    assert [place.status(name).interval_ms for name in answer.json["updated"]] == [3_600_000, 15_000]


@pytest.mark.parametrize("own", [None, NONE, WRONG, LACKING])
def test_once_there_is_a_secret_nobody_does_without(place: Place, own: str | None) -> None:
    if own is None:
        place.secret_of("github", RIGHT)
        place.repo(allow_unauthenticated=True)
    else:
        applied(place, OWN, own)
        place.repo(allow_unauthenticated=True, webhook_secret="hook")
    assert place.send(push()).status in {401, 500}
    assert place.events() == []


def test_a_rotated_secret_counts_at_once(place: Place) -> None:
    place.secret_of("github", RIGHT)
    place.repo()
    older, newer = push().vouched(RIGHT), push().vouched(WRONG)
    assert [place.send(each).status for each in (older, newer)] == [200, 401]
    place.secret_of("github", WRONG)
    assert [place.send(each).status for each in (older, newer)] == [401, 200]
    place.door.store.run(repo_secrets.delete(place.gateway, GLOBAL_SECRET))
    assert [place.send(each).status for each in (older, newer)] == [401, 401]


def test_a_rotated_secret_counts_at_every_door(place: Place, redis_url: str) -> None:
    place.secret_of("github", RIGHT)
    place.repo()
    with public_door(redis_url) as second:
        both = (place, replace(place, door=second))
        assert {each.send(push().vouched(RIGHT)).status for each in both} == {200}
        place.secret_of("github", WRONG)
        assert {each.send(push().vouched(RIGHT)).status for each in both} == {401}


@pytest.mark.parametrize("allows", [False, True])
@pytest.mark.parametrize("own", [False, True])
def test_a_secret_that_cannot_be_opened_vouches_for_nothing(place: Place, *, own: bool, allows: bool) -> None:
    foreign = Sealer(KeyRing({b"0009": bytes(32)}, b"0009"), bytes)
    name = OWN if own else GLOBAL_SECRET
    place.secret(name, sealer=foreign, github=RIGHT.encode())
    place.repo(webhook_secret="hook" if own else "", allow_unauthenticated=allows)
    with capture_logs() as logs:
        answers = [place.send(each) for each in (push(), push().vouched(RIGHT))]
    assert {answer.status for answer in answers} == {500}
    assert place.events() == []
    [told] = [line for line in logs if line["event"] == "git_secret_broken"]
    assert told["why"][0].startswith(f"{name}: ")


def test_a_repo_that_cannot_be_opened_does_not_stop_the_others(place: Place) -> None:
    place.secret_of("github", RIGHT)
    broken = place.repo("infra/broken")
    assert place.send(push().vouched(RIGHT)).json == heard("infra/broken")
    place.door.store.client.execute_command("HSET", f"fleet:repo:{broken}", "spec", "nonsense")
    with capture_logs() as logs:
        assert place.send(push().vouched(RIGHT)).status == 500
        place.repo()
        assert place.send(push().vouched(RIGHT)).json == heard("infra/app")
    assert "repo_unreadable" in [line["event"] for line in logs]


def test_only_repos_that_are_vouched_for_are_named(place: Place) -> None:
    for name in ("a", "b"):
        place.secret_of("github", name * 20, f"infra/{name}")
        place.repo(f"infra/{name}", webhook_secret=name)
    place.repo("infra/lost", webhook_secret="lost")
    for name in ("a", "b"):
        answer = place.send(push().vouched(name * 20))
        assert (answer.status, answer.json) == (200, heard(f"infra/{name}"))


@pytest.mark.parametrize(("refused", "status"), [(True, 401), (False, 500)])
def test_it_is_our_fault_only_if_all_of_it_is(place: Place, *, refused: bool, status: int) -> None:
    place.repo("infra/lost", webhook_secret="lost")
    place.repo("infra/lost-too", webhook_secret="lost-too")
    if refused:
        place.repo()
    assert place.send(push().vouched(RIGHT)).status == status


def test_every_call_is_checked_whatever_is_known_of_the_commit(place: Place) -> None:
    place.secret_of("github", RIGHT)
    place.repo()
    assert place.send(push().vouched(RIGHT)).status == 200
    place.polled(NEW)
    assert place.send(push().vouched(WRONG)).status == 401
    assert place.send(push().vouched(RIGHT)).json == {
        "matched": ["infra/app"],
        "updated": [],
        "ignored": ["infra/app"],
    }


@pytest.mark.parametrize(("secret", "status"), [(RIGHT, 200), (WRONG, 401)])
def test_what_is_no_push_is_authenticated_too(place: Place, secret: str, status: int) -> None:
    place.secret_of("github", RIGHT)
    place.repo()
    content = {"action": "opened", "repository": {"html_url": WEB}}
    issue = shot("github", content).saying(X_GitHub_Event="issues").vouched(secret)
    answer = place.send(issue)
    assert answer.status == status
    if status == 200:
        assert answer.json == {"matched": ["infra/app"], "updated": [], "ignored": ["infra/app"]}
    assert place.events() == []
