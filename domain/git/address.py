"""Addresses of repositories: the one we call, and the keys by which a push finds the repos that it is about.

A key is a normal form, "host/path" in lower case. Two URLs name the same repository exactly when their keys
are equal; nothing of a payload is ever searched for or made into a pattern. (Rancher Fleet builds a regular
expression from the payload's URL, and a payload could name `https://.*/.*`: GHSA-jmf4-m7j9-g72r.)
"""

import re
from dataclasses import dataclass, field
from typing import Final, Literal, cast
from urllib.parse import quote

from domain.errors import InvalidInputError
from domain.git.hosting import at_home
from domain.git.spelling import MAX_URL, Spelling, decoded, is_ambiguous, spelled

_GIT: Final = ".git"
_LONE_PERCENT: Final = re.compile("%(?![0-9A-Fa-f]{2})")
_SAFE_IN_PATH: Final = "/%:@!$&'()*+,;=~"
# Their small letters are ASCII: folded, they would make another repository's name of this one.
_NOT_FOLDED: Final = "\u0130\u212a"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a repository is asked for.

    Attributes:
        scheme: how.
        user: decoded; "" without one. A token may stand there, so it is not shown either.
        password: decoded.
        host: in lower case, an IPv6 address without brackets; "" for a file.
        port: None: the scheme's own.
        path: as it goes to the server. http(s): percent-encoded, with a leading slash. ssh and file:
            decoded; of the scp form as written, relative to the user's home there unless it begins with a
            slash.
    """

    scheme: Literal["https", "http", "ssh", "file"]
    user: str = field(repr=False)
    password: str = field(repr=False)
    host: str
    port: int | None
    path: str


def payload_key(url: str) -> str | None:
    """The key of a URL in a payload; None when it can name no repo. Takes linear time and never raises.

    User, port, query and fragment do not count, nor does the case of letters. What is percent-encoded is
    what it stands for, but an encoded slash never separates.
    """
    try:
        return _key(spelled(url))
    except ValueError:
        return None


def repo_key(url: str) -> str | None:
    """The key of the URL that an owner wrote; None when no payload can name it (a file, or no form of ours).

    A query or a fragment makes it another address than any host's, so it has no key.
    """
    try:
        spelling = spelled(url)
        return None if spelling.has_more else _key(spelling)
    except ValueError:
        return None


def read_address(url: str) -> Address:
    """What to call for the URL that an owner wrote.

    Raises:
        InvalidInputError: field `repo`; the sentence says what to do and quotes nothing of the URL.
    """
    try:
        spelling = spelled(url)
        _parts(spelling.path)
        user, password = decoded(spelling.user), decoded(spelling.password)
        path = _path_to_ask_for(spelling)
    except ValueError as error:
        raise InvalidInputError("repo", str(error)) from None
    if spelling.has_more:
        raise InvalidInputError("repo", "The URL has a query or a fragment (? or #); write it without.")
    scheme = cast("Literal['https', 'http', 'ssh', 'file']", spelling.scheme)
    return Address(scheme, user, password, spelling.host, spelling.port, path)


def shown(url: str) -> str:
    """A URL for logs, pages and events: without user and password, query and fragment.

    The user of ssh stays, which is no secret there. Of what is no URL of ours, nothing before the last @ is
    shown.
    """
    try:
        return spelled(url).public
    except ValueError:
        return _shown_anyhow(url[:MAX_URL])


def _shown_anyhow(text: str) -> str:
    before, at, after = text.rpartition("@")
    after = re.split("[?#]", after, maxsplit=1)[0]
    scheme = "".join(before.partition("://")[:2]) if "://" in before else ""
    safe = f"{scheme}***@{after}" if at else after
    return "".join("?" if is_ambiguous(char) else char for char in safe)


def _key(spelling: Spelling) -> str | None:
    if spelling.scheme == "file":
        return None
    parts = [_folded(part) for part in _parts(spelling.path)]
    if parts[-1].endswith(_GIT) and parts[-1] != _GIT:
        parts[-1] = parts[-1].removesuffix(_GIT)
    host, parts = at_home(spelling.host, parts, is_ssh=spelling.scheme == "ssh")
    return "/".join((host, *parts))


def _parts(path: str) -> list[str]:
    """The parts of a path, decoded. Raises ValueError with a sentence."""
    parts = [decoded(part) for part in path.strip("/").split("/")]
    if parts == [""]:
        raise ValueError("The URL names no repository: its path is empty; write it to its end.")
    if not {"", ".", ".."}.isdisjoint(parts):
        raise ValueError("The path of the URL has an empty part (//), . or ..; write it without.")
    if any("/" in part or "\\" in part for part in parts):
        raise ValueError("The path of the URL has an encoded slash or backslash; write slashes as they are.")
    return parts


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    return "".join(char if char in _NOT_FOLDED else char.lower() for char in text)


def _path_to_ask_for(spelling: Spelling) -> str:
    path = spelling.path.rstrip("/")
    if spelling.is_scp:
        return path
    path = "/" + path.lstrip("/")
    if spelling.scheme in {"http", "https"}:
        return quote(_LONE_PERCENT.sub("%25", path), safe=_SAFE_IN_PATH)
    path = decoded(path)
    # `ssh://host/~user/repo` is in that user's home, as git reads it (git-clone(1), "GIT URLS").
    return path[1:] if spelling.scheme == "ssh" and path.startswith("/~") else path
