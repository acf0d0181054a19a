"""Headers of every answer of the dashboard: what a browser may do with it."""

from typing import Final

from starlette.responses import Response

POLICY: Final = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""Nothing from elsewhere, no inline script or style, and in nobody's frame."""

HEADERS: Final = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # Not no-referrer: a browser would then say "Origin: null" with our own forms (Fetch, 3.2), and over plain
    # http that is all there is to tell them from forged ones. No other site learns anything either way.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


def guard(response: Response, caching: str = "no-store") -> None:
    """Put them on an answer.

    Args:
        response: the answer.
        caching: what Cache-Control says.
    """
    response.headers.update(HEADERS)
    response.headers["cache-control"] = caching
