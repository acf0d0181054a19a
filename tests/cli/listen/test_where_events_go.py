"""Where events go, as people write it: what is accepted, and that nothing else is guessed."""

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.listen.destination import destination, is_listening
from domain.errors import InvalidInputError
from relay.connector.loopback import addresses


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("3000", "http://localhost:3000/"),
        (":3000", "http://localhost:3000/"),
        ("3000/hooks", "http://localhost:3000/hooks"),
        ("localhost:3000", "http://localhost:3000"),
        ("localhost:3000/a/b?c=d", "http://localhost:3000/a/b?c=d"),
        ("127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("[::1]:8000/hooks", "http://[::1]:8000/hooks"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://localhost:8443/hooks", "https://localhost:8443/hooks"),
        ("http://web.example/hooks", "http://web.example/hooks"),
    ],
)
def test_what_is_accepted(text: str, url: str) -> None:
    assert destination(text, None).url == url


@pytest.mark.parametrize(
    "text",
    [
        *("", "github", "localhost", "web.example", "/hooks", "0", "65536", "99999", "-1", "::1", "::1:3000"),
        *(
            "ftp://localhost:3000",
            "http://",
            "http://user:hush@localhost:3000",
            "localhost:port",
            "3000 4000",
        ),
        "http://localhost:3000/#part",
    ],
)
def test_what_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        destination(text, None)
    assert str(caught.value).endswith((".", "hooks."))


@given(st.text(max_size=30))
def test_nothing_else_goes_wrong(text: str) -> None:
    try:
        found = destination(text, None)
    except InvalidInputError:
        return
    assert found.url.startswith(("http://", "https://"))
    assert 0 < found.port <= 65_535


@given(st.integers(1, 65_535))
def test_every_port_is_one_of_this_machine(port: int) -> None:
    found = destination(str(port), None)
    assert (found.host, found.port, found.is_here, found.is_encrypted) == ("localhost", port, True, False)


@pytest.mark.parametrize("path", ["hooks", "/hooks"])
def test_a_path_beside_it(path: str) -> None:
    assert destination("3000", path).url == "http://localhost:3000/hooks"
    assert destination("http://localhost:3000", path).url == "http://localhost:3000/hooks"
    with pytest.raises(InvalidInputError, match="There are two paths"):
        destination("3000/other", path)


@pytest.mark.parametrize(
    ("text", "is_here"),
    [
        ("3000", True),
        ("127.0.0.7:1", True),
        ("[::1]:1", True),
        ("app.localhost:1", False),
        ("192.0.2.1:1", False),
        ("web.example:1", False),
    ],
)
def test_which_are_on_this_machine(text: str, is_here: bool) -> None:  # noqa: FBT001 - a row
    assert destination(text, None).is_here is is_here


@pytest.fixture(params=addresses())
def server(request: pytest.FixtureRequest) -> Iterator[int]:
    """The port of a server on one of the two addresses that localhost may mean."""
    family = socket.AF_INET6 if ":" in request.param else socket.AF_INET
    with socket.create_server((request.param, 0), family=family) as listener:
        yield listener.getsockname()[1]


def test_a_program_on_either_address_of_localhost_is_seen(server: int) -> None:
    assert is_listening(destination(str(server), None))


def test_that_nothing_listens_is_seen() -> None:
    with closing(socket.socket()) as bound:
        bound.bind(("127.0.0.1", 0))
        assert not is_listening(destination(f"127.0.0.1:{bound.getsockname()[1]}", None))
