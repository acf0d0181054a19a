"""What can go wrong with a question to the control API."""

from domain.errors import FleetError


class ApiError(FleetError):
    """The relay was not reached, or it refused. The text says what to do."""


class AwayError(ApiError):
    """The relay was not reached, or cannot answer now. Asking again later may help."""


class RefusedError(ApiError):
    """The relay refused what was asked.

    Attributes:
        code: of the problem, for programs.
    """

    def __init__(self, sentence: str, code: str) -> None:
        super().__init__(sentence)
        self.code = code


class TokenUnknownError(ApiError):
    """The relay does not know the access token."""
