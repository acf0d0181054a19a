"""Forged requests: changes that a page of somebody else asks for with the owner's cookie.

Three things have to fit: the cookie is SameSite=Strict, the browser says that the request comes from a page
of ours (Sec-Fetch-Site, https://www.w3.org/TR/fetch-metadata/, or Origin, RFC 6454), and the form bears the
nonce of the session.
"""

from typing import Final
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from domain.errors import FleetError


class ForgedError(FleetError):
    """A change that no page of ours asked for, or one of an older session."""

    def __init__(self) -> None:
        super().__init__(
            "This form was not made by this session, so nothing was changed. Go back, reload the page and try"
            " again. Behind a proxy, check that it passes the Host header on."
        )


HEADER: Final = "x-fleet-csrf"
FIELD: Final = "csrf"


def is_ours(connection: HTTPConnection) -> bool:
    """Whether the browser says that a request was made by a page of this very address.

    Sec-Fetch-Site is sent over https and to this machine only, and is the browser's own comparison: a proxy
    may have given us another Host than the browser knows. Origin always comes with a POST. Neither: no
    browser sent this.
    """
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = connection.headers.get("origin")
    return origin is not None and _place_of(origin) == connection.headers.get("host")


def _place_of(origin: str) -> str | None:
    """Host and port of an origin, None when it is none."""
    try:
        return urlsplit(origin).netloc or None
    except ValueError:
        return None
