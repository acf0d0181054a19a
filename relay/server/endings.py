"""Endings: why a server closes a tunnel, and how errors turn into such a last word."""

import asyncio
from collections.abc import Iterable
from typing import Final

import structlog
from redis.exceptions import RedisError

from domain.errors import OverloadedError
from relay.server.wire import WireLostError
from relay.tunnel.codec import VersionError
from relay.tunnel.fields import printable
from relay.tunnel.messages import MAX_SENTENCE_CHARS, ProtocolError
from relay.tunnel.problem import Problem, ProblemCode

REVOKED: Final = Problem(
    ProblemCode.TOKEN_REFUSED,
    "The access token was revoked or replaced; 'fleet gateways renew' on the server makes one.",
)
EXPIRED: Final = Problem(
    ProblemCode.TOKEN_REFUSED,
    "The access token has expired; 'fleet gateways renew' on the server makes a new one.",
)
SILENT: Final = Problem(ProblemCode.LEASE_LOST, "The connector was silent for too long.")
LOST: Final = Problem(ProblemCode.LEASE_LOST, "The lease of this tunnel ended.")
RENAMED: Final = Problem(ProblemCode.LEASE_LOST, "A subscription of this tunnel was made anew.")
SUPERSEDED: Final = Problem(ProblemCode.LEASE_LOST, "A newer connection of this connector took over.")
MOVED: Final = Problem(ProblemCode.MOVED, "This relay is stopping; connect again.")
FLOODED: Final = Problem(ProblemCode.OVERLOADED, "The connector says more than it reads; connect again.")
UNAVAILABLE: Final = Problem(ProblemCode.UNAVAILABLE, "The gateway's Redis does not answer now; try again.")
_BROKEN: Final = Problem(ProblemCode.UNAVAILABLE, "The relay failed; its log says why. Try again.")

_CODES: Final = (
    (VersionError, ProblemCode.VERSION),
    (ProtocolError, ProblemCode.PROTOCOL),
    (OverloadedError, ProblemCode.OVERLOADED),
)

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class RefusedError(Exception):
    """A tunnel is not opened, or not kept open."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.sentence)
        self.problem = problem


def problem_of(tasks: Iterable[asyncio.Task[None]]) -> Problem | None:
    """What to tell a connector when the tasks of its tunnel have ended; None when there is nobody to tell."""
    errors = [task.exception() for task in tasks if not task.cancelled()]
    return next((_problem(error) for error in errors if error is not None), None)


def _problem(error: BaseException) -> Problem | None:
    for kind, code in _CODES:
        if isinstance(error, kind):
            return Problem(code, printable(str(error), MAX_SENTENCE_CHARS))
    match error:
        case RefusedError():
            return error.problem
        case WireLostError():
            return None
        case RedisError() | OSError():
            _log.warning("redis_unavailable", error=type(error).__name__)
            return UNAVAILABLE
        case _:
            _log.error("tunnel_failed", exc_info=error)
            return _BROKEN
