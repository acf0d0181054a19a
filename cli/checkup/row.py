"""A row of a checkup: what was looked at, how it is, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How something is."""

    OK = "ok"
    FAILED = "failed"
    UNCHECKED = "not checked here"


@dataclass(frozen=True, slots=True)
class Row:
    """One finding.

    Attributes:
        check: what was looked at, in a word or two.
        state: how it is.
        finding: what was seen, in a few words.
        advice: what to do, in a sentence; "" when there is nothing to do.
    """

    check: str
    state: State
    finding: str
    advice: str = ""

    def facts(self) -> dict[str, str | None]:
        """The same for programs."""
        return {
            "check": self.check,
            "state": self.state.name.lower(),
            "finding": self.finding,
            "advice": self.advice or None,
        }


def well(check: str, finding: str) -> Row:
    """It is as it should be."""
    return Row(check, State.OK, finding)


def failed(check: str, finding: str, advice: str) -> Row:
    """It is not."""
    return Row(check, State.FAILED, finding, advice)


def unchecked(check: str, why: str, advice: str = "") -> Row:
    """From here nobody can say."""
    return Row(check, State.UNCHECKED, why, advice)


def judged(check: str, finding: str, advice: str) -> Row:
    """It is as it should be when there is nothing to advise."""
    return failed(check, finding, advice) if advice else well(check, finding)
