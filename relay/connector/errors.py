"""Why a connector gives up, and what it outlasts: the end of a connection."""

from domain.errors import FleetError
from relay.tunnel.problem import Problem, ProblemCode


class TunnelRefusedError(FleetError):
    """The relay refuses this tunnel, and would again.

    Attributes:
        code: the reason, for programs.
    """

    def __init__(self, code: ProblemCode, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class LinkLostError(Exception):
    """There is no connection, or there is none any more; the text is a sentence that says why."""


class MovedError(LinkLostError):
    """The relay is stopping and asks to connect again; another one may answer, or the same one anew."""


class SaidAnewError(LinkLostError):
    """We ended the connection, only to say at once on another one what we hold and what we do not."""


class TokenRefusedError(TunnelRefusedError):
    """The relay does not know the access token, or it was revoked."""

    def __init__(self, sentence: str = "") -> None:
        super().__init__(
            ProblemCode.TOKEN_REFUSED,
            sentence
            or "Token refused: the relay does not know this access token, it was revoked, or it has expired;"
            " 'fleet gateways create' on the server makes a new one.",
        )


def refusal_of(problem: Problem) -> TunnelRefusedError | LinkLostError:
    """The error that a problem means: the end of the connector, or of one connection."""
    if problem.code is ProblemCode.MOVED:
        return MovedError(problem.sentence)
    if not problem.code.is_final:
        return LinkLostError(problem.sentence)
    if problem.code is ProblemCode.TOKEN_REFUSED:
        return TokenRefusedError(f"Token refused: {problem.sentence}")
    return TunnelRefusedError(problem.code, problem.sentence)
