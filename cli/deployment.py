"""A deployment of separate services: a folder of secret files for each, and their users in Redis.

Every service gets what it needs and nothing else: its own Redis user, the sealing keys if it seals or opens,
the access token of the first gateway if it speaks for its owner. Done twice, it changes nothing but the
rights of the Redis users, which follow the code.
"""

import asyncio
import os
import secrets
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from pydantic import SecretStr
from redis.exceptions import RedisError

from cli import canary, first_gateway, secret_files, self_signed
from cli.embedded_redis import PasswordRefusedError, wait_ready
from cli.surroundings import clock_ms
from config.settings import Settings
from domain.errors import FleetError
from store import acl, keyring
from store.acl import RedisUser
from store.calls import one
from store.connect import SyncStore

REDIS_URL_FILE: Final = "redis_url"
PASSWORD_FILE: Final = "password"  # noqa: S105 - the name of a file
ACL_FILE: Final = "users.acl"
_PASSWORD_BYTES: Final = 32
# A Redis that reads a large log back is well, but not there yet.
_REDIS_WAIT_S: Final = 300.0


class DeploymentError(FleetError):
    """A deployment cannot be prepared."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a service finds its secrets.

    Attributes:
        folder: its name.
        user: whom it is in Redis; None when it never goes there.
        seals: whether it needs the sealing keys.
        speaks: whether it needs the access token of the first gateway.
    """

    folder: str
    user: RedisUser | None = None
    seals: bool = False
    speaks: bool = False


_OWNER: Final = Place("relay", acl.RELAY, seals=True, speaks=True)
_INIT: Final = Place("init", acl.INIT)
_CANARY: Final = Place("canary", acl.CANARY)
PLACES: Final = (
    _OWNER,
    Place("ingress", acl.INGRESS, seals=True),
    Place("worker", acl.WORKER, seals=True),
    Place("git", acl.GIT, seals=True),
    Place("sweeper", acl.SWEEPER),
    _INIT,
    Place("connector", speaks=True),
    Place("dashboard", acl.DASHBOARD),
    _CANARY,
)
"""The services. Redis itself has a folder `redis`, and a proxy one named `proxy`."""
_PAGES: Final = ("dashboard", "grafana")
"""Whose users are people with a password."""


def prepare(settings: Settings, root: Path, redis_address: str) -> bool:
    """Make what the services need, and wait for Redis to make the first gateway there.

    Args:
        settings: of this process.
        root: holds a folder for each service; folders that are not there are made.
        redis_address: host and port under which the services reach Redis.

    Returns:
        Whether there is an access token that opens the first gateway.

    Raises:
        DeploymentError: the folders cannot be written to, or Redis has other users.
        NotReadyError: Redis did not answer in time.
        KeyRingError: what is there is no key ring.
    """
    try:
        urls = _redis_users(root, redis_address)
        _sealing_keys(root)
        _people_passwords(root)
        self_signed.ensure(root / "proxy", settings.public_url, clock_ms())
    except OSError as error:
        raise DeploymentError(
            f"{error.filename or root} cannot be written: {error.strerror}."
            f" Everything in {root} has to belong to user {os.getuid()}."
        ) from None
    _load_users(urls[_INIT.folder])
    is_open = _first_gateway(settings, root, urls[_INIT.folder])
    _canary_gateway(root, urls[_INIT.folder])
    return is_open


def _folder(root: Path, name: str) -> Path:
    folder = root / name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _redis_users(root: Path, address: str) -> dict[str, str]:
    """Users of Redis with lasting passwords. Returns the URL of each by the folder that it stands in."""
    passwords = {user.name: _password(root, user) for user in acl.USERS}
    secret_files.keep(_folder(root, "redis") / ACL_FILE, acl.acl_file(passwords))
    urls: dict[str, str] = {}
    for place in PLACES:
        folder = _folder(root, place.folder)
        if place.user is not None:
            name = place.user.name
            urls[place.folder] = f"redis://{name}:{quote(passwords[name])}@{address}/0"
            secret_files.keep(folder / REDIS_URL_FILE, urls[place.folder] + "\n")
    return urls


def _password(root: Path, user: RedisUser) -> str:
    """The password of a user, made the first time."""
    file = _folder(root, "init") / f"{user.name}-password"
    if not file.exists():
        secret_files.keep(file, secrets.token_urlsafe(_PASSWORD_BYTES))
    password = file.read_text()
    if user is acl.HEALTH:
        secret_files.keep(_folder(root, "redis") / PASSWORD_FILE, password)
    return password


def _sealing_keys(root: Path) -> None:
    """The same key ring for all who seal or open: whatever one of them has, the others get."""
    rings = [_folder(_folder(root, place.folder), keyring.FOLDER) for place in PLACES if place.seals]
    known = {key.name: key.read_text() for ring in rings for key in keyring.files(ring)}
    if not known:
        keyring.load_or_create(rings[0].parent, clock_ms(), os.urandom)
        known = {key.name: key.read_text() for key in keyring.files(rings[0])}
    for ring in rings:
        for name in known.keys() - {key.name for key in keyring.files(ring)}:
            secret_files.keep(ring / name, known[name])


def _load_users(url: str) -> None:
    """Make a Redis that runs already follow the rules that were just written."""
    try:
        asyncio.run(wait_ready(url, _REDIS_WAIT_S))
    except PasswordRefusedError:
        # What is in its files it reads when it starts, or when somebody whom it knows says so.
        raise DeploymentError(
            "Redis still has the users of before; 'docker compose down', then 'docker compose up'."
        ) from None
    store = SyncStore(url)
    try:
        store.run(one(("ACL", "LOAD"), lambda _: None))
    except RedisError:
        raise DeploymentError("Redis does not take its users; its log says why.") from None
    finally:
        store.close()


def _first_gateway(settings: Settings, root: Path, url: str) -> bool:
    place = {"redis_url": SecretStr(url), "secrets_dir": root / _OWNER.folder, "token": None}
    token = first_gateway.ensure_gateway(settings.model_copy(update=place))
    if token is None:
        return False
    for each in PLACES:
        if each.speaks and each is not _OWNER:
            secret_files.keep(root / each.folder / first_gateway.TOKEN_FILE, token + "\n")
    return True


def _people_passwords(root: Path) -> None:
    """Passwords that people type, made the first time."""
    for page in _PAGES:
        file = _folder(root, page) / PASSWORD_FILE
        if not file.exists():
            secret_files.keep(file, secrets.token_urlsafe(_PASSWORD_BYTES))


def _canary_gateway(root: Path, url: str) -> None:
    """The gateway of the canary, whose process may not make one. Elsewhere lies no copy of its token."""
    file = root / _CANARY.folder / canary.TOKEN_FILE
    if file.exists():
        return
    store = SyncStore(url)
    # Is it there without its token, then the canary says what to do; the others do without it.
    with closing(store), suppress(canary.CanaryError):
        canary.make_gateway(store, file)
