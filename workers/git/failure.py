"""A poll that failed, in words for the owner of the repo."""

from domain.errors import FleetError


class PollFailedError(FleetError):
    """It is not known where the repo stands. The text says why, and what to do about it.

    Attributes:
        is_host_fault: the host is in trouble, or the way to it: others of its repos may fare no better, and
            asking again at once is no use.
    """

    def __init__(self, sentence: str, *, is_host_fault: bool = False) -> None:
        super().__init__(sentence)
        self.is_host_fault = is_host_fault


class AbandonedError(Exception):
    """This process is about to stop, so the poll was given up. Another one will make it."""
