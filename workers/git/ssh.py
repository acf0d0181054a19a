"""Git over ssh: runs upload-pack at the server, as the holder of a key.

Nothing of this machine's user is used: no agent, no keys, no known hosts and no settings of theirs.
Source: gitprotocol-pack, "SSH Transport"; the variable GIT_PROTOCOL: git(1).
"""

import socket
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from typing import Final

import paramiko
from dulwich.protocol import Protocol
from paramiko.ssh_exception import AuthenticationException, SSHException

from domain.git.address import Address
from workers.git.credentials import SSH_AUTH, Credentials
from workers.git.failure import PollFailedError
from workers.git.host_keys import HostKeys, fingerprint
from workers.git.lines import Lines
from workers.git.listing import MAX_BYTES, TooLargeError
from workers.git.private_key import read_private_key
from workers.git.way import GitWay

_USER: Final = "git"
_STRANGER_BYTES: Final = 256 * 1024
"""What a server may say before we have logged in; paramiko would keep all of it."""

_WORDS_BYTES: Final = 4096
_LEAVING_S: Final = 1.0
_FLUSH: Final = b"0000"


class _Bounded(socket.socket):
    """A socket that gives so many bytes and no more."""

    left = _STRANGER_BYTES

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        got = super().recv(bufsize, flags)
        self.left -= len(got)
        if self.left < 0:
            raise EOFError
        return got


class SshConversation:
    """One connection, for one poll, on which upload-pack runs.

    Raises:
        PollFailedError: the server cannot be reached, is not who it should be, or refuses us.
        OSError, EOFError, paramiko.SSHException: the connection broke, or what was said is no ssh.
    """

    def __init__(self, address: Address, credentials: Credentials | None, way: GitWay, lines: Lines) -> None:
        if credentials is None or not credentials.private_key:
            raise PollFailedError(
                f"ssh needs a key: make a Secret of type {SSH_AUTH} with ssh-privatekey, and name it in "
                "clientSecretName."
            )
        key = read_private_key(credentials.private_key, credentials.where)
        known = HostKeys.of(address, credentials, way)
        self._lines = lines
        with ExitStack() as opened:
            self._line = _Bounded(fileno=way.connect(address, lines).detach())
            opened.callback(self._line.close)
            with _strange_bytes():
                transport = _begun(self._line, known, lines)
                opened.callback(_end, transport)
                transport.start_client()
                known.check(transport.get_remote_server_key())
                _log_in(transport, address, key, credentials, lines)
                self._line.left = MAX_BYTES
                self._channel = transport.open_session(timeout=lines.left_s())
                self._channel.settimeout(lines.left_s())
                # Servers that do not take this speak the older version.
                self._channel.set_environment_variable("GIT_PROTOCOL", "version=2")
                self._channel.exec_command(f"git-upload-pack {_quoted(address.path)}")
            self._opened = opened.pop_all()

    def opening(self) -> Protocol:
        """What the server says first: what it can do, or all its refs."""
        return Protocol(self._read, self._channel.sendall)

    def asked(self, request: bytes) -> Protocol:
        """What it says to a request."""
        self._channel.sendall(request)
        return Protocol(self._read, self._channel.sendall)

    def recall(self) -> set[bytes] | None:
        """Nothing: a server begins each conversation over ssh itself."""
        return None

    def learn(self, capabilities: set[bytes] | None) -> None:
        """Nothing is kept, for the same reason."""

    def words(self) -> str:
        """What the server said besides, such as why it does not serve this repository. It is its own text."""
        with suppress(OSError):
            return self._channel.recv_stderr(_WORDS_BYTES).decode(errors="replace")
        return ""

    def finish(self) -> None:
        """Everything was read: the server need not wait for more."""
        with suppress(OSError, EOFError, SSHException):
            self._channel.sendall(_FLUSH)

    def close(self) -> None:
        """End the connection."""
        self._opened.close()

    def _read(self, count: int) -> bytes:
        parts: list[bytes] = []
        while count > 0:
            self._channel.settimeout(self._lines.left_s())
            part = self._channel.recv(count)
            if not part:
                break
            parts.append(part)
            count -= len(part)
        if self._line.left < 0:
            raise TooLargeError
        return b"".join(parts)


@contextmanager
def _strange_bytes() -> Generator[None]:
    """Paramiko hands on whatever the bytes of a server made it raise."""
    try:
        yield
    except (PollFailedError, OSError, EOFError, SSHException):
        raise
    except Exception as error:  # noqa: BLE001 - see above
        raise SSHException(type(error).__name__) from None


def _begun(line: _Bounded, known: HostKeys, lines: Lines) -> paramiko.Transport:
    transport = paramiko.Transport(line)
    transport.banner_timeout = transport.handshake_timeout = transport.auth_timeout = lines.left_s()
    options = transport.get_security_options()
    options.key_types = known.preferred(options.key_types)
    return transport


def _end(transport: paramiko.Transport) -> None:
    transport.close()
    if transport.is_alive():
        transport.join(_LEAVING_S)


def _log_in(
    transport: paramiko.Transport,
    address: Address,
    key: paramiko.PKey,
    credentials: Credentials,
    lines: Lines,
) -> None:
    try:
        if not transport.auth_publickey(address.user or _USER, key):
            return
    except AuthenticationException:
        # Also what it says when the connection was lost.
        lines.left_s()
        if not transport.is_active():
            raise
    raise PollFailedError(
        f"{address.host} refuses the key in {credentials.where} ({fingerprint(key)}); add its public half to "
        "the repository there, or to a user who may read it."
    )


def _quoted(path: str) -> str:
    """A path as git quotes it. Some servers read the command themselves, and know no other way."""
    return "'" + path.replace("'", "'\\''").replace("!", "'\\!'") + "'"
