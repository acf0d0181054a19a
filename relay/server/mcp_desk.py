"""The desk beside the relay: tools that came over HTTP ask the control API in this process."""

from collections.abc import Callable, Mapping
from typing import Final

from redis.exceptions import RedisError

from domain.errors import FleetError
from relay.mcp.desk import Account, Json, Kept
from relay.server.access import Vouched
from relay.server.api.problems import RETRY_AFTER_S
from relay.server.context import RelayContext
from relay.server.inner_api import Api
from store import gateways
from store.gateways import Access

_PLACE: Final = "the gateway"


class TokenEndedError(FleetError):
    """The access token of a call that lasts opens no longer."""

    def __init__(self) -> None:
        super().__init__("The access token does not open any more: it was revoked, replaced, or has expired.")


class RelayDesk:
    """Asks in the name of the access token of one request, for as long as that opens."""

    def __init__(
        self, app: object, context: RelayContext, token_hash: str, is_stopping: Callable[[], bool]
    ) -> None:
        """A desk for one request.

        Args:
            app: the application, for the API's surroundings.
            context: those surroundings.
            token_hash: SHA-256 of the access token.
            is_stopping: whether the relay is about to end.
        """
        self._app = app
        self._context = context
        self._token_hash = token_hash
        self._is_stopping = is_stopping

    @property
    def is_stopping(self) -> bool:
        """Whether the relay is about to end."""
        return self._is_stopping()

    def now_ms(self) -> int:
        """Unix time in milliseconds."""
        return self._context.clock_ms()

    async def ask(
        self, method: str, *path: str, query: Mapping[str, str] | None = None, body: Json | None = None
    ) -> Json:
        """The control API's answer to one question.

        Raises:
            FleetError: it refused, the token has ended, or Redis is away.
        """
        api = Api(self._app, Vouched(self._token_hash, await self._access()))
        return await api.done(method, "/" + "/".join(path), query, body)

    async def _access(self) -> Access:
        """What the token opens, looked up each time: a long call ends with its token."""
        try:
            access = await self._context.store.run(gateways.access(self._token_hash))
        except RedisError:
            raise FleetError(
                f"The gateway's Redis does not answer now; try again in {RETRY_AFTER_S} seconds."
            ) from None
        if access is None:
            raise TokenEndedError
        return access

    async def keep(self, webhook: str) -> Kept:
        """The secret waits here: it leaves the gateway for its owner's vault, and for nobody else."""
        return Kept(_PLACE, webhook)

    def account(self, event: Json, served: frozenset[str]) -> Account:
        """What became of an event, in sentences."""
        return self._context.account(event, served, self._context.clock_ms())
