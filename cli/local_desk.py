"""The desk on the owner's machine: it asks the control API over HTTP, and has the owner's vault."""

import asyncio
from collections.abc import Mapping
from typing import Final

from cli.accounts import account
from cli.client import ControlApi
from cli.surroundings import clock_ms
from cli.vault import open_vault
from cli.vault.pulling import NameTakenError, pull_secret
from config.settings import Settings
from domain.errors import FleetError
from relay.mcp.desk import Account, Json, Kept

_GATEWAY: Final = "the gateway"


class LocalDesk:
    """Asks in the name of whoever is logged in here. What blocks does so in threads."""

    is_stopping = False
    """It is not told: this process ends with its client, in whatever it does."""

    def __init__(self, settings: Settings, api: ControlApi) -> None:
        """A desk.

        Args:
            settings: where the vault is.
            api: the control API.
        """
        self._settings = settings
        self._api = api

    def now_ms(self) -> int:
        """Unix time in milliseconds."""
        return clock_ms()

    async def ask(
        self, method: str, *path: str, query: Mapping[str, str] | None = None, body: Json | None = None
    ) -> Json:
        """The control API's answer to one question.

        Raises:
            ApiError: it refused, or was not reached.
        """
        given = {name: value for name, value in (query or {}).items() if value}
        return await asyncio.to_thread(self._api.ask, method, *path, query=given, body=body)

    async def keep(self, webhook: str) -> Kept:
        """Bring the secret into the vault, under the name of its webhook."""
        return await asyncio.to_thread(self._kept, webhook)

    def _kept(self, webhook: str) -> Kept:
        try:
            vault = open_vault(self._settings)
            is_first = not vault.names()
            pull_secret(self._api, vault, webhook, webhook)
        except NameTakenError as taken:
            return Kept(_GATEWAY, webhook, str(taken))
        except FleetError as error:
            return Kept(_GATEWAY, webhook, f"It could not be brought into the vault: {error}")
        return Kept(vault.place, webhook, vault.caution if is_first else "", is_in_vault=True)

    def account(self, event: Json, served: frozenset[str]) -> Account:
        """What became of an event, as `fleet why` tells it."""
        return account(event, served, clock_ms())
