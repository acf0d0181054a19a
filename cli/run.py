"""`fleet run`: one service in this process, in the foreground. Compose and `fleet up` start these."""

import asyncio
import os
import signal
import sys
from enum import StrEnum
from typing import Annotated

import redis.exceptions
import structlog
import typer

from cli import surroundings
from config import logging as logs
from config.settings import Settings, SettingsError, load
from domain.errors import FleetError
from ingress import serve as ingress_serve
from relay.server import serve as relay_serve
from workers.context import installed
from workers.sweeper import Sweeper
from workers.worker import work

app = typer.Typer(no_args_is_help=True, help="Run one service in the foreground (ingress, worker, sweeper, relay).")
_log = structlog.get_logger()


class Queue(StrEnum):
    """The queues a worker can serve; one each, because only then does RQ never drop a job."""

    EVENTS = "events"
    DELIVERIES = "deliveries"


def _prepared() -> Settings:
    """The settings, with logging set up and Redis found suitable. Ends the process with a sentence if not."""
    try:
        settings = load(os.environ)
        logs.configure(settings)
        surroundings.suitable_store(settings).close()
    except (SettingsError, FleetError) as error:
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(1) from None
    except redis.exceptions.RedisError as error:
        sys.stderr.write(f"Redis does not answer ({type(error).__name__}); start it or set FLEET_REDIS_URL.\n")
        raise typer.Exit(1) from None
    return settings


@app.command()
def ingress() -> None:
    """The public door: accepts events on FLEET_INGRESS_HOST and FLEET_INGRESS_PORT."""
    settings = _prepared()
    server = ingress_serve.server(
        surroundings.ingress_context(settings),
        settings.ingress_host,
        settings.ingress_port,
        limit_concurrency=settings.limit_concurrency,
        header_limit_bytes=settings.header_limit_bytes,
        header_timeout_s=settings.header_timeout_s,
    )
    server.run()


@app.command()
def worker(
    queue: Annotated[Queue, typer.Argument(help="The queue to work on.")] = Queue.EVENTS,
) -> None:
    """An RQ worker: verifies and fans out (events), or retries (deliveries). Start as many as you like."""
    settings = _prepared()
    with installed(surroundings.worker_context(settings)):
        work(surroundings.redis_url(settings), queue)


@app.command()
def sweeper() -> None:
    """The sweeper: retries, deadlines, recovery. One is on duty, others stand by."""
    settings = _prepared()
    sweeping = Sweeper(surroundings.worker_context(settings))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sweeping.stop())
    sweeping.run()


@app.command()
def relay() -> None:
    """The owner's door: tunnels and control API on FLEET_RELAY_HOST and FLEET_RELAY_PORT."""
    settings = _prepared()
    asyncio.run(
        relay_serve.serve(surroundings.relay_context(settings), settings.relay_host, settings.relay_port)
    )
