"""A poll that failed, in words for the owner of the repo."""

from domain.errors import FleetError


class PollFailedError(FleetError):
    """It is not known where the repo stands. The text says why, and what to do about it.

    Attributes:
        is_host_fault: the host is in trouble, or the way to it: others of its repos may fare no better, and
            asking again at once is no use.
        retry_after_s: seconds for which the host asks to be let alone; None: it did not say.
    """

    def __init__(
        self, sentence: str, *, is_host_fault: bool = False, retry_after_s: float | None = None
    ) -> None:
        super().__init__(sentence)
        self.is_host_fault = is_host_fault
        self.retry_after_s = retry_after_s


class AbandonedError(Exception):
    """This process is about to stop, so the poll was given up. Another one will make it."""
