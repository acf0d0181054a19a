"""`fleet login` and `fleet logout`: the access token of a relay, in the vault of this machine."""

import os
import sys
from typing import Annotated, Final

import typer

from cli import logins
from cli.answers import say, say_json
from cli.api_errors import ApiError
from cli.asking import read_secret
from cli.client import ControlApi, keep_private, logged_in
from cli.options import AsJson, Insecure, examples
from cli.vault import VaultError, open_vault
from config.settings import Settings, load, says
from domain.errors import InvalidInputError

LOGIN: Final = examples(
    "fleet login https://relay.example.org",
    "fleet login https://relay.example.org --token-stdin < token-file",
)
LOGOUT: Final = examples("fleet logout", "fleet logout https://relay.example.org")


def login(
    url: Annotated[
        str | None, typer.Argument(metavar="URL", help="Where the relay is; FLEET_API_URL unless said.")
    ] = None,
    *,
    token_stdin: Annotated[
        bool, typer.Option("--token-stdin", help="Read the access token from standard input.")
    ] = False,
    as_json: AsJson = False,
    insecure: Insecure = False,
) -> None:
    """Keep the access token of a relay in the vault of this machine, so that commands find it.

    The token is asked for without showing it, or read from standard input. It is never an argument: those end
    up in histories. The relay is asked whether it knows the token before it is kept.

    From then on commands go to the relay of the latest login, unless FLEET_API_URL names another one. Where
    FLEET_TOKEN is set, or the state folder has a token, as beside 'fleet up', that goes before.
    """
    settings = _settings(url)
    keep_private(settings.api_url, insecure=insecure)
    token = _token(is_piped=token_stdin)
    api = ControlApi(settings.api_url, token, insecure=insecure, ca_file=settings.ca_file)
    name = api.ask("GET", "gateway")["name"]
    if not isinstance(name, str):
        raise ApiError(f"What answers at {settings.api_url} is no Fleet Gateway relay; nothing was kept.")
    vault = open_vault(settings)
    is_first = not vault.names()
    vault.set(logins.token_name(settings.api_url), token)
    logins.remember(settings, settings.api_url)
    if as_json:
        say_json({"url": settings.api_url, "gateway": name, "vault": vault.place})
        return
    say(f"Logged in at {settings.api_url} as gateway {name}. Its access token is in {vault.place}.")
    if is_first and vault.caution:
        say(vault.caution)
    if settings.token is not None:
        say(_other_token(settings))


def logout(
    url: Annotated[
        str | None, typer.Argument(metavar="URL", help="Which relay; that of the latest login unless said.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Forget the access token of a relay on this machine. It goes on to open the gateway wherever else it is.

    'fleet gateways renew NAME' on the server makes a new one in its place.
    """
    settings = load(os.environ) if url is None else _settings(url)
    known = logins.read(settings)
    wanted = known.current if url is None else settings.api_url
    if wanted is None or wanted not in known.relays:
        raise VaultError(f"There is no login at {wanted} to end." if wanted else "There is no login to end.")
    vault = open_vault(settings)
    vault.delete(logins.token_name(wanted))
    logins.forget(settings, wanted)
    if as_json:
        say_json({"url": wanted})
    else:
        say(f"Logged out at {wanted}; its access token is out of {vault.place}.")


def _other_token(settings: Settings) -> str:
    """Which token goes before that of the login, where commands go with it, and how that ends."""
    goes_to = load(os.environ).api_url
    if said := says(os.environ, "FLEET_TOKEN"):
        return (
            f"BUT {said}, and goes before it: commands here go to {goes_to} with that token, until it is"
            " taken away."
        )
    return (
        f"BUT there is the file {settings.secrets_dir / 'token'}, as 'fleet up' makes it, and its token goes"
        f" before: commands here go to {goes_to} with it. For the relay of the login, set FLEET_STATE_DIR to"
        " another folder; or remove the file, if no gateway runs here."
    )


def _settings(url: str | None) -> Settings:
    """The settings with the address that was named; it meets the same rules as one in the environment."""
    return logged_in(load(os.environ)) if url is None else load({**os.environ, "FLEET_API_URL": url})


def _token(*, is_piped: bool) -> str:
    if not is_piped and not sys.stdin.isatty():
        raise typer.BadParameter("Nobody can be asked here; --token-stdin reads it from standard input.")
    token = read_secret("Access token")
    if not token.isascii() or not token.isprintable() or " " in token:
        raise InvalidInputError(
            "token",
            "An access token is one word of printable ASCII, as 'fleet gateways create NAME' showed it.",
        )
    return token
