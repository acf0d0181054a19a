"""`fleet networks`, on a real Redis, with files and a real https server."""

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from domain.named import SHIPPED
from store import named_lists
from store.connect import SyncStore
from tests.command_line import Fleet, fleet_command
from tests.https_server import HttpsServer, https_server

GITHUB = {"hooks": ["140.82.112.0/20", "192.0.2.0/24"], "web": ["198.51.100.0/24"]}


@pytest.fixture
def fleet(
    redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Fleet:
    environ = {"FLEET_REDIS_URL": redis_url, "FLEET_STATE_DIR": str(tmp_path)}
    return fleet_command(monkeypatch, capsys, environ)


@pytest.fixture
def web(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpsServer]:
    """A server that this process trusts."""
    with https_server(tmp_path) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        yield server


@pytest.fixture
def listed(redis_url: str) -> Iterator["Listed"]:
    store = SyncStore(redis_url)
    yield Listed(store)
    store.close()


@dataclass
class Listed:
    """What the store says of lists."""

    store: SyncStore

    def __call__(self, name: str) -> tuple[str, ...] | None:
        named = self.store.run(named_lists.fetch([name]))[name]
        return None if named is None else named.networks


def test_every_list_is_shown_with_its_day(fleet: Fleet) -> None:
    done = fleet("networks", "list")
    assert done.code == 0
    for named in SHIPPED.values():
        (line,) = [line for line in done.out.splitlines() if line.startswith(f"@{named.name} ")]
        assert named.as_of in line
    assert [each["name"] for each in fleet("networks", "list", "--json").json["networks"]] == sorted(SHIPPED)


@pytest.mark.parametrize("name", ["gitlab", "@gitlab"])
def test_one_list_is_shown_with_its_networks(fleet: Fleet, name: str) -> None:
    shown = fleet("networks", "show", name)
    assert shown.code == 0
    assert shown.out.splitlines()[-2:] == ["34.74.90.64/28", "34.74.226.0/24"]
    assert fleet("networks", "show", name, "--json").json["networks"] == ["34.74.90.64/28", "34.74.226.0/24"]


def test_a_list_is_refreshed_from_a_file_and_says_what_changed(
    fleet: Fleet, tmp_path: Path, listed: Listed
) -> None:
    file = tmp_path / "meta.json"
    file.write_text(json.dumps(GITHUB))
    done = fleet("networks", "refresh", "github", "--from", str(file))
    gone = len(SHIPPED["github"].networks) - 1
    assert (done.code, done.out) == (0, f"@github: +1 -{gone}, 2 networks\n")
    assert listed("github") == ("140.82.112.0/20", "192.0.2.0/24")
    again = fleet("networks", "refresh", "@github", "--from", str(file))
    assert (again.code, again.out) == (0, "@github: unchanged, 2 networks\n")
    shown = fleet("networks", "show", "github", "--json").json
    assert shown["feed"] == "https://api.github.com/meta"
    assert shown["as_of"] > SHIPPED["github"].as_of
    assert fleet("networks", "forget", "github").out == "@github is as of 2026-10-29 again.\n"
    assert listed("github") == SHIPPED["github"].networks


def test_a_list_of_ones_own_is_made_and_gone(fleet: Fleet, tmp_path: Path, listed: Listed) -> None:
    file = tmp_path / "office.txt"
    file.write_text("192.0.2.0/24 # office\n\n2001:db8::7\n")
    done = fleet("networks", "refresh", "office", "--from", str(file))
    assert (done.code, done.out) == (0, "@office: +2 -0, 2 networks\n")
    assert str(tmp_path) not in fleet("networks", "show", "office").out
    assert listed("office") == ("192.0.2.0/24", "2001:db8::7/128")
    assert fleet("networks", "forget", "office").out == "@office is gone.\n"
    assert listed("office") is None


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "It has no networks."),
        ("0.0.0.0/0", "It holds '0.0.0.0/0', which is wider than any sender."),
        ("::/0", "It holds '::/0', which is wider than any sender."),
        ("192.0.2.1\n10.1.2.0/24", "It holds '10.1.2.0/24', which is not of the public internet."),
        ("<html>", "It holds '<html>'; it must be an IP address or a network"),
        ('{"hooks": []}', "It has no networks."),
        ("x" * 2_000_000, "has more than 1048576 bytes."),
    ],
)
def test_what_cannot_be_right_is_refused_and_the_old_list_stays(
    fleet: Fleet, tmp_path: Path, listed: Listed, content: str, sentence: str
) -> None:
    file = tmp_path / "list"
    file.write_text(content)
    done = fleet("networks", "refresh", "stripe", "--from", str(file))
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("@stripe stays as it was: ")
    assert sentence in done.err
    assert done.err.count("\n") == 1
    assert listed("stripe") == SHIPPED["stripe"].networks


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nothing"], "There is no such list; --from makes one of your own."),
        (["gitlab"], "No file is known from which it could be refreshed; name one with --from."),
        (["Bad Name", "--from", "x"], "'Bad Name' cannot be a name"),
        (["own", "--from", "/no/such/file"], "/no/such/file cannot be read: No such file or directory."),
        (["own", "--from", "http://127.0.0.1/"], "Only https:// URLs without a user are followed."),
        (
            ["own", "--from", "https://user:hush@127.0.0.1/"],
            "Only https:// URLs without a user are followed.",
        ),
        (["own", "--from", "file:///etc/passwd"], "Only https:// URLs without a user are followed."),
    ],
)
def test_what_cannot_be_refreshed_is_a_sentence(fleet: Fleet, arguments: list[str], sentence: str) -> None:
    done = fleet("networks", "refresh", *arguments)
    assert (done.code, done.out) == (1, "")
    assert sentence in done.err
    assert "hush" not in done.err


def test_from_is_for_one_list(fleet: Fleet) -> None:
    assert fleet("networks", "refresh", "--from", "x").code == 2
    assert fleet("networks", "refresh", "a", "b", "--from", "x").code == 2


def test_what_is_unknown_is_neither_shown_nor_forgotten(fleet: Fleet) -> None:
    for command in ("show", "forget"):
        done = fleet("networks", command, "nothing")
        assert (done.code, done.out) == (1, "")
        assert done.err == "There is no list 'nothing' on this server; see 'fleet networks list'.\n"


def test_a_list_from_a_url_is_refreshed_from_there_with_the_others(
    fleet: Fleet, web: HttpsServer, listed: Listed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.named_lists.SHIPPED", {})
    web.answers["/ips.txt"] = (200, {}, b"192.0.2.0/24\n")
    assert (
        fleet("networks", "refresh", "own", "--from", f"{web.url}/ips.txt").out == "@own: +1 -0, 1 networks\n"
    )
    web.answers["/ips.txt"] = (200, {}, b"192.0.2.0/24\n198.51.100.7\n")
    done = fleet("networks", "refresh", "--json")
    assert done.code == 0
    assert [(each["name"], each["added"], each["removed"]) for each in done.json["networks"]] == [
        ("own", 1, 0)
    ]
    assert listed("own") == ("192.0.2.0/24", "198.51.100.7/32")


def test_one_list_that_fails_does_not_keep_the_others_old(
    fleet: Fleet, web: HttpsServer, listed: Listed
) -> None:
    for name in ("good", "bad"):
        web.answers[f"/{name}"] = (200, {}, b"192.0.2.0/24\n")
        assert fleet("networks", "refresh", name, "--from", f"{web.url}/{name}").code == 0
    web.answers |= {"/good": (200, {}, b"198.51.100.0/24"), "/bad": (500, {}, b"")}
    done = fleet("networks", "refresh", "bad", "good")
    assert (done.code, done.out) == (1, "@good: +1 -1, 1 networks\n")
    assert done.err == "@bad stays as it was: Its server answered 500.\n"
    assert (listed("bad"), listed("good")) == (("192.0.2.0/24",), ("198.51.100.0/24",))
    told = fleet("networks", "refresh", "bad", "good", "--json")
    assert told.code == 1
    assert told.json["networks"][0] == {"name": "bad", "error": "Its server answered 500."}


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ((404, {}, b""), "Its server answered 404."),
        ((301, {"Location": "http://127.0.0.1:1/"}, b""), "Only https:// URLs without a user are followed."),
        ((302, {"Location": "/own"}, b""), "It was moved more than 5 times."),
        ((302, {}, b""), "It was moved more than 5 times."),
        ((200, {}, b"192.0.2.1\n" * 200_000), "It has more than 1048576 bytes."),
    ],
)
def test_a_download_is_bounded(
    fleet: Fleet, web: HttpsServer, answer: tuple[int, dict[str, str], bytes], sentence: str
) -> None:
    web.answers["/own"] = answer
    done = fleet("networks", "refresh", "own", "--from", f"{web.url}/own")
    assert (done.code, done.out, done.err) == (1, "", f"@own stays as it was: {sentence}\n")


def test_a_redirect_that_stays_on_https_is_followed(fleet: Fleet, web: HttpsServer) -> None:
    web.answers["/old"] = (308, {"Location": "/new"}, b"")
    web.answers["/new"] = (200, {}, b'["192.0.2.7"]')
    assert fleet("networks", "refresh", "own", "--from", f"{web.url}/old").out == "@own: +1 -0, 1 networks\n"


def test_a_slow_server_is_not_waited_for(
    fleet: Fleet, web: HttpsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.download.MAX_SECONDS", 0.2)
    web.silent = True
    done = fleet("networks", "refresh", "own", "--from", f"{web.url}/own")
    assert (done.code, done.err) == (1, "@own stays as it was: It did not come within 0.2 seconds.\n")


def test_a_handshake_that_drips_is_not_waited_for(
    fleet: Fleet, web: HttpsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert web.certificate
    monkeypatch.setattr("cli.download.MAX_SECONDS", 0.3)
    record, over = b"\x16\x03\x03\x10\x00", threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            line, _ = server.accept()
            with line, suppress(OSError):
                for byte in record + bytes(4096):
                    line.sendall(bytes([byte]))
                    if over.wait(0.05):
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        done = fleet("networks", "refresh", "own", "--from", f"https://127.0.0.1:{server.getsockname()[1]}/")
        over.set()
        thread.join(20)
    assert (done.code, done.err) == (1, "@own stays as it was: It did not come within 0.3 seconds.\n")


def test_a_name_that_nobody_knows_is_a_sentence(fleet: Fleet) -> None:
    done = fleet("networks", "refresh", "own", "--from", "https://nowhere.invalid/")
    assert done.code == 1
    assert done.err.startswith("@own stays as it was: The name nowhere.invalid cannot be resolved")


def test_a_server_that_nobody_vouches_for_is_not_believed(
    fleet: Fleet, web: HttpsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    assert ssl.create_default_context().verify_mode is ssl.CERT_REQUIRED
    web.answers["/own"] = (200, {}, b"192.0.2.7")
    done = fleet("networks", "refresh", "own", "--from", f"{web.url}/own")
    assert (done.code, done.out) == (1, "")
    assert done.err == "@own stays as it was: The certificate of its server cannot be trusted.\n"


def test_a_server_that_is_away_is_a_sentence(fleet: Fleet) -> None:
    done = fleet("networks", "refresh", "own", "--from", "https://127.0.0.1:1/")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("@own stays as it was: It cannot be downloaded (")
