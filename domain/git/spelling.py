r"""A spelling: the parts of a repository's URL as somebody wrote it.

Two forms are read: a URL (RFC 3986) of one of four schemes, and the scp form of ssh, `user@host:path`
(git-clone(1), "GIT URLS"). What programs read in different ways is no spelling at all: a second `@` before
the path, a backslash, a control character, a host that is not written in ASCII. Who sends such a thing may
want two programs to see two hosts in it (https://datatracker.ietf.org/doc/html/rfc3986#section-7.6).
"""

import re
from dataclasses import dataclass, field
from ipaddress import IPv6Address
from typing import Final
from urllib.parse import unquote_to_bytes

MAX_URL: Final = 2048
"""Characters of a URL. Hosts of repositories stop far earlier; so do browsers."""

_FORMS: Final = "https://host/path, ssh://user@host/path, user@host:path or file:///path"
_MAX_HOST: Final = 253
_MAX_PORT: Final = 65_535

# re.ASCII, since the long s and the Kelvin sign would otherwise be cases of s and k.
_URL: Final = re.compile(
    r"(?P<scheme>https?|ssh|file)://"
    r"(?:(?P<user>[^/?#@:\s]*)(?P<secret>:[^/?#@\s]*)?@)?"
    r"(?P<host>\[[0-9a-f:.]+\]|[^/?#@:\[\]]*)(?::(?P<port>[0-9]{0,5}))?"
    r"(?P<path>/[^?#]*)?(?P<rest>[?#].*)?",
    re.ASCII | re.IGNORECASE,
)
_SCP: Final = re.compile(
    r"(?P<user>[^/?#@:\s]+)@(?P<host>\[[0-9a-f:.]+\]|[^/?#@:\[\]]+):(?P<path>[^?#]+)(?P<rest>[?#].*)?",
    re.ASCII | re.IGNORECASE,
)
_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_AMBIGUOUS: Final = re.compile("[\x00-\x1f\x7f-\x9f\\\\\u2028\u2029\ud800-\udfff]")
"""Controls and line ends, the backslash (a slash to some programs), and halves of characters."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """The parts of a URL, not decoded.

    Attributes:
        scheme: "https", "http", "ssh" or "file".
        is_scp: it was written `user@host:path`.
        user: what stands before the host, percent-encoded; "" without one. A token may stand there.
        password: likewise, what follows the user's colon.
        host: in lower case; an IPv6 address in its shortest form, without brackets.
        port: None when none is written.
        path: as it was written; of a URL with its leading slash.
        has_more: a query or a fragment follows.
        public: the text without user (but for ssh, where it is no secret), password, query and fragment.
    """

    scheme: str
    is_scp: bool
    user: str = field(repr=False)
    password: str = field(repr=False)
    host: str
    port: int | None
    path: str
    has_more: bool
    public: str


def spelled(url: str) -> Spelling:
    """The parts of a URL.

    Raises:
        ValueError: it is none that we read. The text is a sentence for whoever wrote it; it quotes nothing.
    """
    if len(url) > MAX_URL:
        raise ValueError(f"A URL has at most {MAX_URL} characters; this one has {len(url)}.")
    if is_ambiguous(url) or url != url.strip():
        raise ValueError(
            "The URL has a control character, a backslash or a space around it; write it without."
        )
    found = _URL.fullmatch(url)
    if found:
        return _of_url(found)
    found = None if "://" in url else _SCP.fullmatch(url)
    if not found:
        raise ValueError(_reason(url))
    return Spelling(
        "ssh",
        is_scp=True,
        user=found["user"],
        password="",
        host=_host(found["host"]),
        port=None,
        path=found["path"],
        has_more=found["rest"] is not None,
        public=url[: found.end("path")],
    )


def is_ambiguous(text: str) -> bool:
    """Whether a text has a character that some programs drop, and others take for a slash or an end."""
    return _AMBIGUOUS.search(text) is not None


def decoded(text: str) -> str:
    """A part of a URL without its percent-encoding. A lone percent sign stands for itself.

    Raises:
        ValueError: what was encoded is not UTF-8, or a control character. The text is a sentence.
    """
    try:
        plain = str(unquote_to_bytes(text), "utf-8")
    except UnicodeDecodeError:
        raise ValueError("The URL has percent-encoded bytes that are not UTF-8; encode them anew.") from None
    if is_ambiguous(plain.replace("\\", "")):
        raise ValueError("The URL has an encoded control character; write it without.")
    return plain


def _of_url(found: re.Match[str]) -> Spelling:
    scheme = found["scheme"].lower()
    user, secret = found["user"] or "", found["secret"] or ""
    local = scheme == "file"
    host = "" if local and found["host"].lower() in {"", "localhost"} else _host(found["host"])
    if local and (host or user or secret or found["port"]):
        raise ValueError("A file URL names no host, user or port; write it as file:///path.")
    end = found.end("path") if found["path"] else found.end("port") if found["port"] else found.end("host")
    return Spelling(
        scheme,
        is_scp=False,
        user=user,
        password=secret[1:],
        host=host,
        port=_port(found["port"]),
        path=found["path"] or "",
        has_more=found["rest"] is not None,
        public=f"{found['scheme']}://"
        + (f"{user}@" if user and scheme == "ssh" else "")
        + found.string[found.start("host") : end],
    )


def _host(written: str) -> str:
    # Before anything is made small: the small Kelvin sign is an ASCII k.
    if not written.isascii():
        raise ValueError("Write the host of the URL in ASCII (a name such as bücher.example as xn--...).")
    host = written.lower()
    if host.startswith("["):
        try:
            return IPv6Address(host[1:-1]).compressed
        except ValueError:
            raise ValueError("What stands in brackets in the URL is no IPv6 address; correct it.") from None
    if len(host) > _MAX_HOST or not all(_LABEL.fullmatch(label) for label in host.split(".")):
        raise ValueError(f"What stands in the place of the URL's host is no name; write it as {_FORMS}.")
    return host


def _port(written: str | None) -> int | None:
    if not written:
        return None
    port = int(written)
    if not 0 < port <= _MAX_PORT:
        raise ValueError(f"The port of the URL must be between 1 and {_MAX_PORT}.")
    return port


def _reason(url: str) -> str:
    before_path = url.partition("://")[2].partition("/")[0]
    if before_path.count("@") > 1:
        return "The URL has more than one @ before its path; in a user name or password write it as %40."
    return f"This is no URL of a Git repository; write it as {_FORMS}."
