"""Credentials: what a repo's Secret, or the URL that its owner wrote, says at its server."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from domain.git.address import Address
from workers.git.failure import PollFailedError

BASIC_AUTH: Final = "kubernetes.io/basic-auth"
SSH_AUTH: Final = "kubernetes.io/ssh-auth"
# Source: Kubernetes, "Secrets", section "Types of Secret"; `known_hosts` is Rancher Fleet's.
_USERNAME: Final = "username"
_PASSWORD: Final = "password"  # noqa: S105 - the name of a key
_PRIVATE_KEY: Final = "ssh-privatekey"
_KNOWN_HOSTS: Final = "known_hosts"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What is said to a server.

    Attributes:
        where: where they come from, for sentences: "Secret infra/github".
        username: for basic auth.
        password: for basic auth.
        private_key: for ssh, as it is in the file that ssh-keygen writes; b"": there is none.
        known_hosts: for ssh, lines of a known_hosts file; "": those that all repos have.
    """

    where: str
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    private_key: bytes = field(default=b"", repr=False)
    known_hosts: str = field(default="", repr=False)


def of_secret(name: str, kind: str, data: Mapping[str, bytes]) -> Credentials:
    """The credentials in a Secret.

    Args:
        name: "namespace/name".
        kind: its type.
        data: its content.

    Raises:
        PollFailedError: it lacks a key, or it is of another type.
    """
    where = f"Secret {name}"
    if kind == BASIC_AUTH:
        username, password = _text(where, data, _USERNAME), _text(where, data, _PASSWORD)
        if not username and not password:
            raise PollFailedError(f"{where} is empty; it needs {_USERNAME} and {_PASSWORD}.")
        return Credentials(where, username, password)
    if kind == SSH_AUTH:
        if not data.get(_PRIVATE_KEY, b"").strip():
            raise PollFailedError(f"{where} has no {_PRIVATE_KEY}; put the private key there.")
        known_hosts = _text(where, data, _KNOWN_HOSTS)
        return Credentials(where, private_key=data[_PRIVATE_KEY], known_hosts=known_hosts)
    raise PollFailedError(f"{where} opens no Git server: its type must be {BASIC_AUTH} or {SSH_AUTH}.")


def of_url(address: Address) -> Credentials | None:
    """The credentials that the owner wrote into `repo`; None when there are none, and for ssh."""
    if address.scheme not in {"http", "https"} or not (address.user or address.password):
        return None
    return Credentials("the URL in `repo`", address.user, address.password)


def _text(where: str, data: Mapping[str, bytes], key: str) -> str:
    try:
        text = data.get(key, b"").decode()
    except UnicodeDecodeError:
        raise PollFailedError(f"In {where}, {key} is no text (UTF-8); write it anew.") from None
    # Secrets made from files end with a line break, which is no part of a name or password.
    return text if key == _KNOWN_HOSTS else text.rstrip("\r\n")
