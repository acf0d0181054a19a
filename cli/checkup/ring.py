"""The key ring: whether the sealing keys are here, and open what is in Redis."""

import os
from collections.abc import Iterator
from typing import Final

from cli.checkup.row import Row, failed, well
from config.settings import Settings
from domain.errors import KeyNotInRingError, SealBrokenError
from store import gateways, keyring, webhooks
from store.connect import SyncStore
from store.keyring import KeyRingError
from store.owned import Look
from store.sealing import Sealer

_TRIED: Final = 50


def rows(store: SyncStore, settings: Settings) -> Iterator[Row]:
    """One row: a webhook's token has to open, when there is one."""
    try:
        ring = keyring.load(settings.secrets_dir)
    except KeyRingError as error:
        yield failed("sealing keys", "not here", str(error))
        return
    number = f"{len(ring.keys)} here" if len(ring.keys) > 1 else "one here"
    try:
        is_tried = _opens(store, Sealer(ring, os.urandom))
    except KeyNotInRingError as error:
        yield failed("sealing keys", f"{number}, and one is missing", str(error))
        return
    except SealBrokenError:
        yield failed(
            "sealing keys",
            f"{number}, and they do not open what Redis has",
            "These are the keys of another gateway, or somebody else writes to this Redis.",
        )
        return
    opens = "and opens what Redis has" if is_tried else "nothing to open yet"
    yield well("sealing keys", f"{number}, {opens}")


def _opens(store: SyncStore, sealer: Sealer) -> bool:
    """Whether there was something to open.

    Raises:
        SealBrokenError: it does not open.
    """
    for gateway in store.run(gateways.listing())[:_TRIED]:
        for stored in store.run(webhooks.part_of(gateway.id, Look(most=1))).things:
            webhooks.open_token(sealer, stored)
            return True
    return False
