"""The client of the control API against servers that are away, strange or hostile."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from cli.client import ApiError, ControlApi, access_token, control_api, is_private
from config.settings import Settings, load
from relay.connector.trust import CaFileError
from tests.certificates import Authority, files
from tests.owner_door import new_gateway, owner_door, serving
from tests.running_relay import context_of, tls_relay

TOKEN = "fleet_" + "A" * 43


@contextmanager
def answering(answer: Response, seen: list[Request]) -> Iterator[str]:
    async def any_path(request: Request) -> Response:
        seen.append(request)
        return answer

    with serving(Starlette(routes=[Route("/{rest:path}", any_path)])) as address:
        yield f"http://{address}"


def settings(tmp_path: Path, **environ: str) -> Settings:
    return load({"FLEET_STATE_DIR": str(tmp_path), **environ})


def test_nothing_there_is_told_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(ApiError) as refusal:
        ControlApi(f"http://127.0.0.1:{port}", TOKEN).ask("GET", "gateway")
    assert str(refusal.value) == (
        f"Nothing answers at http://127.0.0.1:{port}; start it with 'fleet up' or set FLEET_API_URL."
    )


def test_an_unknown_token_is_told_with_what_to_do(redis_url: str) -> None:
    with owner_door(redis_url) as address, pytest.raises(ApiError, match="does not know this access token"):
        ControlApi(f"http://{address}", TOKEN).ask("GET", "gateway")


@pytest.mark.parametrize(
    "answer",
    [
        PlainTextResponse("hello"),
        PlainTextResponse("[]"),
        PlainTextResponse("{}", 404),
        PlainTextResponse("<h1>", 502),
    ],
    ids=["text", "list", "other-404", "proxy"],
)
def test_what_is_no_relay_is_told_so(answer: Response) -> None:
    with answering(answer, []) as url, pytest.raises(ApiError, match="is no Fleet Gateway relay"):
        ControlApi(url, TOKEN).ask("GET", "gateway")


def test_a_body_that_is_too_large_is_refused_in_the_relays_own_words(redis_url: str) -> None:
    _, token = new_gateway(redis_url, "home")
    with owner_door(redis_url) as address, pytest.raises(ApiError, match="has at most 524288 bytes"):
        # More than the kernels on the way can hold, so that the relay hangs up before all is sent.
        ControlApi(f"http://{address}", token).ask("PUT", "repos", "a", "b", body={"repo": "x" * (32 << 20)})


def test_what_is_no_http_server_is_told_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def greet() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"SSH-2.0-OpenSSH\r\n\r\n")

        thread = threading.Thread(target=greet)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(ApiError, match="is no Fleet Gateway relay"):
            ControlApi(url, TOKEN).ask("GET", "gateway")
        thread.join()


def test_a_redirect_never_gets_the_token() -> None:
    seen: list[Request] = []
    with answering(PlainTextResponse("{}"), seen) as elsewhere:
        away = RedirectResponse(f"{elsewhere}/api/v1/gateway")
        with answering(away, []) as url, pytest.raises(ApiError):
            ControlApi(url, TOKEN).ask("GET", "gateway")
    assert seen == []


def test_a_proxy_in_the_environment_never_gets_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    proxied: list[Request] = []
    direct: list[Request] = []
    with (
        answering(PlainTextResponse("{}"), proxied) as proxy,
        answering(PlainTextResponse("{}"), direct) as url,
    ):
        monkeypatch.setenv("http_proxy", proxy)
        ControlApi(url, TOKEN).ask("GET", "gateway")
    assert (len(proxied), len(direct)) == (0, 1)


def test_a_prefix_of_the_url_is_kept_and_names_cannot_leave_their_segment() -> None:
    seen: list[Request] = []
    with answering(PlainTextResponse("{}"), seen) as url:
        ControlApi(f"{url}/hooks", TOKEN).ask("GET", "webhooks", "a/../b?c=d")
    assert seen[0].scope["raw_path"] == b"/hooks/api/v1/webhooks/a%2F..%2Fb%3Fc%3Dd"
    assert seen[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_a_ca_of_our_own_vouches_for_the_relay(redis_url: str, tmp_path: Path) -> None:
    authority, pair = Authority(), files(tmp_path)
    authority.issue().write(pair)
    owner, token = new_gateway(redis_url, "home")
    given = {"FLEET_TOKEN": token, "FLEET_CA_FILE": str(authority.write(tmp_path / "ca.pem"))}
    with tls_relay(context_of(redis_url), pair) as port:
        trusted = settings(tmp_path, FLEET_API_URL=f"https://127.0.0.1:{port}", **given)
        assert control_api(trusted, insecure=False).ask("GET", "gateway")["id"] == owner.id
        with pytest.raises(ApiError, match="if it speaks TLS, FLEET_API_URL has to begin with https://"):
            ControlApi(f"http://127.0.0.1:{port}", token).ask("GET", "gateway")


def test_a_certificate_that_is_not_trusted_is_told_with_what_to_do(redis_url: str, tmp_path: Path) -> None:
    authority, pair = Authority(), files(tmp_path)
    authority.issue("relay.example.org").write(pair)
    ca_file = authority.write(tmp_path / "ca.pem")
    with tls_relay(context_of(redis_url), pair) as port:
        url = f"https://127.0.0.1:{port}"
        with pytest.raises(ApiError) as unknown:
            ControlApi(url, TOKEN).ask("GET", "gateway")
        with pytest.raises(ApiError) as misnamed:
            ControlApi(url, TOKEN, ca_file=ca_file).ask("GET", "gateway")
    for refusal in (unknown, misnamed):
        assert str(refusal.value).startswith(f"The certificate of {url} cannot be trusted: ")
    assert "set FLEET_CA_FILE to the certificate of that CA" in str(unknown.value)
    assert "FLEET_API_URL must have a name that is in the certificate" in str(misnamed.value)


def test_a_relay_without_tls_is_told_so(redis_url: str) -> None:
    with owner_door(redis_url) as address, pytest.raises(ApiError, match="speaks no TLS, or not ours"):
        ControlApi(f"https://{address}", TOKEN).ask("GET", "gateway")


def test_a_ca_file_that_cannot_be_read_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(CaFileError, match="it cannot be read: No such file"):
        ControlApi("https://127.0.0.1:1", TOKEN, ca_file=tmp_path / "none").ask("GET", "gateway")


def test_the_client_itself_keeps_the_token_private() -> None:
    with pytest.raises(ApiError, match="use https://, or --insecure"):
        ControlApi("http://192.0.2.1", TOKEN)
    assert ControlApi("http://192.0.2.1", TOKEN, insecure=True)


@pytest.mark.parametrize(
    ("url", "private"),
    [
        ("http://127.0.0.1:8081", True),
        ("http://127.9.9.9", True),
        ("http://[::1]:8081", True),
        ("http://localhost:8081", True),
        ("https://relay.example.org", True),
        ("http://relay.example.org", False),
        ("http://10.0.0.1", False),
        ("http://0.0.0.0", False),
        ("http://127.0.0.1.example.org", False),
        ("http://localhost.example.org", False),
        ("http://x.localhost:8081", False),
    ],
)
def test_only_loopback_and_tls_are_private(url: str, private: bool, tmp_path: Path) -> None:  # noqa: FBT001
    assert is_private(url) is private
    given = settings(tmp_path, FLEET_API_URL=url, FLEET_TOKEN=TOKEN)
    assert access_token(given, insecure=True) == TOKEN
    if private:
        assert access_token(given, insecure=False) == TOKEN
    else:
        with pytest.raises(ApiError, match="use https://, or --insecure"):
            access_token(given, insecure=False)


def test_without_a_token_it_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(ApiError, match="fleet gateways create NAME") as refusal:
        access_token(settings(tmp_path), insecure=False)
    assert str(tmp_path / "secrets" / "token") in str(refusal.value)


def test_a_token_is_read_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "token").write_text(TOKEN + "\n")
    assert access_token(settings(tmp_path), insecure=False) == TOKEN
