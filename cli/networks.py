"""`fleet networks`: named lists of senders' addresses, on the server: these commands work on the store."""

import os
from typing import Annotated, Final

import typer

from cli.answers import complain, say, say_facts, say_json, say_table
from cli.gateways import run
from cli.options import AsJson, examples
from cli.refreshing import Refreshed, refreshed
from cli.surroundings import clock_ms
from config.settings import Settings, load
from domain.allowed import LIST_MARK
from domain.errors import FleetError
from domain.named import SHIPPED, NamedList
from store import named_lists

app: Final = typer.Typer(
    no_args_is_help=True,
    help="Named lists of senders' addresses, for --allow-ip @NAME. These commands run on the server.",
)

Wanted = Annotated[str, typer.Argument(metavar="NAME", help="Name of the list, with or without its @.")]


@app.command("list", epilog=examples("fleet networks list"))
def listing(*, as_json: AsJson = False) -> None:
    """Show every list, and of which day it is."""
    found = run(load(os.environ), named_lists.every())
    lists = [found[name] for name in sorted(found)]
    if as_json:
        say_json({"networks": [_facts(named) for named in lists]})
        return
    rows = ((f"{LIST_MARK}{each.name}", each.title, len(each.networks), each.as_of) for each in lists)
    say_table(("NAME", "SENDER", "NETWORKS", "AS OF"), rows)


@app.command(epilog=examples("fleet networks show github"))
def show(wanted: Wanted, *, as_json: AsJson = False) -> None:
    """Show one list with its networks."""
    named = _known(run(load(os.environ), named_lists.every()), wanted)
    if as_json:
        say_json({**_facts(named), "networks": list(named.networks)})
        return
    say_facts(
        {
            "Name": f"{LIST_MARK}{named.name}",
            "Sender": named.title,
            "Source": named.source,
            "Refreshed from": named.feed or "-",
            "As of": named.as_of,
        }
    )
    say("", *named.networks)


@app.command(
    epilog=examples(
        "fleet networks refresh",
        "fleet networks refresh github stripe",
        "fleet networks refresh mollie --from https://ip-ranges.mollie.com/ips.txt",
        "fleet networks refresh office --from office.txt",
    )
)
def refresh(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME]...", help="The lists; without a name, all whose senders publish a file."
        ),
    ] = None,
    *,
    origin: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="FILE|URL",
            help="Take the networks of one list from here; an unknown name makes a list of your own.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Get the networks that senders publish now. Every ingress uses them within a minute.

    A line for each list says what changed. A list that cannot be had, is empty, or holds what is not of the
    public internet is refused with exit code 1: it stays as it was. Files are JSON as GitHub, Stripe,
    Atlassian or Paddle publish it, a JSON list, or lines with # comments; URLs are https. Run it from cron.
    """
    settings = load(os.environ)
    known = run(settings, named_lists.every())
    wanted = [_bare(name) for name in names or []] or [name for name in sorted(known) if known[name].feed]
    if origin is not None and len(names or []) != 1:
        raise typer.BadParameter("--from is for one list; name it.")
    told = [_refresh(settings, name, known.get(name), origin, as_json=as_json) for name in wanted]
    if as_json:
        say_json({"networks": told})
    if any("error" in each for each in told):
        raise typer.Exit(1)


@app.command(epilog=examples("fleet networks forget office"))
def forget(wanted: Wanted, *, as_json: AsJson = False) -> None:
    """Forget what was refreshed: the list that came with the program holds again, a list of your own is gone.

    A webhook that names a list that is gone lets nobody in by it.
    """
    settings = load(os.environ)
    named = _known(run(settings, named_lists.every()), wanted)
    run(settings, named_lists.forget(named.name))
    if as_json:
        say_json({"forgotten": named.name})
    elif named.name in SHIPPED:
        say(f"{LIST_MARK}{named.name} is as of {SHIPPED[named.name].as_of} again.")
    else:
        say(f"{LIST_MARK}{named.name} is gone.")


def _refresh(
    settings: Settings, name: str, known: NamedList | None, origin: str | None, *, as_json: bool
) -> dict[str, object]:
    try:
        done = refreshed(name, known, origin, clock_ms())
        run(settings, named_lists.keep(done.named))
    except FleetError as error:
        if not as_json:
            complain(f"{LIST_MARK}{name} stays as it was: {error}")
        return {"name": name, "error": str(error)}
    if not as_json:
        say(f"{LIST_MARK}{name}: {_change(done)}, {len(done.named.networks)} networks")
    return {**_facts(done.named), "added": done.added, "removed": done.removed}


def _change(done: Refreshed) -> str:
    return f"+{done.added} -{done.removed}" if done.added or done.removed else "unchanged"


def _known(lists: dict[str, NamedList], wanted: str) -> NamedList:
    named = lists.get(_bare(wanted))
    if named is None:
        raise FleetError(f"There is no list {wanted!r} on this server; see 'fleet networks list'.")
    return named


def _bare(name: str) -> str:
    return name.removeprefix(LIST_MARK)


def _facts(named: NamedList) -> dict[str, object]:
    return {
        "name": named.name,
        "title": named.title,
        "source": named.source,
        "feed": named.feed,
        "as_of": named.as_of,
        "count": len(named.networks),
    }
