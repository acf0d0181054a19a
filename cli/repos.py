"""`fleet repos`: Git repositories that the gateway watches, over the control API."""

import os
from collections.abc import Iterator
from typing import Annotated, Final

import typer

from cli import repo_words as words
from cli.answers import complain, say, say_facts, say_json, say_table
from cli.asking import confirm
from cli.client import ApiError, ControlApi, control_api
from cli.options import AsJson, Insecure, Namespace, Yes, examples
from cli.paging import pages
from cli.places import place_of
from cli.surroundings import clock_ms
from config.settings import load
from domain.errors import UnknownThingError

app: Final = typer.Typer(
    no_args_is_help=True,
    help="Git repositories that are watched for commits; 'fleet apply' brings them. These commands speak to"
    " the relay.",
)

_METAVAR: Final = "NAMESPACE/NAME"

Wanted = Annotated[
    str, typer.Argument(metavar=_METAVAR, help="The repo; its name alone, when only one is called so.")
]


@app.command("list", epilog=examples("fleet repos list", "fleet repos list -n infra --json"))
def listing(*, namespace: Namespace = None, as_json: AsJson = False, insecure: Insecure = False) -> None:
    """Show all repos: what they follow, the commit that subscribers were told of, and how they are."""
    api = control_api(load(os.environ), insecure=insecure)
    chosen = {} if namespace is None else {"namespace": namespace}
    found = list(pages(api, "repos", chosen))
    repos = [repo for page in found for repo in page["repos"]]
    if as_json:
        say_json({"repos": repos, "receiver": found[0]["receiver"]})
    elif not repos:
        say(words.EMPTY if namespace is None else f"No repos in the namespace {namespace}.")
    else:
        columns = ("NAME", "FOLLOWS", "COMMIT", "WHEN", "FROM", "NEXT POLL", "STATE")
        now_ms = clock_ms()
        say_table(columns, (words.row(each, now_ms) for each in repos), whole="NAME")
        if alarms := words.alarms(repos):
            say("", *alarms)


@app.command(epilog=examples("fleet repos show infra/app", "fleet repos show app --json"))
def show(wanted: Wanted, *, as_json: AsJson = False, insecure: Insecure = False) -> None:
    """Show one repo: what it follows, what the last poll and push said, and what becomes of pushes."""
    api = control_api(load(os.environ), insecure=insecure)
    found = api.ask("GET", "repos", *place_of(api, "repo", wanted))
    if as_json:
        say_json(found)
    else:
        say_facts(words.facts(found, clock_ms()))


@app.command(epilog=examples("fleet repos delete infra/app", "fleet repos delete app --yes"))
def delete(wanted: Wanted, *, yes: Yes = False, as_json: AsJson = False, insecure: Insecure = False) -> None:
    """Delete a repo: it is not watched any more. Its Secrets and the webhook stay."""
    api = control_api(load(os.environ), insecure=insecure)
    found = api.ask("GET", "repos", *place_of(api, "repo", wanted))
    if not yes:
        confirm(f"Delete repo {found['name']}? Its commits are not announced any more.")
    api.ask("DELETE", "repos", *found["name"].split("/"))
    if as_json:
        say_json({"deleted": found["id"], "name": found["name"]})
    else:
        say(f"Repo {found['name']} is deleted; it is not watched any more.")


@app.command(
    epilog=examples("fleet repos sync infra/app", "fleet repos sync app web", "fleet repos sync --all")
)
def sync(
    wanted: Annotated[
        list[str] | None,
        typer.Argument(metavar=_METAVAR, help="Repos; a name alone, when only one is called so."),
    ] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="All repos, instead of naming them.")] = False,
    as_json: AsJson = False,
    insecure: Insecure = False,
) -> None:
    """Poll repos now, whatever their interval is. One that cannot be polled does not stop the others."""
    if bool(wanted) is every:
        raise typer.BadParameter("Name repos, or use --all.")
    api = control_api(load(os.environ), insecure=insecure)
    names = list(_all_names(api)) if every else wanted or []
    synced: list[str] = []
    for name in names:
        try:
            synced.append(api.ask("POST", "repos", *place_of(api, "repo", name), "sync")["name"])
        except (ApiError, UnknownThingError) as error:
            complain(str(error))
    if as_json:
        say_json({"synced": synced})
    elif not names:
        say(words.EMPTY)
    elif synced:
        are = f"{synced[0]} is" if len(synced) == 1 else f"{len(synced)} repos are"
        say(f"{are} polled now; 'fleet repos list' shows what is found.")
    if len(synced) < len(names):
        raise typer.Exit(1)


def _all_names(api: ControlApi) -> Iterator[str]:
    return (repo["name"] for page in pages(api, "repos", {}) for repo in page["repos"])
