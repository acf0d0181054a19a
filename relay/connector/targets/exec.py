"""The exec target: a program gets the body on standard input, and its exit code is the answer."""

from relay.connector.observer import Observer
from relay.connector.target import Answer, Arrival, KeepAlive
from relay.connector.targets.command import Command
from relay.connector.targets.runs import Runs


class ExecTarget:
    """Runs a command for each delivery. 0 is delivered, 75 tried again, the rest as its owner says."""

    def __init__(self, command: Command, observer: Observer) -> None:
        """A target.

        Args:
            command: what is run.
            observer: is told what it prints, and what is wrong with it.
        """
        self._runs = Runs(command, _body, observer, lines_prolong=False)

    async def deliver(self, arrival: Arrival, keep_alive: KeepAlive) -> Answer:
        """Run the command, as soon as there is room."""
        return await self._runs.run(arrival, keep_alive)


async def _body(arrival: Arrival) -> bytes:
    return arrival.request.body
