"""The command `fleet`. Its exit codes are in `cli.exits`."""

import sys
from typing import Annotated, Final, NoReturn

import typer
from redis.exceptions import NoPermissionError, RedisError
from typer.main import get_command

from cli import (
    apply,
    audit,
    connect,
    dashboard,
    deliveries,
    demo,
    doctor,
    events,
    exits,
    gateways,
    init,
    limits,
    login,
    mcp,
    networks,
    queues,
    repo_secrets,
    repos,
    run,
    senders,
    settings,
    stack,
    status,
    subscriptions,
    trigger,
    webhooks,
    why,
)
from cli.answers import complain, end_unread, say
from cli.called import program
from cli.help import reword_help
from cli.listen import command
from cli.vault import commands as vault
from domain.errors import FleetError
from domain.version import VERSION

app: Final = typer.Typer(
    name="fleet",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="rich",
    # A traceback with local variables would show tokens.
    pretty_exceptions_enable=False,
    help="Fleet Gateway: brings webhooks from the internet to programs that it cannot reach.",
    epilog=(
        "./fleet also takes test, check and bench, for those who work on Fleet Gateway."
        f" Exit codes: {exits.in_short()}. Settings: FLEET_* variables."
    ),
)


def _version(wanted: bool) -> None:  # noqa: FBT001 - so Typer calls it
    if wanted:
        say(f"Fleet Gateway {VERSION}")
        raise typer.Exit


@app.callback()
def root(
    *,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help="Say which version this is.")
    ] = False,
) -> None:
    """What comes before a command."""
    del version


app.command()(demo.demo)
app.command()(stack.up)
app.command(epilog=login.LOGIN)(login.login)
app.command(epilog=login.LOGOUT)(login.logout)
app.command(epilog=command.EPILOG)(command.listen)
app.command(epilog=connect.EPILOG)(connect.connect)
app.command(epilog=mcp.EPILOG)(mcp.mcp)
app.command(epilog=dashboard.EPILOG)(dashboard.dashboard)
app.command(epilog=trigger.EPILOG)(trigger.trigger)
app.command(epilog=apply.EPILOG)(apply.apply)
app.command(epilog=status.EPILOG)(status.status)
app.command(epilog=why.EPILOG)(why.why)
app.command(epilog=audit.EPILOG)(audit.audit)
app.command()(init.init)
app.command()(settings.settings)
gateways.app.command(epilog=limits.EPILOG)(limits.limits)
app.add_typer(run.app, name="run")
app.add_typer(gateways.app, name="gateways")
app.add_typer(networks.app, name="networks")
app.add_typer(senders.app, name="senders")
app.add_typer(webhooks.app, name="webhooks")
app.add_typer(subscriptions.app, name="subscriptions")
app.add_typer(repos.app, name="repos")
app.add_typer(repo_secrets.app, name="secrets")
app.add_typer(events.app, name="events")
app.add_typer(deliveries.app, name="deliveries")
app.add_typer(queues.app, name="queues")
app.add_typer(vault.app, name="vault")
app.add_typer(doctor.app, name="doctor")


def main() -> None:
    """Run the command line; what goes wrong on purpose is one sentence on standard error."""
    try:
        try:
            command = get_command(app)
            reword_help(command)
            command(prog_name=program())
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        end_unread()
    except FleetError as error:
        _give_up(str(error))
    except NoPermissionError:
        _give_up("Redis does not allow this to the user in FLEET_REDIS_URL; the relay's user may do it.")
    except RedisError as error:
        _give_up(f"Redis did not do this ({type(error).__name__}); see its log, then try again.")


def _give_up(sentence: str) -> NoReturn:
    complain(*sentence.splitlines())
    sys.exit(exits.Exit.FAILED)
