"""`fleet gateways`: accounts, made on the server: these commands work on the store, not over the API."""

import os
import secrets
from dataclasses import replace
from typing import Annotated, Final, TypeVar

import typer
from redis.exceptions import RedisError

from cli.answers import day_and_time, say, say_facts, say_json, say_table
from cli.durations import duration_ms
from cli.options import AsJson, examples
from cli.surroundings import RedisAwayError, clock_ms, redis_url
from cli.tokens import state
from config.settings import Settings, load
from domain.errors import FleetError, InvalidInputError
from domain.gateway import Gateway
from domain.ids import ENTROPY_BYTES, is_id, new_id
from domain.webhook import checked_name
from relay.server.api.views import moment
from store import gateways, tokens
from store.calls import Call
from store.connect import SyncStore

T = TypeVar("T")

Expires = Annotated[
    int | None,
    typer.Option(parser=duration_ms, metavar="TIME", help="When the token ends: 90d, 12h, 30m. Else never."),
]
Grace = Annotated[
    int | None,
    typer.Option(
        parser=duration_ms, metavar="TIME", help="How long the old token opens, too. Else it ends now."
    ),
]

app: Final = typer.Typer(
    no_args_is_help=True,
    help="Accounts that own webhooks and subscriptions. These commands run on the server.",
)


@app.command(
    epilog=examples("fleet gateways create laptop", "fleet gateways create laptop --expires 90d --json")
)
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to call it: a-z, 0-9, '.', '_' and '-'.")],
    *,
    expires: Expires = None,
    operator: Annotated[
        bool, typer.Option("--operator", help="Its owner sees and stops what all gateways share.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a gateway. Its access token is shown this once."""
    now_ms = clock_ms()
    gateway = new_gateway(name, now_ms, secrets.token_bytes(ENTROPY_BYTES))
    gateway = replace(gateway, expires_at=_later(now_ms, expires), is_operator=operator)
    token = tokens.access_token(secrets.token_bytes(tokens.ACCESS_TOKEN_BYTES))
    run(load(os.environ), gateways.create(gateway, tokens.hashed(token)))
    if as_json:
        say_json({**_facts(gateway), "token": token})
        return
    say(f"Gateway {gateway.name} is ready.", "")
    say_facts({"Gateway ID": gateway.id, "Access token": token, "Token": state(gateway, now_ms)})
    _say_where_to()


@app.command("list", epilog=examples("fleet gateways list"))
def listing(*, as_json: AsJson = False) -> None:
    """Show every gateway of this server."""
    found = run(load(os.environ), gateways.listing())
    if as_json:
        say_json({"gateways": [_facts(gateway) for gateway in found]})
    elif not found:
        say("There is no gateway yet; make one with 'fleet gateways create NAME'.")
    else:
        say_table(("NAME", "ID", "CREATED", "TOKEN", "OPERATOR"), (_row(gateway) for gateway in found))


@app.command(epilog=examples("fleet gateways renew laptop", "fleet gateways renew laptop --grace 24h"))
def renew(
    wanted: Annotated[str, typer.Argument(metavar="NAME", help="Name or Gateway ID.")],
    *,
    expires: Expires = None,
    grace: Grace = None,
    as_json: AsJson = False,
) -> None:
    """Make a new access token for a gateway, revoked or not. The old one ends, and so do its tunnels.

    With --grace the old one opens for that long, too, unless it ends before. Never more than two tokens open:
    one that is in its time of grace already ends now. Webhooks, subscriptions and what waits for them stay.
    """
    token = tokens.access_token(secrets.token_bytes(tokens.ACCESS_TOKEN_BYTES))
    now_ms = clock_ms()
    call = gateways.renew(wanted, tokens.hashed(token), _later(now_ms, expires), _later(now_ms, grace))
    gateway = run(load(os.environ), call)
    if gateway is None:
        raise no_gateway(wanted)
    if as_json:
        say_json({**_facts(gateway), "token": token})
        return
    say(f"Gateway {gateway.name} has a new access token.", "")
    say_facts({"Gateway ID": gateway.id, "Access token": token, "Token": state(gateway, now_ms)})
    _say_where_to()


@app.command(epilog=examples("fleet gateways revoke laptop"))
def revoke(
    wanted: Annotated[str, typer.Argument(metavar="NAME", help="Name or Gateway ID.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Withdraw the access tokens of a gateway. Its tunnels close at once.

    Its webhooks stay and still accept events; 'fleet gateways renew' gives it a new token.
    """
    gateway = run(load(os.environ), gateways.revoke(wanted))
    if gateway is None:
        raise no_gateway(wanted)
    if as_json:
        say_json(_facts(gateway))
    else:
        say(f"The access of gateway {gateway.name} is revoked; its tunnels close now.")


@app.command(epilog=examples("fleet gateways operator laptop", "fleet gateways operator laptop --off"))
def operator(
    wanted: Annotated[str, typer.Argument(metavar="NAME", help="Name or Gateway ID.")],
    *,
    off: Annotated[bool, typer.Option("--off", help="Take it away again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Let the owner of a gateway see and stop what all gateways share: queues, workers, Redis.

    The gateway that came with the server may do so from the start. Events of others stay theirs.
    """
    gateway = run(load(os.environ), gateways.set_operator(wanted, is_operator=not off))
    if gateway is None:
        raise no_gateway(wanted)
    if as_json:
        say_json(_facts(gateway))
    elif gateway.is_operator:
        say(f"The owner of gateway {gateway.name} sees and stops what all gateways share.")
    else:
        say(f"The owner of gateway {gateway.name} sees what its own gateway has, and nothing else.")


def no_gateway(wanted: str) -> FleetError:
    """The error that says: this server has no such gateway."""
    return FleetError(f"There is no gateway {wanted!r} on this server; see 'fleet gateways list'.")


def _say_where_to() -> None:
    say(
        "",
        "The token is shown this once. On the machine that uses it, 'fleet login URL' keeps it in the vault;",
    )
    say("FLEET_TOKEN or the file 'token' of its secrets folder can hold it, too. It opens this gateway only.")


def new_gateway(name: str, now_ms: int, entropy: bytes) -> Gateway:
    """A gateway to be recorded.

    Args:
        name: what its owner calls it.
        now_ms: Unix time in milliseconds.
        entropy: ENTROPY_BYTES random bytes.

    Raises:
        InvalidInputError: the name breaks the rule for names.
    """
    if is_id("gw", name):
        raise InvalidInputError("name", f"{name!r} looks like an id; choose another name.")
    return Gateway(new_id("gw", now_ms, entropy), checked_name("name", name), now_ms)


def run(settings: Settings, call: Call[T]) -> T:
    """The result of a call on the Redis of this machine: the one in the settings, else the embedded one.

    Raises:
        RedisAwayError: it does not answer.
    """
    store = SyncStore(redis_url(settings))
    try:
        return store.run(call)
    except RedisError:
        raise RedisAwayError(settings) from None
    finally:
        store.close()


def _facts(gateway: Gateway) -> dict[str, object]:
    return {
        "id": gateway.id,
        "name": gateway.name,
        "created_at": moment(gateway.created_at),
        "revoked": gateway.revoked,
        "is_operator": gateway.is_operator,
        "expires_at": moment(gateway.expires_at) if gateway.expires_at else None,
        "old_token_until": moment(gateway.old_until) if gateway.old_until else None,
    }


def _row(gateway: Gateway) -> tuple[str, ...]:
    created = day_and_time(moment(gateway.created_at))
    operator = "yes" if gateway.is_operator else "-"
    return gateway.name, gateway.id, created, state(gateway, clock_ms()), operator


def _later(now_ms: int, length_ms: int | None) -> int | None:
    return now_ms + length_ms if length_ms else None
