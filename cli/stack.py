"""`fleet up`: the whole gateway on this machine, supervised."""

import asyncio
import contextlib
import os
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import typer

from cli import certificate, first_gateway, presence, state_lock, surroundings
from cli.answers import complain
from cli.called import program
from cli.certificate import Pair
from cli.embedded_redis import embedded_redis
from cli.health import door_is_ready
from cli.metrics import ports
from cli.output import Output, Terminal
from cli.service import Service, StartInterruptedError
from cli.supervisor import Supervisor
from config.settings import CALLED_AS, Settings, load
from store import rq_names

_MARGIN_S: Final = 2.0
"""What a door needs besides the time that it gives to others."""


@contextmanager
def services(settings: Settings, environ: Mapping[str, str]) -> Generator[list[Service]]:
    """The services of one machine in the order of their start, while its state folder is ours.

    Raises:
        StateDirTakenError: another supervisor works there.
        ServerMissingError: there is no Redis server to start.
        CertificateError: a door cannot use its certificate or key.
    """
    doors = certificate.of_ingress(settings), certificate.of_relay(settings)
    for pair in doors:
        if pair is not None:
            certificate.load(pair, surroundings.clock_ms())
    env = {**environ, "PYTHONUNBUFFERED": "1", CALLED_AS: program()}
    env.pop(ports.PORT, None)  # each process gets its own
    if settings.log_format == "auto" and sys.stderr.isatty():
        # The services write into our pipes, so they cannot see that a person reads along.
        env["FLEET_LOG_FORMAT"] = "console"
    with state_lock.hold(settings.state_dir) as lock:
        first_gateway.ensure_keys(settings)
        yield [
            *_redis(settings, env, lock),
            *ports.counted_up(_ours(settings, env, doors), settings),
        ]


def _ours(
    settings: Settings, env: Mapping[str, str], doors: tuple[Pair | None, Pair | None]
) -> list[Service]:
    return [
        _door("ingress", (settings.ingress_host, settings.ingress_port), doors[0], settings, env),
        _door("relay", (settings.relay_host, settings.relay_port), doors[1], settings, env),
        _worker("events", rq_names.EVENTS, settings, env),
        _worker("retries", rq_names.DELIVERIES, settings, env),
        _sweeper(settings, env),
        _worker("git", rq_names.GIT, settings, env),
        *_canary(settings, env),
    ]


def _redis(settings: Settings, env: Mapping[str, str], lock: int) -> list[Service]:
    """The embedded Redis, unless the settings name another one."""
    if settings.redis_url is not None:
        return []
    server = embedded_redis(settings.state_dir)
    return [
        server.service(
            appendfsync=settings.appendfsync,
            maxmemory_mib=settings.redis_maxmemory_mib,
            env=env,
            lock=lock,
        )
    ]


def _worker(name: str, queue: str, settings: Settings, env: Mapping[str, str]) -> Service:
    url = surroundings.redis_url(settings)
    return Service(
        name=name,
        argv=fleet("run", "worker", queue),
        env=env,
        ready=lambda: asyncio.to_thread(presence.worker_is_here, url, queue),
    )


def _sweeper(settings: Settings, env: Mapping[str, str]) -> Service:
    url = surroundings.redis_url(settings)
    return Service(
        name="sweeper",
        argv=fleet("run", "sweeper"),
        env=env,
        ready=lambda: asyncio.to_thread(presence.sweeper_is_here, url),
    )


def _canary(settings: Settings, env: Mapping[str, str]) -> list[Service]:
    """The canary, when it is wished for. That the way is not whole yet keeps nobody from starting."""
    if settings.canary_interval == 0:
        return []
    return [Service(name="canary", argv=fleet("run", "canary"), env=env)]


def _door(
    name: str, address: tuple[str, int], pair: Pair | None, settings: Settings, env: Mapping[str, str]
) -> Service:
    return Service(
        name=name,
        argv=fleet("run", name),
        env=env,
        address=address,
        port_setting=f"FLEET_{name.upper()}_PORT",
        ready=lambda: asyncio.to_thread(door_is_ready, *address, tls=pair is not None),
        stop_timeout_s=settings.stop_notice_s + settings.drain_s + _MARGIN_S,
    )


def fleet(*arguments: str) -> tuple[str, ...]:
    """The command line of one of our own commands."""
    return (sys.executable, "-m", "cli", *arguments)


def up() -> None:
    """Start everything on this machine: Redis, ingress, relay, workers and sweeper. Ctrl-C stops it.

    What crashes is started again. The first start makes keys, a gateway and its access token in the
    state folder, so that the other commands work here at once.
    """
    try:
        asyncio.run(_up(load(os.environ), Terminal(sys.stderr)))
    except StartInterruptedError:
        raise typer.Exit(1) from None


async def _up(settings: Settings, output: Output) -> None:
    with services(settings, os.environ) as wanted:
        async with Supervisor(wanted, output) as running:
            token = first_gateway.ensure_gateway(settings)
            if not token:
                complain(first_gateway.refused(settings))
            # Nobody may be reading; the gateway is up all the same.
            with contextlib.suppress(BrokenPipeError):
                sys.stdout.write(_welcome(settings, token, ports.told(wanted, settings)))
                sys.stdout.flush()
            await running.wait()


def _welcome(settings: Settings, token: str | None, metrics: str) -> str:
    metrics_line = f"  metrics             {metrics}\n" if metrics else ""
    return f"""
Fleet Gateway is up.

  dashboard           {first_gateway.sign_in_link(settings, token) if token else settings.api_url}
                      (signs you in once, within 5 minutes; later: {program()} dashboard)

  senders post to     {settings.public_url}/t/...
  connectors go to    {settings.api_url}
  RQ's tools use      {_rq()} info --url {_shown_redis(settings)}
  access token        {settings.secrets_dir / first_gateway.TOKEN_FILE}
{metrics_line}
Next, in another terminal, bring events to a program on this machine:

  {program()} listen 3000
  {program()} listen 3000 --sender github

Or have Git repositories watched for commits, see docs/git.md:

  {program()} webhooks create git --sender git
  {program()} apply -f FILE

Is it up, is anything stuck, what failed, and why?

  {program()} status --watch
  {program()} why EVENT

Ctrl-C stops everything.

"""


def _shown_redis(settings: Settings) -> str:
    """The URL of Redis, unless it holds a password."""
    return '"$FLEET_REDIS_URL"' if settings.redis_url is not None else f"'{surroundings.redis_url(settings)}'"


def _rq() -> str:
    """RQ's own command, which stands beside our Python."""
    return str(Path(sys.executable).with_name("rq"))
