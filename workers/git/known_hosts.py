"""Known hosts: whether an SSH server shows the key that it should.

Source: sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT". Names may be hashed, have a port, or be patterns; a key may be
revoked. Certificates of host keys are not supported: such lines know nothing.
"""

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from fnmatch import fnmatchcase
from typing import Final

from paramiko.hostkeys import HostKeys

SSH_PORT: Final = 22
_REVOKED: Final = "@revoked"
_HASHED: Final = "|1|"
_MOST_LINES: Final = 10_000
_MOST_CHARS: Final = 300


class Verdict(Enum):
    """What the known hosts say of a key."""

    KNOWN = auto()
    UNKNOWN = auto()
    CHANGED = auto()
    REVOKED = auto()


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key that a host may show, or may not.

    Attributes:
        kind: such as "ssh-ed25519".
        content: the key itself.
        is_revoked: whoever shows it is not to be believed.
    """

    kind: str
    content: bytes
    is_revoked: bool


def keys_of(lines: str, host: str, port: int) -> list[KnownKey]:
    """What is known of a server. A host that is known without its port counts when nothing is with it.

    Args:
        lines: the content of a known_hosts file.
        host: name or address, in lower case.
        port: its TCP port.
    """
    of_host = list(_keys(lines, host))
    if port == SSH_PORT:
        return of_host
    known = list(_keys(lines, f"[{host}]:{port}"))
    is_enough = any(not key.is_revoked for key in known)
    return [*known, *(key for key in of_host if key.is_revoked or not is_enough)]


def judge(known: list[KnownKey], kind: str, content: bytes) -> Verdict:
    """What the known keys of a server say of the one that it shows."""
    same = [key for key in known if key.content == content]
    if any(key.is_revoked for key in same):
        return Verdict.REVOKED
    if same:
        return Verdict.KNOWN
    return (
        Verdict.CHANGED if any(key.kind == kind and not key.is_revoked for key in known) else Verdict.UNKNOWN
    )


def _keys(lines: str, name: str) -> Iterator[KnownKey]:
    for line in lines.splitlines()[:_MOST_LINES]:
        fields = line.split()
        is_revoked = fields[:1] == [_REVOKED]
        names, *rest = (fields[1:] if is_revoked else fields) or [""]
        if len(rest) < 2 or names.startswith(("#", "@")) or not _names(names, name):  # noqa: PLR2004 - kind and key
            continue
        try:
            yield KnownKey(rest[0], b64decode(rest[1], validate=True), is_revoked)
        except (Base64Error, ValueError):
            continue


def _names(patterns: str, name: str) -> bool:
    """Whether a list of patterns means a name. One that is negated excludes it, whatever the others say."""
    is_meant = False
    for pattern in patterns.split(","):
        if pattern.startswith(_HASHED):
            is_meant = is_meant or _is_hash_of(pattern, name)
        elif _matches(pattern.removeprefix("!").lower(), name):
            if pattern.startswith("!"):
                return False
            is_meant = True
    return is_meant


def _is_hash_of(hashed: str, name: str) -> bool:
    try:
        return HostKeys.hash_host(name, hashed) == hashed
    except (AssertionError, IndexError, ValueError):  # what stands there is no hash
        return False


def _matches(pattern: str, name: str) -> bool:
    if "*" not in pattern and "?" not in pattern:
        return pattern == name
    # Only these are special there; a bracket stands for itself. No name could need a longer one, and Python
    # keeps what it makes of a pattern.
    return len(pattern) <= _MOST_CHARS and fnmatchcase(name, pattern.replace("[", "[[]"))
