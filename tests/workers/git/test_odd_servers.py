"""Servers that hang, break off, talk nonsense or without end: a poll is over in its time, and says why."""

import socket
import threading
import time
from collections.abc import Callable, Iterator

import paramiko
import pytest
from dulwich.protocol import pkt_line

from tests.git_asker import Asker, holder
from tests.git_ssh import GitSshServer
from tests.odd_server import Behave, OddServer, odd_server
from workers.git import ssh
from workers.git.failure import PollFailedError

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
SERVICE = pkt_line(b"# service=git-upload-pack\n") + b"0000"
FIRST = pkt_line(b"1" * 40 + b" refs/heads/main\0agent=git/test\n")
LONG = pkt_line(b"2" * 40 + b" refs/heads/" + b"x" * 65_000)
BANNER = b"SSH-2.0-odd\r\n"
SOON_S = 10.0


def chunk(content: bytes) -> bytes:
    return f"{len(content):x}\r\n".encode() + content + b"\r\n"


def whole(content: bytes) -> bytes:
    return HEAD + f"Content-Length: {len(content)}\r\n\r\n".encode() + content


@pytest.fixture
def hasty(asker: Asker) -> Asker:
    asker.timeout_s = 0.3
    return asker


@pytest.fixture(autouse=True)
def nothing_is_left_behind() -> Iterator[None]:
    yield
    left = [each for each in threading.enumerate() if isinstance(each, paramiko.Transport)]
    for thread in left:
        thread.join(SOON_S)
    assert not any(thread.is_alive() for thread in left)


def forever(server: OddServer, *parts: bytes, pause_s: float = 0.0) -> Behave:
    """Say the last part again and again."""

    def behave(line: socket.socket) -> None:
        line.recv(65536)
        for part in parts[:-1]:
            line.sendall(part)
        while not server.closing.wait(pause_s):
            line.sendall(parts[-1])

    return behave


def silent(server: OddServer) -> Behave:
    return server.say()


def over(url: str, port: int) -> str:
    return f"{url}127.0.0.1:{port}/app.git"


def failure_of(asker: Asker, url: str, behave: Callable[[OddServer], Behave]) -> PollFailedError:
    said = holder(paramiko.ECDSAKey.generate()) if url.startswith("ssh") else None
    with odd_server(behave) as server:
        return asker.failure(over(url, server.port), said, branch="main")


@pytest.mark.parametrize(
    ("url", "behave"),
    [
        ("http://", silent),
        ("https://", silent),
        ("ssh://", silent),
        ("http://", lambda server: server.say(b"HTTP/1.1 200")),
        ("http://", lambda server: server.say(CHUNKED, chunk(SERVICE + FIRST))),
        ("http://", lambda server: forever(server, b"HTTP/1.1 100 Continue\r\n\r\n", pause_s=0.001)),
        ("http://", lambda server: forever(server, CHUNKED, chunk(SERVICE), chunk(FIRST), pause_s=0.01)),
        ("http://", lambda server: forever(server, CHUNKED, b"1", pause_s=0.01)),
        ("http://", lambda server: forever(server, b"HTTP/1.1 200 OK\r\nA: ", b"x", pause_s=0.01)),
        ("https://", lambda server: forever(server, b"\x16\x03\x03\x40\x00", b"\x00", pause_s=0.01)),
        ("ssh://", lambda server: forever(server, b"x", pause_s=0.01)),
        ("ssh://", lambda server: server.say(BANNER)),
        ("ssh://", lambda server: forever(server, BANNER, b"\0\0\x10\x04", b"\0", pause_s=0.01)),
    ],
)
def test_a_server_that_hangs_is_left_in_time(
    hasty: Asker, url: str, behave: Callable[[OddServer], Behave]
) -> None:
    began = time.monotonic()
    failure = failure_of(hasty, url, behave)
    assert str(failure) == "127.0.0.1 did not answer within 0.3 seconds."
    assert failure.is_host_fault
    assert time.monotonic() - began < SOON_S


@pytest.mark.parametrize("url", ["http://", "https://", "ssh://"])
def test_a_server_that_breaks_off_is_in_trouble(asker: Asker, url: str) -> None:
    failure = failure_of(asker, url, lambda _: lambda line: line.recv(1) and None)
    assert failure.is_host_fault


@pytest.mark.parametrize(
    "answer",
    [
        CHUNKED + chunk(SERVICE + FIRST),
        CHUNKED + b"ff\r\n" + SERVICE + FIRST,
        HEAD + b"Content-Length: 9999\r\n\r\n" + SERVICE + FIRST,
        HEAD + b"Content-Length: 9999\r\n\r\n" + SERVICE + FIRST[:20],
    ],
)
def test_half_an_answer_is_none(asker: Asker, answer: bytes) -> None:
    def behave(_: OddServer) -> Behave:
        def say(line: socket.socket) -> None:
            line.recv(65536)
            line.sendall(answer)

        return say

    failure = failure_of(asker, "http://", behave)
    assert str(failure) == "127.0.0.1 broke the connection off."
    assert failure.is_host_fault


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"\0\1\2\3" * 100 + b"\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nA: " + b"x" * 100_000 + b"\r\n\r\n",
        whole(b""),
        whole(b"<html>"),
        whole(b"zzzz"),
        whole(b"0003"),
        whole(b"00"),
        whole(SERVICE + b"0009hello0000"),
        whole(SERVICE + pkt_line(b"not a commit at all") + b"0000"),
        whole(SERVICE + pkt_line(b"g" * 40 + b" refs/heads/main\0") + b"0000"),
        whole(SERVICE + pkt_line(b"0" * 40 + b" refs/heads/main\0") + b"0000"),
        whole(SERVICE + pkt_line(b"1" * 39 + b" refs/heads/main\0") + b"0000"),
        whole(
            SERVICE
            + b"".join([pkt_line(b"version 2\n"), *[pkt_line(b"x%d" % n) for n in range(2000)]])
            + b"0000"
        ),
        whole(SERVICE + pkt_line(b"version 2\n") + b"0000"),
    ],
)
def test_nonsense_is_no_answer(asker: Asker, answer: bytes) -> None:
    failure = failure_of(asker, "http://", lambda server: server.say(answer))
    assert "answers with something else than Git" in str(failure)
    assert not failure.is_host_fault


def test_what_a_server_says_over_http_is_not_repeated(asker: Asker) -> None:
    answer = whole(SERVICE + pkt_line(b"ERR you sent Authorization: Basic abc") + b"0000")
    failure = failure_of(asker, "http://", lambda server: server.say(answer))
    assert str(failure) == "127.0.0.1 does not serve this repository."


def test_an_answer_without_end_is_not_read(asker: Asker) -> None:
    failure = failure_of(
        asker, "http://", lambda server: forever(server, CHUNKED + chunk(SERVICE + FIRST), chunk(LONG))
    )
    assert str(failure) == "127.0.0.1 lists more than 32 MiB of refs; that is not read to its end."
    assert not failure.is_host_fault


def test_strangers_may_not_say_much_over_ssh(asker: Asker) -> None:
    for first in (b"", BANNER + b"\x7f\xff\xff\xf8"):
        failure = failure_of(asker, "ssh://", lambda server, first=first: forever(server, first, b"x" * 1000))
        assert failure.is_host_fault
        assert "broke the connection off" in str(failure)


@pytest.mark.parametrize(
    "banner", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-1.5-old\r\n", b"SSH-2.0\r\n", b"\xff" * 99 + b"\n"]
)
def test_what_is_no_ssh_is_said(asker: Asker, banner: bytes) -> None:
    def behave(_: OddServer) -> Behave:
        return lambda line: line.sendall(banner)

    assert "127.0.0.1" in str(failure_of(asker, "ssh://", behave))


def logged_in(
    shell: GitSshServer,
    asker: Asker,
    key: paramiko.PKey,
    monkeypatch: pytest.MonkeyPatch,
    run: Callable[..., None],
) -> PollFailedError:
    """What a poll says of a server that does this once we have logged in."""
    monkeypatch.setattr("tests.git_ssh._run", lambda _root, channel, _command, _version: run(channel))
    return asker.failure(f"{shell.url}/app.git", holder(key, shell.known_hosts), branch="main")


def test_a_command_that_hangs_is_left_in_time(
    shell: GitSshServer, asker: Asker, key: paramiko.PKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    asker.timeout_s = 2

    def drip(channel: paramiko.Channel) -> None:
        channel.sendall(FIRST)
        while not channel.closed:
            channel.recv_exit_status() if channel.closed else channel.sendall(
                pkt_line(b"3" * 40 + b" refs/x\n")
            )
            threading.Event().wait(0.01)

    failure = logged_in(shell, asker, key, monkeypatch, drip)
    assert str(failure) == "127.0.0.1 did not answer within 2 seconds."


def test_refs_without_end_are_not_read_over_ssh(
    shell: GitSshServer, asker: Asker, key: paramiko.PKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssh, "MAX_BYTES", 1_000_000)

    def endless(channel: paramiko.Channel) -> None:
        channel.sendall(FIRST)
        while not channel.closed:
            channel.sendall(LONG)

    failure = logged_in(shell, asker, key, monkeypatch, endless)
    assert "lists more than 32 MiB" in str(failure)


def test_an_end_without_words_is_trouble_of_the_host(
    shell: GitSshServer, asker: Asker, key: paramiko.PKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    failure = logged_in(shell, asker, key, monkeypatch, lambda channel: channel.close())
    assert str(failure) == "127.0.0.1 broke the connection off."
    assert failure.is_host_fault


def test_the_words_of_a_server_are_shown_with_care(
    shell: GitSshServer, asker: Asker, key: paramiko.PKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(channel: paramiko.Channel) -> None:
        channel.sendall_stderr(b"\x1b[31mGo\n\n\taway\x07 \xff" + b"!" * 5000)
        channel.close()

    failure = logged_in(shell, asker, key, monkeypatch, refuse)
    said = str(failure).partition("It says: ")[2]
    assert said.startswith("[31mGo away \ufffd!!!")
    assert len(said) == 200


def test_nobody_there_is_trouble_of_the_host(asker: Asker) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    for url in ("http://", "https://"):
        failure = asker.failure(over(url, port))
        assert str(failure) == f"127.0.0.1:{port} does not answer (connection refused)."
        assert failure.is_host_fault
