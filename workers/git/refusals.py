"""What the HTTP status of a Git server means for the owner of a repo."""

from http import HTTPStatus
from typing import Final

from workers.git.credentials import BASIC_AUTH, Credentials
from workers.git.failure import PollFailedError

_NO_GIT: Final = "answers what no Git server does; is `repo` the URL to clone from?"
_OF_HOST: Final = (
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
)
"""What a host says of itself. Any other error of a server may be this one repository's."""

_NOBODY: Final[dict[int, str]] = {
    HTTPStatus.UNAUTHORIZED: "wants to know who asks, or has no such repository",
    HTTPStatus.FORBIDDEN: "does not let everybody read this repository",
    HTTPStatus.NOT_FOUND: "has no such repository, or does not show it to everybody; check the URL in `repo`",
}
_SOMEBODY: Final[dict[int, str]] = {
    HTTPStatus.UNAUTHORIZED: "refuses the credentials of {where}; a password or token may have expired",
    HTTPStatus.FORBIDDEN: "does not let the user of {where} read this repository; give that user the right",
    HTTPStatus.NOT_FOUND: (
        "has no such repository, or hides it from the user of {where}; check the URL in `repo`, and what "
        "that user may do"
    ),
}


def refusal(host: str, status: int, credentials: Credentials | None) -> PollFailedError:
    """The failure that a status stands for.

    Args:
        host: of the server.
        status: any but 200.
        credentials: what was said to the server.
    """
    if status in _OF_HOST or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        what = "is asked too often" if status == HTTPStatus.TOO_MANY_REQUESTS else "is in trouble"
        return PollFailedError(
            f"{host} {what} (status {status}); it is asked again later.", is_host_fault=status in _OF_HOST
        )
    if credentials is not None:
        why = _SOMEBODY.get(status, _NO_GIT).format(where=credentials.where)
        return PollFailedError(f"{host} {why} (status {status}).")
    if status not in _NOBODY:
        return PollFailedError(f"{host} {_NO_GIT} (status {status})")
    return PollFailedError(
        f"{host} {_NOBODY[status]} (status {status}). If it is private, make a Secret of type {BASIC_AUTH} "
        "with username and password (often a token), and name it in clientSecretName."
    )
