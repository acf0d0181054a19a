"""The way of polls: how they leave this machine, and where they may go."""

import socket
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from domain.git.address import Address
from workers.git import targets
from workers.git.failure import PollFailedError
from workers.git.idle import Idle
from workers.git.lines import Cutter, Lines
from workers.git.names import Names
from workers.git.targets import Target
from workers.git.trust import Trust

HTTPS_PORT: Final = 443
_PORTS: Final = {"https": HTTPS_PORT, "http": 80, "ssh": 22}


@dataclass(frozen=True, slots=True, kw_only=True)
class GitWay:
    """What all polls of a process share.

    Attributes:
        targets: the kinds of places that they may contact.
        is_open: whether calls may leave this machine at all.
        through: host and port of a forwarder that reads from the TLS handshake which host is meant.
        known_hosts: file of the SSH servers that are known to all repos; None: there is none.
        cutter: ends polls that take too long.
        idle: connections that wait for the next poll.
        trust: TLS contexts.
        names: looks names up.
    """

    targets: frozenset[Target]
    is_open: bool = True
    through: tuple[str, int] | None = None
    known_hosts: Path | None = None
    cutter: Cutter = field(default_factory=Cutter)
    idle: Idle = field(default_factory=Idle)
    trust: Trust = field(default_factory=Trust)
    names: Names = field(default_factory=Names)

    def close(self) -> None:
        """End all polls, and close what waits for the next."""
        self.cutter.close()
        self.idle.close()

    def check(self, address: Address) -> None:
        """Whether polls may go that way, before anything is resolved.

        Raises:
            PollFailedError: they may not.
        """
        if not self.is_open:
            raise PollFailedError(
                "Nothing is polled: the operator of this gateway set FLEET_OUTBOUND to off."
            )
        if self.through is None or (address.scheme == "https" and port_of(address) == HTTPS_PORT):
            return
        raise PollFailedError(
            "Calls of this gateway leave through a forwarder (FLEET_OUTBOUND) that takes https on port 443 "
            "only; write such a URL into `repo`."
        )

    def connect(self, address: Address, lines: Lines) -> socket.socket:
        """A connection to the server of a repo, to an address that was checked.

        Raises:
            PollFailedError: its name leads nowhere, or to no place that may be contacted; nobody answers.
            TimeoutError: the time is over.
        """
        host, port = self.through or (address.host, port_of(address))
        failed: OSError | None = None
        for each in self._addresses(host, port, lines):
            try:
                return _connected(each, port, lines)
            except OSError as error:
                failed = error
        raise PollFailedError(
            f"{_place(host, port)} does not answer ({_reason(failed)}).", is_host_fault=True
        )

    def _addresses(self, host: str, port: int, lines: Lines) -> list[str]:
        try:
            found = self.names.addresses(host, port, lines.left_s)
        except TimeoutError:
            raise PollFailedError(f"Nobody says in time where {host} is.", is_host_fault=True) from None
        except OSError:
            raise PollFailedError(
                f"The name {host} cannot be resolved; is it written right in `repo`?", is_host_fault=True
            ) from None
        if self.through is not None:
            return found
        allowed = targets.permitted(found, self.targets)
        if not allowed:
            raise PollFailedError(
                f"{host} is at a {targets.named(found)} address, and this gateway does not contact those; "
                "its operator would have to allow them in FLEET_GIT_TARGETS."
            )
        return allowed


def port_of(address: Address) -> int:
    """The TCP port of a server."""
    return address.port or _PORTS[address.scheme]


def _connected(address: str, port: int, lines: Lines) -> socket.socket:
    """A connection to an IP address. Nothing is looked up, so it leads to no other one."""
    line = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        line.settimeout(lines.left_s())
        lines.add(line)
        line.connect((address, port))
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        line.close()
        raise
    return line


def _place(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _reason(error: OSError | None) -> str:
    if isinstance(error, ssl.SSLError | TimeoutError) or error is None:
        return "no answer in time"
    return (error.strerror or type(error).__name__).lower()
