"""The agent target: a program gets a prompt on standard input, made of the event's fields."""

from relay.connector.observer import Observer
from relay.connector.target import Answer, Arrival, KeepAlive
from relay.connector.targets.command import Command
from relay.connector.targets.prompt import Prompt
from relay.connector.targets.runs import Runs


class AgentTarget:
    """Runs a command as `ExecTarget` does. Each line that it prints says that it still works."""

    def __init__(self, command: Command, prompt: Prompt, observer: Observer) -> None:
        """A target.

        Args:
            command: what is run. It is the same for every event: nothing of one can become an argument.
            prompt: what it is asked.
            observer: is told what it prints, and what is wrong with it.
        """
        self._runs = Runs(command, prompt.text_for, observer, lines_prolong=True)

    async def deliver(self, arrival: Arrival, keep_alive: KeepAlive) -> Answer:
        """Run the command, as soon as there is room."""
        return await self._runs.run(arrival, keep_alive)
