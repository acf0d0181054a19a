"""`fleet dashboard`: a link that signs a browser in, once."""

import os
import webbrowser
from typing import Annotated, Final
from urllib.parse import urlsplit

import typer

from cli.answers import complain, say, say_json
from cli.client import control_api, logged_in
from cli.options import AsJson, Insecure, examples
from config.settings import load

EPILOG: Final = examples("fleet dashboard", "fleet dashboard --open")
ENTRANCE: Final = "/dashboard/enter"


def dashboard(
    *,
    opened: Annotated[bool, typer.Option("--open", help="Open it in this machine's browser.")] = False,
    as_json: AsJson = False,
    insecure: Insecure = False,
) -> None:
    """Print a link that opens the dashboard in a browser, once and within 5 minutes.

    The session lasts 12 hours, and ends at once when the access token is revoked or renewed.
    """
    settings = logged_in(load(os.environ))
    made = control_api(settings, insecure=insecure).ask("POST", "sign-in-links")
    # The relay may not know of a proxy that speaks TLS for it; where we have reached it, a browser does.
    url = entrance(settings.api_url, urlsplit(str(made["url"])).fragment)
    if as_json:
        say_json({**made, "url": url})
    else:
        say(url)
    if opened and not webbrowser.open(url):
        complain("There is no browser here; open the link in one that reaches the relay.")


def entrance(api_url: str, code: str) -> str:
    """The link for a one-time code.

    Args:
        api_url: where the relay is.
        code: behind the #, where it gets into no log.
    """
    return f"{api_url}{ENTRANCE}#{code}"
