"""Why a connector gives up. Everything else it outlasts."""

from domain.errors import FleetError
from relay.tunnel.messages import Problem, ProblemCode


class TunnelRefusedError(FleetError):
    """The relay refuses this tunnel, and would again.

    Attributes:
        code: the reason, for programs.
    """

    def __init__(self, code: ProblemCode, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class TokenRefusedError(TunnelRefusedError):
    """The relay does not know the access token, or it was revoked."""

    def __init__(self, sentence: str = "") -> None:
        super().__init__(
            ProblemCode.TOKEN_REFUSED,
            sentence
            or "Token refused: the relay does not know this access token, it was revoked, or it has expired;"
            " 'fleet gateways create' on the server makes a new one.",
        )


def refusal_of(problem: Problem) -> TunnelRefusedError:
    """The error that a final problem means."""
    if problem.code is ProblemCode.TOKEN_REFUSED:
        return TokenRefusedError(f"Token refused: {problem.sentence}")
    return TunnelRefusedError(problem.code, problem.sentence)
