"""Host keys: who an ssh server must be, by the known hosts of the Secret, else by those of the gateway."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from paramiko import PKey

from domain.git.address import Address
from workers.git.credentials import Credentials
from workers.git.failure import PollFailedError
from workers.git.known_hosts import SSH_PORT, KnownKey, Verdict, judge, keys_of
from workers.git.way import GitWay, port_of

_MOST_BYTES: Final = 1024 * 1024
# RFC 8332: the kind of such a key differs from the ways to sign with it.
_SIGNED_WITH: Final = {"ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256")}


@dataclass(frozen=True, slots=True)
class HostKeys:
    """What is known of one server.

    Attributes:
        host, port: of the server.
        known: the keys that it may show, or may not.
        where: where they are written, for sentences.
    """

    host: str
    port: int
    known: list[KnownKey]
    where: str

    @classmethod
    def of(cls, address: Address, credentials: Credentials, way: GitWay) -> "HostKeys":
        """What is known of the server of a repo.

        Raises:
            PollFailedError: the file of the gateway cannot be read.
        """
        lines, where = credentials.known_hosts, f"known_hosts of {credentials.where}"
        if not lines.strip() and way.known_hosts is not None:
            lines, where = _content(way.known_hosts), "the gateway's file FLEET_GIT_KNOWN_HOSTS"
        host, port = address.host, port_of(address)
        return cls(host, port, keys_of(lines, host, port), where)

    def preferred(self, kinds: Sequence[str]) -> list[str]:
        """Kinds of signatures, those of known keys first.

        A server has several keys, and shows the one that is asked for first.
        """
        known = {kind for key in self.known for kind in _SIGNED_WITH.get(key.kind, (key.kind,))}
        return sorted(kinds, key=lambda kind: kind not in known)

    def check(self, shown: PKey) -> None:
        """Whether the server is who it should be.

        Raises:
            PollFailedError: it is not, or nobody knows.
        """
        key = f"{shown.get_name()} {fingerprint(shown)}"
        match judge(self.known, shown.get_name(), shown.asbytes()):
            case Verdict.KNOWN:
                return
            case Verdict.UNKNOWN:
                port = "" if self.port == SSH_PORT else f"-p {self.port} "
                sentence = (
                    f"{self.host} is not known: it shows the key {key}. If that is the one that its operator "
                    f"publishes, put what 'ssh-keyscan {port}{self.host}' prints into {self.where}."
                )
            case Verdict.CHANGED:
                sentence = (
                    f"{self.host} shows another key than stands in {self.where}: {key}. Somebody may be in "
                    "between; ask its operator whether it has a new one before you replace the line."
                )
            case Verdict.REVOKED:
                sentence = (
                    f"{self.host} shows the key {key}, which is revoked in {self.where}; it is not believed."
                )
        raise PollFailedError(sentence)


def fingerprint(key: PKey) -> str:
    """The fingerprint of a public key as `ssh-keygen -l` prints it."""
    return "SHA256:" + b64encode(sha256(key.asbytes()).digest()).decode().rstrip("=")


def _content(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return opened.read(_MOST_BYTES).decode(errors="replace")
    except OSError:
        raise PollFailedError(
            "The gateway's file FLEET_GIT_KNOWN_HOSTS cannot be read; its operator has to see to that."
        ) from None
