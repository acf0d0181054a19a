"""The first gateway: made when a state folder is new, so that the command line works at once."""

import os
from typing import Final

from cli import secret_files
from cli.dashboard import entrance
from cli.embedded_redis import embedded_redis
from cli.surroundings import clock_ms, suitable_store
from config.settings import Settings
from domain.errors import FleetError, NameTakenError
from domain.gateway import Gateway
from domain.ids import ENTROPY_BYTES, new_id
from store import gateways, keyring, sign_in, tokens
from store.connect import SyncStore

NAME: Final = "local"
TOKEN_FILE: Final = "token"  # noqa: S105 - the name of a file


class KeyMissingError(FleetError):
    """The sealing key is gone, but what it sealed is there."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(
            f"There is no sealing key in {settings.secrets_dir / keyring.FOLDER}, but the Redis of this state"
            " folder holds what it sealed. Put the key back; 'fleet init' makes a new one, with which the old"
            " webhooks, secrets and waiting events cannot be read."
        )


def ensure_keys(settings: Settings) -> None:
    """Make the first sealing key in a new state folder.

    Raises:
        KeyMissingError: the folder is not new.
        KeyRingError: what is there is no key ring.
    """
    if not keyring.exists(settings.secrets_dir) and (embedded_redis(settings.state_dir).folder).is_dir():
        raise KeyMissingError(settings)
    make_keys(settings)


def make_keys(settings: Settings) -> None:
    """Make the first sealing key when there is none.

    Raises:
        KeyRingError: what is there is no key ring.
    """
    settings.secrets_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    keyring.load_or_create(settings.secrets_dir, clock_ms(), os.urandom)


def ensure_gateway(settings: Settings) -> str | None:
    """The access token of this machine's own gateway; both are made when they are missing.

    None: the gateway is there, but its token is not, or does not open it any more.

    Raises:
        RedisAwayError: Redis does not answer.
    """
    file = settings.secrets_dir / TOKEN_FILE
    store = suitable_store(settings)
    try:
        if settings.token is not None:
            return _opening(store, settings.token.get_secret_value())
        if file.exists():
            return _opening(store, file.read_text().strip())
        token = tokens.access_token(os.urandom(tokens.ACCESS_TOKEN_BYTES))
        # Whoever sets a server up runs it.
        made = new_id("gw", clock_ms(), os.urandom(ENTROPY_BYTES))
        gateway = Gateway(made, NAME, clock_ms(), is_operator=True)
        store.run(gateways.create(gateway, tokens.hashed(token)))
    except NameTakenError:
        return None
    finally:
        store.close()
    secret_files.keep(file, token + "\n")
    return token


def sign_in_link(settings: Settings, token: str) -> str:
    """A link that opens the dashboard once, in the name of an access token.

    Raises:
        RedisAwayError: Redis does not answer.
    """
    code = tokens.url_token(os.urandom(sign_in.CODE_BYTES))
    store = suitable_store(settings)
    try:
        store.run(sign_in.offer(tokens.hashed(code), tokens.hashed(token)))
    finally:
        store.close()
    return entrance(settings.api_url, code)


def refused(settings: Settings) -> str:
    """What to do when there is no token that opens the gateway."""
    return (
        f"There is no valid access token in {settings.secrets_dir / TOKEN_FILE}: commands are refused here."
        f" 'fleet gateways renew {NAME}' makes a new one for gateway {NAME}; put it there."
    )


def _opening(store: SyncStore, token: str) -> str | None:
    return token if store.run(gateways.by_token(tokens.hashed(token))) else None
