"""Installation: how jobs are given what they need. RQ calls them by name, so it stands ready beforehand."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Generic, TypeVar

Context = TypeVar("Context")


class Installation(Generic[Context]):
    """A place for the context of the jobs of one kind: one at a time, given once by the entry point."""

    def __init__(self) -> None:
        self._given: list[Context] = []

    @contextmanager
    def installed(self, context: Context) -> Generator[None]:
        """Give the jobs of this process their context, for the length of the block.

        Raises:
            RuntimeError: they have one already.
        """
        if self._given:
            raise RuntimeError("The jobs of this process have a context already.")
        self._given.append(context)
        try:
            yield
        finally:
            self._given.clear()

    def current(self) -> Context:
        """The context of this process.

        Raises:
            RuntimeError: a worker was started by something else than our entry point.
        """
        if not self._given:
            raise RuntimeError("Start workers with 'fleet run worker'; a plain 'rq worker' has no keys.")
        return self._given[0]
