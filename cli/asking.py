"""Questions to whoever sits at the terminal, and secrets, which come from there or from standard input."""

import sys

import typer

from domain.errors import InvalidInputError
from domain.secret import MAX_SECRET_BYTES


def confirm(question: str) -> None:
    """Go on only if the answer is yes.

    Raises:
        typer.BadParameter: there is no terminal to ask at.
        typer.Abort: it is no.
    """
    if not sys.stdin.isatty():
        raise typer.BadParameter("Nobody can be asked here; add --yes to do it without asking.")
    if not typer.confirm(question, err=True):
        raise typer.Abort


def read_secret(prompt: str = "Signing secret", *, exact: bool = False, twice: bool = False) -> str:
    """A secret from a hidden prompt, or from standard input, whose final line end is not part of it.

    Args:
        prompt: what to ask for.
        exact: every byte of standard input is part of it.
        twice: ask for it twice, since nobody sees what is typed.

    Raises:
        InvalidInputError: it is empty, too long, or no UTF-8 text.
    """
    if sys.stdin.isatty():
        typed: str = typer.prompt(prompt, hide_input=True, confirmation_prompt=twice, err=True)
        raw = typed.encode()
    else:
        raw = sys.stdin.buffer.read(MAX_SECRET_BYTES + len(b"\r\n") + 1)
        raw = raw if exact else raw.removesuffix(b"\n").removesuffix(b"\r")
        if not raw:
            raise InvalidInputError(
                "secret", "Nothing came on standard input, from where the secret is read."
            )
    if not 0 < len(raw) <= MAX_SECRET_BYTES:
        raise InvalidInputError("secret", f"A secret has 1 to {MAX_SECRET_BYTES} bytes.")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise InvalidInputError("secret", "The secret is no UTF-8 text.") from None
