"""Moving: a relay that stops sends its connectors elsewhere, with all that they still work on."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import structlog
import uvicorn

from relay.server.protocol import TunnelProtocol
from relay.server.switchboard import Switchboard
from store.stopping import Patience, StoppingServer

_SPREAD_PER_TUNNEL_S: Final = 0.01
_LONGEST_SPREAD_S: Final = 2.0
_POLL_S: Final = 0.02

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def move_all(switchboard: Switchboard, dice: Callable[[], float], most_s: float) -> int:
    """Let every tunnel take nothing new, and send it elsewhere soon: not all of them in one instant.

    Args:
        switchboard: has the tunnels.
        dice: a random number in [0, 1).
        most_s: seconds within which the last one is sent.

    Returns:
        How many there are.
    """
    lines = list(switchboard)
    spread_s = min(len(lines) * _SPREAD_PER_TUNNEL_S, _LONGEST_SPREAD_S, most_s)
    for line in lines:
        line.move(dice() * spread_s)
    return len(lines)


class MovingServer(StoppingServer):
    """Keeps the door open until every tunnel has left, so that none of them is cut in mid-sentence."""

    def __init__(
        self,
        config: uvicorn.Config,
        patience: Patience,
        switchboard: Switchboard,
        dice: Callable[[], float],
    ) -> None:
        super().__init__(config, patience, switchboard.close, "relay")
        self._switchboard = switchboard
        self._dice = dice

    async def farewell(self, patience_s: float) -> None:
        """Move the tunnels, and wait until their connections are closed."""
        moving = move_all(self._switchboard, self._dice, patience_s / 2)
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                while self._tunnels():  # noqa: ASYNC110 - uvicorn tells nobody when a connection is gone
                    await asyncio.sleep(_POLL_S)
        _log.info("relay_stops", moved=moving, cut_off=self._tunnels())

    def _tunnels(self) -> int:
        return sum(isinstance(each, TunnelProtocol) for each in self.server_state.connections)
