"""One-time codes that open the dashboard: made by whoever has the access token, used up by a browser."""

from typing import Final

from domain.errors import FleetError
from store.calls import Call, Reply, one, text
from store.scripts import load

LIFE_MS: Final = 5 * 60 * 1000
"""How long a code may be used."""

CODE_BYTES: Final = 24
MOST: Final = 100
"""Codes that one access token may have made in LIFE_MS."""


class TooManyLinksError(FleetError):
    """An access token has had too many codes made."""

    def __init__(self) -> None:
        super().__init__(f"{MOST} links were made within 5 minutes; use one of them, or wait.")


def offer(code_hash: str, token_hash: str) -> Call[None]:
    """Let a code open the dashboard once, for LIFE_MS.

    Args:
        code_hash: SHA-256 of the code; the code itself stays with whoever made it.
        token_hash: SHA-256 of the access token in whose name it opens.

    Raises:
        TooManyLinksError: too many were made in its name (when the reply is parsed).
    """

    def parse(reply: Reply) -> None:
        if not reply:
            raise TooManyLinksError

    return one(load("offer_sign_in").command(code_hash, token_hash, LIFE_MS, MOST), parse)


def use(code_hash: str, user: str) -> Call[str | None]:
    """Use up a code.

    Args:
        code_hash: SHA-256 of the code.
        user: a fresh id; only with it the same code opens again, should the reply be lost.

    Returns:
        SHA-256 of the access token in whose name it opens, None when it opens no more.
    """
    return one(
        load("use_sign_in").command(code_hash, user), lambda reply: None if reply is None else text(reply)
    )
