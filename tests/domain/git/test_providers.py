"""Who sent a request: the table of the specification, in its order."""

from collections.abc import Callable
from itertools import combinations

import pytest

from domain.event import Request
from domain.git.provider import Provider, detect, is_ping

TABLE = [
    ("x-gogs-event", Provider.GOGS),
    ("x-gitea-event", Provider.GITEA),
    ("x-forgejo-event", Provider.GITEA),
    ("x-github-event", Provider.GITHUB),
    ("x-gitlab-event", Provider.GITLAB),
    ("x-hook-uuid", Provider.BITBUCKET),
    ("x-event-key", Provider.BITBUCKET_SERVER),
    ("x-vss-activityid", Provider.AZURE),
    ("x-vss-subscriptionid", Provider.AZURE),
]
SENT_BY = {
    "github-push": Provider.GITHUB,
    "gogs-push": Provider.GOGS,
    "gitea-push": Provider.GOGS,
    "gitea-alone-push": Provider.GITEA,
    "forgejo-alone-push": Provider.GITEA,
    "gitlab-push": Provider.GITLAB,
    "bitbucket-push": Provider.BITBUCKET,
    "bitbucket-server-push": Provider.BITBUCKET_SERVER,
    "azure-push": Provider.AZURE,
}


def request_with(*headers: tuple[str, str]) -> Request:
    return Request("POST", b"", b"", tuple((name.encode(), value.encode()) for name, value in headers), b"{}")


@pytest.mark.parametrize(("name", "provider"), TABLE)
def test_one_header_is_enough(name: str, provider: Provider) -> None:
    assert detect(request_with((name, "x"))) is provider


@pytest.mark.parametrize(("first", "second"), list(combinations(TABLE, 2)))
def test_of_two_headers_the_upper_row_wins(first: tuple[str, Provider], second: tuple[str, Provider]) -> None:
    assert detect(request_with((second[0], "x"), (first[0], "x"))) is first[1]


@pytest.mark.parametrize(("name", "provider"), SENT_BY.items())
def test_real_headers_tell_their_sender(
    request_of: Callable[[str], Request], name: str, provider: Provider
) -> None:
    assert detect(request_of(name)) is provider


@pytest.mark.parametrize("headers", [(), (("x-hub-signature", "sha1=00"),), (("x-github-event", ""),)])
def test_nobody_we_know_is_nobody(headers: tuple[tuple[str, str], ...]) -> None:
    assert detect(request_with(*headers)) is None


def test_an_empty_header_leaves_the_place_to_the_next() -> None:
    assert detect(request_with(("x-gogs-event", ""), ("x-github-event", "push"))) is Provider.GITHUB


def test_only_github_pings(request_of: Callable[[str], Request]) -> None:
    assert is_ping(request_of("github-ping"))
    assert not is_ping(request_of("github-push"))
    assert not is_ping(request_of("bitbucket-server-ping"))
    assert not is_ping(request_with(("x-gitlab-event", "ping")))
