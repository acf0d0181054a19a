"""A Git server over ssh on loopback: dulwich's upload-pack behind paramiko, for keys only."""

import contextlib
import shlex
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import paramiko
from dulwich.errors import GitProtocolError, HangupException, NotGitRepository
from dulwich.protocol import Protocol
from dulwich.repo import Repo
from dulwich.server import DictBackend, UploadPackHandler

from tests import git_v2

_WAIT_S = 30


def new_host_key() -> paramiko.PKey:
    return paramiko.ECDSAKey.generate()


@dataclass
class GitSshServer:
    """Serves the bare repositories of a folder: `root/app.git` is at `url/app.git`.

    Attributes:
        host_keys: what it shows to its clients.
        authorized: the keys that may log in, as any user.
        versions: of the protocol that it speaks; dulwich itself has no version 2.
        commands: what clients ran, so far.
        users: who logged in, so far.
    """

    root: Path
    host_keys: list[paramiko.PKey]
    port: int = 0
    authorized: list[paramiko.PKey] = field(default_factory=list)
    versions: frozenset[int] = frozenset({0, 2})
    commands: list[str] = field(default_factory=list)
    users: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"ssh://git@127.0.0.1:{self.port}"

    @property
    def known_hosts(self) -> str:
        """Its lines in a known_hosts file."""
        return "".join(f"[127.0.0.1]:{self.port} {_written(key)}\n" for key in self.host_keys)


def _written(key: paramiko.PKey) -> str:
    return f"{key.get_name()} {key.get_base64()}"


class _Login(paramiko.ServerInterface):
    """One connection: who may log in, and what may be run."""

    def __init__(self, server: GitSshServer) -> None:
        self._server = server
        self._version = 0
        self.commands: list[tuple[paramiko.Channel, str, int]] = []
        self.asked = threading.Event()

    def get_allowed_auths(self, username: str) -> str:  # noqa: ARG002 - as the base wants it
        return "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        if all(key.asbytes() != known.asbytes() for known in self._server.authorized):
            return paramiko.AUTH_FAILED
        self._server.users.append(username)
        return paramiko.AUTH_SUCCESSFUL

    def check_channel_request(self, kind: str, chanid: int) -> int:  # noqa: ARG002 - likewise
        return paramiko.OPEN_SUCCEEDED if kind == "session" else paramiko.OPEN_FAILED_UNKNOWN_CHANNEL_TYPE

    def check_channel_env_request(self, _channel: paramiko.Channel, name: bytes, value: bytes) -> bool:
        if (name, value) == (b"GIT_PROTOCOL", b"version=2") and 2 in self._server.versions:
            self._version = 2
            return True
        return False

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        self.commands.append((channel, command.decode(), self._version))
        self.asked.set()
        return True


@contextmanager
def git_ssh_server(root: Path, *host_keys: paramiko.PKey) -> Iterator[GitSshServer]:
    """A server for the length of the block; without host keys, with a new one."""
    made = GitSshServer(root, list(host_keys) or [new_host_key()])
    threads: list[threading.Thread] = []
    transports: list[paramiko.Transport] = []
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        made.port = listening.getsockname()[1]

        def accept() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                transport = paramiko.Transport(connection)
                transports.append(transport)
                threads.append(threading.Thread(target=_serve, args=(made, transport)))
                threads[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield made
        finally:
            with contextlib.suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for transport in transports:
                transport.close()
            for thread in threads:
                thread.join()


def _serve(server: GitSshServer, transport: paramiko.Transport) -> None:
    login = _Login(server)
    with contextlib.suppress(paramiko.SSHException, EOFError, OSError):
        for key in server.host_keys:
            transport.add_server_key(key)
        transport.start_server(server=login)
        while transport.is_active() and not login.asked.wait(0.02):
            pass
        for channel, command, version in login.commands:
            server.commands.append(command)
            _run(server.root, channel, command, version)
    transport.close()


def _run(root: Path, channel: paramiko.Channel, command: str, version: int) -> None:
    program, path = shlex.split(command)
    with channel, channel.makefile("rb") as reading:
        if program != "git-upload-pack":
            channel.send_exit_status(1)
            return
        try:
            repo = Repo(str(root / path.strip("/")))
        except NotGitRepository:
            channel.sendall_stderr(b"ERROR: Repository not found.\n")
            channel.send_exit_status(1)
            return
        with repo:
            if version == 2:
                _answer_version_2(repo, channel, reading)
            else:
                protocol = Protocol(reading.read, channel.sendall)
                with contextlib.suppress(GitProtocolError, HangupException):
                    UploadPackHandler(DictBackend({path: repo}), [path], protocol).handle()
        channel.send_exit_status(0)


def _answer_version_2(repo: Repo, channel: paramiko.Channel, reading) -> None:
    channel.sendall(git_v2.advertisement(over_http=False))
    request = b""
    while not request.endswith(git_v2.FLUSH):
        part = reading.read(4)
        if not part or (part == git_v2.FLUSH and not request):
            return
        length = int(part, 16)
        request += part + (reading.read(length - 4) if length > 4 else b"")
    channel.sendall(git_v2.ls_refs(repo, request))
