"""The kinds of values that settings have beyond numbers: folders, addresses, URLs, lists, words."""

from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, WithJsonSchema
from pydantic_settings import NoDecode

from domain.errors import InvalidInputError
from domain.networks import network_of
from domain.webhook import checked_name

_REDIS_SCHEMES: Final = ("redis://", "rediss://", "unix://")
_HOST_CHARACTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-_:")
_PORTS: Final = 65_536
OUTBOUND_WORDS: Final = ("direct", "off")
_LOOPBACK_OF: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - named to be replaced, not bound
NONE: Final = "none"
"""What to write for an empty list (an empty value means: the default)."""


def origin(host: str, port: int, *, tls: bool) -> str:
    """The URL under which this machine reaches a door that listens on `host` and `port`."""
    reachable = _LOOPBACK_OF.get(host, host)
    scheme = "https" if tls else "http"
    return f"{scheme}://[{reachable}]:{port}" if ":" in reachable else f"{scheme}://{reachable}:{port}"


def absolute(path: Path) -> Path:
    """The path without `~`, from the root; symbolic links stay as they are.

    Raises:
        ValueError: `~` stands for nobody's home.
    """
    try:
        return path.expanduser().absolute()
    except RuntimeError:
        raise ValueError("it must be a path; there is no home that ~ could stand for") from None


def _file(path: Path) -> Path:
    if not str(path).isprintable():
        # Perhaps what should be in the file; it is not told.
        raise ValueError("it must be the path of a file")
    return absolute(path)


def _host(text: str) -> str:
    if not text or not _HOST_CHARACTERS.issuperset(text.lower()):
        raise ValueError("it must be a host name or an IP address, without a port")
    return text


def _http_url(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise ValueError("it must begin with http:// or https://")
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise ValueError("it must be a URL such as https://hooks.example.org") from None
    if not host or parts.username is not None or parts.query or parts.fragment or not text.isprintable():
        raise ValueError("it must name a host, and no user, query or fragment")
    return text.rstrip("/")


def _outbound(text: str) -> str:
    if text in OUTBOUND_WORDS:
        return text
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port[:6]) < _PORTS or _host(host.strip("[]")) == "":
        raise ValueError("it must be direct, off, or host:port of a forwarder")
    return text


def _redis_url(secret: SecretStr) -> SecretStr:
    if not secret.get_secret_value().startswith(_REDIS_SCHEMES):
        raise ValueError(f"it must begin with {', '.join(_REDIS_SCHEMES[:-1])} or {_REDIS_SCHEMES[-1]}")
    return secret


def _token(secret: SecretStr) -> SecretStr:
    token = secret.get_secret_value()
    if not token.isascii() or not token.isprintable() or " " in token:
        raise ValueError("it must be one word of printable ASCII, as `fleet gateways create` showed it")
    return secret


def _entries(given: object) -> object:
    if not isinstance(given, str):
        return given
    return () if given.strip().lower() == NONE else tuple(entry.strip() for entry in given.split(","))


def _network(text: str) -> str:
    return str(network_of(text))


def _gateway(text: str) -> str:
    try:
        return checked_name("gateway", text)  # an id has the form of a name, too
    except InvalidInputError:
        raise ValueError("it must be a gateway's name or id; see `fleet gateways list`") from None


def _lower(given: object) -> object:
    return given.strip().lower() if isinstance(given, str) else given


Folder = Annotated[Path, AfterValidator(absolute)]
File = Annotated[Path, AfterValidator(_file), WithJsonSchema({"format": "file"})]
Host = Annotated[str, AfterValidator(_host), WithJsonSchema({"format": "host"})]
Port = Annotated[int, Field(ge=1, le=65535)]
GatewayName = Annotated[str, AfterValidator(_gateway), WithJsonSchema({"format": "gateway"})]
HttpUrl = Annotated[str, AfterValidator(_http_url), WithJsonSchema({"format": "url"})]
Outbound = Annotated[
    str, BeforeValidator(_lower), AfterValidator(_outbound), WithJsonSchema({"format": "outbound"})
]
RedisUrl = Annotated[SecretStr, AfterValidator(_redis_url)]
Token = Annotated[SecretStr, AfterValidator(_token)]
Pause = Annotated[float, Field(ge=0.05, le=172_800)]
Schedule = Annotated[tuple[Pause, ...], Field(max_length=20), BeforeValidator(_entries), NoDecode]
Network = Annotated[str, AfterValidator(_network), WithJsonSchema({"format": "network"})]
ProxyNetworks = Annotated[tuple[Network, ...], Field(max_length=100), BeforeValidator(_entries), NoDecode]
LogLevel = Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_lower)]
LogFormat = Annotated[Literal["auto", "json", "console"], BeforeValidator(_lower)]
GitTarget = Annotated[Literal["public", "private", "loopback", "link-local", "file"], BeforeValidator(_lower)]
GitTargets = Annotated[tuple[GitTarget, ...], Field(max_length=5), BeforeValidator(_entries), NoDecode]
VaultKind = Annotated[Literal["auto", "keyring", "file"], BeforeValidator(_lower)]
Switch = Annotated[Literal["on", "off"], BeforeValidator(_lower)]
AppendFsync = Annotated[Literal["always", "everysec"], BeforeValidator(_lower)]
