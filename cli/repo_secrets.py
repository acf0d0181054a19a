"""`fleet secrets`: what vouches for pushes and opens Git servers, over the control API. No value is shown."""

import os
from typing import Annotated, Final

import typer

from cli.answers import say, say_json, say_table
from cli.asking import confirm
from cli.client import Json, control_api
from cli.options import AsJson, Insecure, Namespace, Yes, examples
from cli.paging import pages
from cli.places import place_of
from config.settings import load

app: Final = typer.Typer(
    no_args_is_help=True,
    help="Secrets that repos use; 'fleet apply' brings them. Not the signing secrets of webhooks. These"
    " commands speak to the relay.",
)


@app.command("list", epilog=examples("fleet secrets list", "fleet secrets list -n infra"))
def listing(*, namespace: Namespace = None, as_json: AsJson = False, insecure: Insecure = False) -> None:
    """Show all Secrets with the names of their keys. Nobody is ever shown a value."""
    api = control_api(load(os.environ), insecure=insecure)
    chosen = {} if namespace is None else {"namespace": namespace}
    found = [secret for page in pages(api, "secrets", chosen) for secret in page["secrets"]]
    if as_json:
        say_json({"secrets": found})
    elif not found:
        where = "" if namespace is None else f" in the namespace {namespace}"
        say(f"No Secrets{where} yet; 'fleet apply -f FILE' brings those of Rancher Fleet's files.")
    else:
        say_table(("NAME", "TYPE", "KEYS"), map(_row, found), whole="NAME")


@app.command(epilog=examples("fleet secrets delete infra/git-credentials --yes"))
def delete(
    wanted: Annotated[
        str,
        typer.Argument(
            metavar="NAMESPACE/NAME", help="The Secret; its name alone, when only one is called so."
        ),
    ],
    *,
    yes: Yes = False,
    as_json: AsJson = False,
    insecure: Insecure = False,
) -> None:
    """Delete a Secret. Pushes that it vouched for are refused, and what it opened stays shut."""
    api = control_api(load(os.environ), insecure=insecure)
    place = place_of(api, "Secret", wanted)
    found = api.ask("GET", "secrets", *place)
    if not yes:
        confirm(f"Delete Secret {found['name']}? Repos that use it cannot do without.")
    api.ask("DELETE", "secrets", *place)
    if as_json:
        say_json({"deleted": found["name"]})
    else:
        say(f"Secret {found['name']} is deleted.")


def _row(secret: Json) -> tuple[object, ...]:
    if secret["keys"] is None:
        return secret["name"], "UNREADABLE", "its sealing key is gone"
    return secret["name"], secret["type"], [each["name"] for each in secret["keys"]] or "-"
