"""Polls over http: what servers answer, what is said to them, and how connections live on."""

import base64
import re
from pathlib import Path

import pytest

from tests.git_asker import LOOPBACK, Asker
from tests.git_http import Answer, Asked, GitHttpServer
from tests.git_repo import GitRepo
from tests.git_v2 import advertisement
from workers.git import http
from workers.git.credentials import Credentials
from workers.git.idle import Idle
from workers.git.targets import Target
from workers.git.way import GitWay

ADA = Credentials("Secret infra/ada", "ada", "s3cret:ü")


def always(status: int, headers: dict[str, str] | None = None, body: bytes = b""):
    def answer(_: Asked) -> Answer:
        return status, headers or {}, body

    return answer


def said(asked: Asked) -> str:
    return base64.b64decode(asked.headers["authorization"].removeprefix("Basic ")).decode()


@pytest.mark.parametrize(
    ("status", "credentials", "sentence"),
    [
        (401, None, "wants to know who asks.* make a Secret of type kubernetes.io/basic-auth"),
        (401, ADA, "refuses the credentials of Secret infra/ada"),
        (403, None, "does not let everybody read.* make a Secret"),
        (403, ADA, "does not let the user of Secret infra/ada read"),
        (404, None, "no such repository.* check the URL in `repo`.* make a Secret"),
        (404, ADA, "no such repository, or hides it from the user of Secret infra/ada"),
        (500, None, "is in trouble"),
        (410, None, "is `repo` the URL to clone from"),
        (418, ADA, "is `repo` the URL to clone from"),
        (204, None, "is `repo` the URL to clone from"),
    ],
)
def test_a_refusal_is_the_repos_own_trouble_and_says_what_to_do(
    web: GitHttpServer, asker: Asker, status: int, credentials: Credentials | None, sentence: str
) -> None:
    web.instead = always(status)
    failure = asker.failure(f"{web.url}/app.git", credentials)
    assert not failure.is_host_fault
    assert re.search(sentence, str(failure)), str(failure)
    assert f"(status {status})" in str(failure)
    assert "s3cret" not in str(failure)


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (504, "is in trouble (status 504)"),
        (502, "is in trouble (status 502)"),
        (503, "is in trouble (status 503)"),
        (429, "is asked too often (status 429)"),
    ],
)
def test_a_host_in_trouble_is_no_fault_of_the_repo(
    web: GitHttpServer, asker: Asker, status: int, sentence: str
) -> None:
    web.instead = always(status, {"Retry-After": "120"})
    failure = asker.failure(f"{web.url}/app.git")
    assert failure.is_host_fault
    assert sentence in str(failure)


def test_a_page_for_people_is_not_taken_for_a_repository(web: GitHttpServer, asker: Asker) -> None:
    web.instead = always(200, {"Content-Type": "text/html"}, b"<html>Please log in</html>")
    failure = asker.failure(f"{web.url}/app.git")
    assert not failure.is_host_fault
    assert str(failure).endswith("answers with something else than Git; is `repo` the URL to clone from?")


def test_the_dumb_protocol_is_not_spoken(web: GitHttpServer, asker: Asker) -> None:
    web.instead = always(200, {"Content-Type": "text/plain"}, b"a" * 40 + b"\trefs/heads/main\n")
    assert "something else than Git" in str(asker.failure(f"{web.url}/app.git"))


def test_credentials_come_from_the_secret_or_from_the_url(
    repo: GitRepo, web: GitHttpServer, asker: Asker
) -> None:
    head = repo.commit()
    web.users["ada"] = "s3cret:ü"
    written = f"http://ada:s3cret%3A%C3%BC@127.0.0.1:{web.port}/app.git"
    assert asker.commit(f"{web.url}/app.git", ADA) == head
    assert asker.commit(written) == head
    assert {said(asked) for asked in web.asked} == {"ada:s3cret:ü"}
    # The Secret is the owner's later word.
    refused = asker.failure(written, Credentials("Secret infra/bob", "bob", "x"))
    assert "refuses the credentials of Secret infra/bob" in str(refused)
    assert "refuses the credentials of the URL in `repo`" in str(asker.failure(written.replace("ada", "eve")))


def test_a_token_alone_may_stand_in_the_url(repo: GitRepo, web: GitHttpServer, asker: Asker) -> None:
    repo.commit()
    asker.commit(f"http://token@127.0.0.1:{web.port}/app.git")
    assert said(web.asked[0]) == "token:"


def test_what_is_asked_looks_like_git(repo: GitRepo, web: GitHttpServer, asker: Asker) -> None:
    repo.commit()
    asker.commit(f"{web.url}/app.git")
    get, post = web.asked
    assert (get.method, get.path) == ("GET", "/app.git/info/refs?service=git-upload-pack")
    assert (post.method, post.path) == ("POST", "/app.git/git-upload-pack")
    assert post.headers["content-type"] == "application/x-git-upload-pack-request"
    for asked in (get, post):
        assert asked.headers["user-agent"].startswith("git/")
        assert asked.headers["git-protocol"] == "version=2"
        assert "authorization" not in asked.headers
        assert "cookie" not in asked.headers


def test_nothing_of_this_machines_user_is_used(
    repo: GitRepo, web: GitHttpServer, asker: Asker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    head = repo.commit()
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login mallory password x\n")
    (tmp_path / ".gitconfig").write_text("[http]\n\textraHeader = Authorization: Basic eA==\n")
    assert asker.commit(f"{web.url}/app.git") == head
    assert all("authorization" not in asked.headers for asked in web.asked)


def moved(web: GitHttpServer, location: str, *, status: int = 301) -> None:
    def answer(asked: Asked) -> Answer | None:
        return (status, {"Location": location}, b"moved") if asked.path.startswith("/old/") else None

    web.instead = answer


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("place", ["", "{url}", "HTTP://127.0.0.1:{port}"])
def test_a_redirect_on_the_same_server_is_followed(
    repo: GitRepo, web: GitHttpServer, asker: Asker, status: int, place: str
) -> None:
    head = repo.commit()
    web.users["ada"] = "s3cret:ü"
    place = place.format(url=web.url, port=web.port)
    moved(web, f"{place}/app.git/info/refs?service=git-upload-pack", status=status)
    found = asker.head(f"{web.url}/old/app", ADA)
    # Pushes name the new address.
    assert (found.commit, found.moved_to) == (head, f"{web.url}/app.git")
    # What is asked next is asked at the new place.
    assert web.asked[-1].path == "/app.git/git-upload-pack"
    assert web.connections == 1


def test_a_redirect_to_another_spelling_is_no_move(repo: GitRepo, web: GitHttpServer, asker: Asker) -> None:
    repo.commit()
    web.instead = lambda asked: (
        (301, {"Location": "/app.git/info/refs?service=git-upload-pack"}, b"")
        if asked.path.startswith("/app/")
        else None
    )
    assert asker.head(f"{web.url}/app").moved_to == ""


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        (
            "http://localhost:{port}/app.git/info/refs?service=git-upload-pack",
            "http://localhost:{port}/app.git,",
        ),
        (
            "https://127.0.0.1:{port}/app.git/info/refs?service=git-upload-pack",
            "https://127.0.0.1:{port}/app.git,",
        ),
        ("http://127.0.0.1:1/app.git/info/refs?service=git-upload-pack", "http://127.0.0.1:1/app.git,"),
        ("//evil.example/info/refs?service=git-upload-pack", "http://evil.example"),
        ("http://u:pass@evil.example/x/info/refs?service=git-upload-pack", "http://evil.example/x,"),
        ("file:///etc/passwd", "/etc/passwd"),
        ("/users/sign_in", "/users/sign_in,"),
        ("/app.git/info/refs?service=git-upload-pack&token=abc", "/app.git"),
        ("/\xfc/info/refs?service=git-upload-pack", "redirects to"),
        ("http://[", "something that is no URL"),
        ("http://127.0.0.1:99999/", "something that is no URL"),
    ],
)
def test_a_redirect_elsewhere_is_not_followed(
    repo: GitRepo, web: GitHttpServer, asker: Asker, location: str, shown: str
) -> None:
    repo.commit()
    moved(web, location.format(port=web.port))
    failure = asker.failure(f"{web.url}/old/app", ADA)
    assert not failure.is_host_fault
    assert shown.format(port=web.port) in str(failure)
    assert "pass" not in str(failure).replace("/etc/passwd", "")
    assert "abc" not in str(failure)
    assert len(web.asked) == 1


def test_redirects_come_to_an_end(web: GitHttpServer, asker: Asker) -> None:
    moved(web, "/old/again/info/refs?service=git-upload-pack")
    assert "redirects without end" in str(asker.failure(f"{web.url}/old/app"))
    assert len(web.asked) == 5


def test_a_push_to_another_place_is_no_answer(repo: GitRepo, web: GitHttpServer, asker: Asker) -> None:
    repo.commit()
    web.instead = lambda asked: (307, {"Location": "/x"}, b"") if asked.method == "POST" else None
    assert "status 307" in str(asker.failure(f"{web.url}/app.git"))


def test_polls_share_connections(repo: GitRepo, web: GitHttpServer, asker: Asker) -> None:
    GitRepo(repo.path.parent / "other.git").commit()
    repo.commit()
    for version in (frozenset({0, 2}), frozenset({0})):
        web.versions = version
        for _ in range(3):
            asker.commit(f"{web.url}/app.git")
            asker.commit(f"{web.url}/other.git")
            asker.failure(f"{web.url}/app.git", branch="none")
    assert web.connections == 1


def test_nobody_uses_the_connection_of_somebody_else(repo: GitRepo, web: GitHttpServer, asker: Asker) -> None:
    repo.commit()
    bob = Credentials("Secret infra/bob", "bob", "x")
    for credentials in (None, ADA, bob, None, ADA, bob):
        asker.commit(f"{web.url}/app.git", credentials)
    assert web.connections == 3


def test_a_connection_that_was_closed_meanwhile_is_no_failure(
    repo: GitRepo, web: GitHttpServer, asker: Asker
) -> None:
    head = repo.commit()
    assert asker.commit(f"{web.url}/app.git") == head
    web.hang_up()
    assert asker.commit(f"{web.url}/app.git") == head
    assert web.connections == 2


def test_a_connection_that_is_closed_when_it_is_used_is_tried_anew_once(
    repo: GitRepo, web: GitHttpServer, asker: Asker
) -> None:
    head = repo.commit()
    asker.commit(f"{web.url}/app.git")
    left = [0]

    def hang_up_first(_: Asked) -> Answer | None:
        left[0] += 1
        if left[0] == 1:
            raise ConnectionError
        return None

    web.instead = hang_up_first
    assert asker.commit(f"{web.url}/app.git") == head

    def always_hang_up(_: Asked) -> Answer | None:
        raise ConnectionError

    web.instead = always_hang_up
    failure = asker.failure(f"{web.url}/app.git")
    assert failure.is_host_fault
    assert "broke the connection off" in str(failure)


def test_a_server_may_close_after_each_answer(repo: GitRepo, web: GitHttpServer, asker: Asker) -> None:
    head = repo.commit()

    def closing(asked: Asked) -> Answer | None:
        if asked.method == "POST":
            return None
        kind = {"Content-Type": "application/x-git-upload-pack-advertisement", "Connection": "close"}
        return 200, kind, advertisement(over_http=True)

    web.instead = closing
    assert [asker.commit(f"{web.url}/app.git") for _ in range(2)] == [head, head]
    # Each answer to a POST leaves a connection for the next GET.
    assert web.connections == 3


def test_connections_are_not_kept_for_ever(repo: GitRepo, web: GitHttpServer) -> None:
    repo.commit()
    way = GitWay(targets=LOOPBACK, idle=Idle(life_s=0))
    for _ in range(2):
        Asker(way).commit(f"{web.url}/app.git")
    assert web.connections == 2
    way.close()
    way = GitWay(targets=LOOPBACK, idle=Idle(most=1))
    for credentials in (None, ADA, None):
        Asker(way).commit(f"{web.url}/app.git", credentials)
    assert web.connections == 5
    way.close()


def test_credentials_do_not_cross_a_network_in_the_clear(
    repo: GitRepo, web: GitHttpServer, asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = repo.commit()
    monkeypatch.setattr(http, "target_of", lambda _: Target.PRIVATE)
    failure = asker.failure(f"{web.url}/app.git", ADA)
    assert "not sent over http" in str(failure)
    assert not failure.is_host_fault
    assert "the URL in `repo`" in str(asker.failure(f"http://ada:x@127.0.0.1:{web.port}/app.git"))
    assert web.asked == []
    # Without credentials there is nothing to read along, and an owner may accept it.
    assert asker.commit(f"{web.url}/app.git") == head
    assert asker.commit(f"{web.url}/app.git", ADA, insecure_skip_tls=True) == head
    assert "not sent over http" in str(asker.failure(f"{web.url}/app.git", ADA))
