"""The first gateway: made when a state folder is new, so that the command line works at once."""

import os
from pathlib import Path
from typing import Final

from cli.surroundings import clock_ms, suitable_store
from config.settings import Settings
from domain.errors import NameTakenError
from domain.gateway import Gateway
from domain.ids import ENTROPY_BYTES, new_id
from store import gateways, keyring, tokens

NAME: Final = "local"
TOKEN_FILE: Final = "token"  # noqa: S105 - the name of a file


def ensure_keys(settings: Settings) -> None:
    """Make the first sealing key when there is none.

    Raises:
        KeyRingError: what is there is no key ring.
    """
    keyring.load_or_create(settings.secrets_dir, os.urandom)


def ensure_gateway(settings: Settings) -> str | None:
    """The access token of this machine's own gateway; both are made when they are missing.

    None: the gateway is there, but the token does not open it. It was revoked, or the file is another one.

    Raises:
        RedisAwayError: Redis does not answer.
    """
    if settings.token is not None:
        token = settings.token.get_secret_value()
    else:
        token = _token(settings.secrets_dir / TOKEN_FILE)
    store = suitable_store(settings)
    try:
        if store.run(gateways.by_token(tokens.hashed(token))) is None:
            gateway = Gateway(new_id("gw", clock_ms(), os.urandom(ENTROPY_BYTES)), NAME, clock_ms())
            store.run(gateways.create(gateway, tokens.hashed(token)))
    except NameTakenError:
        return None
    finally:
        store.close()
    return token


def refused(settings: Settings) -> str:
    """What to do when the token opens nothing."""
    return (
        f"The access token in {settings.secrets_dir / TOKEN_FILE} opens no gateway; was it revoked?"
        " 'fleet gateways create NAME' makes another gateway; put its token there."
    )


def _token(file: Path) -> str:
    """The token in a file, which is made first: a gateway without its token would be of no use."""
    try:
        return file.read_text().strip()
    except FileNotFoundError:
        token = tokens.access_token(os.urandom(tokens.ACCESS_TOKEN_BYTES))
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(token + "\n")
    return token
