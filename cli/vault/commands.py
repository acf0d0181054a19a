"""`fleet vault`: secrets on this machine. One command prints one, on a terminal only."""

import os
import sys
from typing import Annotated, Final

import typer

from cli.answers import complain, printable, say, say_json, say_table, write_out
from cli.asking import confirm, read_secret
from cli.client import control_api, logged_in
from cli.logins import LOGIN
from cli.options import AsJson, Insecure, Yes, examples
from cli.rotation import Exact
from cli.vault.file_vault import FileVault
from cli.vault.key_sources import MIN_PASSPHRASE_CHARS, as_bytes
from cli.vault.opening import open_vault
from cli.vault.pulling import MARK, NameTakenError, forget, pull_secret
from cli.vault.vault import Vault, VaultError
from config.settings import load
from domain.errors import InvalidInputError
from domain.secret import checked_value
from domain.webhook import checked_name

app: Final = typer.Typer(
    no_args_is_help=True,
    help="Secrets on this machine: in its keyring, or in an encrypted file where there is none.",
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Its name in the vault.")]


@app.command(
    "set", epilog=examples("fleet vault set stripe-live", "fleet vault set pay --stdin < secret-file")
)
def keep(
    name: Name,
    *,
    from_stdin: Annotated[
        bool, typer.Option("--stdin", help="Read it from standard input, without the final line end.")
    ] = False,
    exact: Exact = False,
    as_json: AsJson = False,
) -> None:
    """Keep a secret, in place of the one before.

    It is asked for twice without showing it, or read from standard input. It is never an argument: those end
    up in histories.
    """
    checked_name("name", name)
    if not from_stdin and not sys.stdin.isatty():
        raise typer.BadParameter("Nobody can be asked here; --stdin reads the secret from standard input.")
    vault = open_vault(load(os.environ))
    secret = read_secret("Secret", exact=exact, twice=True)
    checked_value(secret, exact=exact)
    is_first = not vault.names()
    vault.set(name, secret)
    if as_json:
        say_json({"name": name, "vault": vault.place})
        return
    _say_kept(vault, f"{name} is kept in {vault.place}.", is_first=is_first)


@app.command("list", epilog=examples("fleet vault list"))
def listing(*, as_json: AsJson = False) -> None:
    """Show the names of all secrets, and where they are."""
    vault = open_vault(load(os.environ))
    names = vault.names()
    if as_json:
        say_json({"vault": vault.place, "names": names})
        return
    if not names:
        say(f"There is nothing in {vault.place} yet; 'fleet vault set NAME' keeps a secret.")
        return
    say(f"In {vault.place}:", "")
    say_table(("NAME", "WHAT"), [(name, _what(name)) for name in names], whole="NAME")
    if vault.caution:
        say("", vault.caution)


@app.command(epilog=examples("fleet vault delete stripe-live", "fleet vault delete stripe-live --yes"))
def delete(name: Name, *, yes: Yes = False, as_json: AsJson = False) -> None:
    """Forget a secret."""
    vault = open_vault(load(os.environ))
    if not yes:
        confirm(f"Forget {name}? Nothing else on this machine has it.")
    if not forget(vault, name):
        raise _missing(vault, name)
    if as_json:
        say_json({"deleted": name, "vault": vault.place})
    else:
        say(f"{name} is out of {vault.place}.")


@app.command(epilog=examples("fleet vault show stripe-live"))
def show(name: Name) -> None:
    """Show a secret, on a terminal only, and after asking. No other command ever does."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise VaultError(
            "A secret is shown only to a person at a terminal, never into a file or to another program."
        )
    vault = open_vault(load(os.environ))
    secret = vault.get(name)
    if secret is None:
        raise _missing(vault, name)
    confirm(f"Show {name} on this screen?")
    lines = secret.split("\n")
    write_out("".join(f"{printable(line)}\n" for line in lines))
    if not all(line.isprintable() for line in lines):
        say("It has characters that cannot be shown; they stand as \N{REPLACEMENT CHARACTER}.")


@app.command(epilog=examples("fleet vault pull github", "fleet vault pull github --as github-prs"))
def pull(
    webhook: Annotated[str, typer.Argument(metavar="WEBHOOK", help="Name or id of the webhook.")],
    *,
    name: Annotated[
        str | None,
        typer.Option("--as", metavar="NAME", help="Its name in the vault; the webhook's unless said."),
    ] = None,
    yes: Yes = False,
    as_json: AsJson = False,
    insecure: Insecure = False,
) -> None:
    """Bring the secret that the gateway holds for a webhook into the vault. It hands it out once.

    It may replace what was pulled for the same webhook before, as after a rotation. Another secret of that
    name is replaced only if you say so; --as keeps both.

    If this is cut off, do it again: within 24 hours it is given the same secret.
    """
    wanted = checked_name("name", name or webhook)
    settings = logged_in(load(os.environ))
    api = control_api(settings, insecure=insecure)
    vault = open_vault(settings)
    is_first = not vault.names()
    try:
        secret = pull_secret(api, vault, webhook, wanted, may_replace=yes)
    except NameTakenError as taken:
        complain(str(taken))
        confirm(f"Replace {wanted}? Nothing else on this machine has the one that is there.")
        secret = pull_secret(api, vault, webhook, wanted, may_replace=True)
    if as_json:
        say_json({"name": wanted, "secret_id": secret, "vault": vault.place})
        return
    _say_kept(
        vault, f"The secret of webhook {webhook} is kept in {vault.place} as {wanted}.", is_first=is_first
    )


@app.command(epilog=examples("fleet vault passphrase", "fleet vault passphrase --remove"))
def passphrase(
    *,
    remove: Annotated[bool, typer.Option("--remove", help="Let the key file open it again.")] = False,
) -> None:
    """Give the encrypted file a passphrase, or another one. It is asked for; keyrings need none."""
    vault = open_vault(load(os.environ))
    if not isinstance(vault, FileVault):
        raise VaultError(
            f"Your secrets are in {vault.place}, which your login protects. To have an encrypted file"
            " instead, set FLEET_VAULT=file."
        )
    vault.names()  # asks for the present one, which has to be right, before the new one
    vault.reseal(None if remove else as_bytes(_new_passphrase()))
    if remove:
        _say_kept(vault, f"The passphrase of {vault.place} is gone.", is_first=True)
    else:
        say(
            f"From now on a passphrase opens {vault.place}.",
            "Older copies of it are opened by what opened them before. Nobody can open it without.",
        )


def _new_passphrase() -> str:
    if not sys.stdin.isatty():
        raise typer.BadParameter("Nobody can be asked here; a passphrase is typed on a terminal.")
    typed: str = typer.prompt("New passphrase", hide_input=True, confirmation_prompt=True, err=True)
    if len(typed) < MIN_PASSPHRASE_CHARS:
        raise InvalidInputError(
            "passphrase",
            f"A passphrase has at least {MIN_PASSPHRASE_CHARS} characters, better several words.",
        )
    return typed


def _say_kept(vault: Vault, sentence: str, *, is_first: bool) -> None:
    """Say so; where the vault begins, or its key changes, with who else can read it."""
    say(sentence)
    if is_first and vault.caution:
        say(vault.caution)


def _what(name: str) -> str:
    if name.startswith(LOGIN):
        return "access token"
    if name.startswith(MARK):
        webhook = name.removeprefix(MARK).partition("@")[0]
        return f"a pull was cut off: 'fleet vault pull {webhook}' ends it"
    return "secret"


def _missing(vault: Vault, name: str) -> VaultError:
    return VaultError(f"There is no {name!r} in {vault.place}; 'fleet vault list' shows what there is.")
