"""What a page says once, after something was done: it travels with the redirect in a sealed cookie."""

from typing import Final

from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response

from relay.server.context import RelayContext
from relay.server.dashboard.session import sealed, set_cookie, unsealed

COOKIE: Final = "fleet_said"
_PLACE: Final = b"said"
_LIFE_S: Final = 60
_MAX_CHARS: Final = 400


def redirect(
    connection: HTTPConnection, to: str, sentence: str = "", *, is_problem: bool = False
) -> Response:
    """Lead on to a page of ours, which says a sentence.

    Args:
        connection: the request.
        to: path of the page.
        sentence: what it is to say; never a secret.
        is_problem: whether something went wrong.
    """
    response = RedirectResponse(to, 303)
    if sentence:
        context: RelayContext = connection.app.state.context
        facts = {"sentence": sentence[:_MAX_CHARS], "is_problem": is_problem}
        set_cookie(response, connection, COOKIE, sealed(context, facts, _PLACE), _LIFE_S)
    return response


def taken(connection: HTTPConnection) -> dict[str, object] | None:
    """What is to be said on this page; None: nothing."""
    context: RelayContext = connection.app.state.context
    return unsealed(context, connection.cookies.get(COOKIE, ""), _PLACE)


def forget(response: Response, connection: HTTPConnection) -> None:
    """It was said."""
    set_cookie(response, connection, COOKIE, "", 0)
