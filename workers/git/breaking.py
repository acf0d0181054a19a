"""What a conversation that broke means for the owner of a repo."""

from http.client import HTTPException, IncompleteRead
from typing import Final

from dulwich.errors import GitProtocolError
from paramiko import SSHException
from paramiko.ssh_exception import IncompatiblePeer

from workers.git.failure import PollFailedError
from workers.git.listing import MAX_BYTES, CannotServeError, NotGitError, TooLargeError

BROKEN: Final = (
    OSError,
    EOFError,
    HTTPException,
    SSHException,
    GitProtocolError,
    CannotServeError,
    NotGitError,
    TooLargeError,
)
"""What breaks a conversation."""

_MIB: Final = 1024 * 1024
_QUOTED: Final = 200


def broken(host: str, error: Exception) -> PollFailedError:
    """The failure that an error during a conversation stands for.

    Args:
        host: of the server.
        error: one of BROKEN.
    """
    match error:
        case CannotServeError():
            said = _quoted(str(error))
            return PollFailedError(
                f"{host} does not serve this repository. {f'It says: {said}' if said else ''}".rstrip()
            )
        case TooLargeError():
            return PollFailedError(
                f"{host} lists more than {MAX_BYTES // _MIB} MiB of refs; that is not read to its end."
            )
        case IncompatiblePeer():
            return PollFailedError(
                f"{host} and this gateway have no way of ssh in common; that server is too old."
            )
        case SSHException() | EOFError() | IncompleteRead() | OSError():
            return PollFailedError(f"{host} broke the connection off.", is_host_fault=True)
        case GitProtocolError() if isinstance(error.__context__, OSError):
            return PollFailedError(f"{host} broke the connection off.", is_host_fault=True)
        case _:
            return PollFailedError(
                f"{host} answers with something else than Git; is `repo` the URL to clone from?"
            )


def _quoted(text: str) -> str:
    """What a server says, fit to be shown: one line, and not endless."""
    words = "".join(char if char.isprintable() else " " for char in text).split()
    return " ".join(words)[:_QUOTED]
