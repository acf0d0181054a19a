"""`fleet run`: one service in this process, in the foreground. Compose and `fleet up` start these."""

import os
import signal
from contextlib import closing
from enum import StrEnum
from types import FrameType
from typing import Annotated, Final

import typer

from cli import canary as walks
from cli import certificate, door, surroundings
from cli.collector import collect_rarely
from cli.metrics import readiness
from cli.metrics.monitored import monitored, new_book
from cli.metrics.of_ingress import IngressMeters
from cli.metrics.of_relay import RelayMeters
from cli.metrics.of_server import ServerCollector
from cli.metrics.of_workers import DeliveryMeters, EventMeters, PollMeters, SweeperMeters
from cli.options import Insecure
from config import logging as logs
from config.settings import Settings, load
from ingress import serve as ingress_serve
from ingress.protocol import Bounds
from relay.server import serve as relay_serve
from relay.server.protocol import HEAD_TIMEOUT_S
from store.connect import SyncStore
from workers.context import installed
from workers.git import context as git
from workers.sweeper import Sweeper
from workers.worker import work

_MIB: Final = 1024 * 1024
app: Final = typer.Typer(
    no_args_is_help=True, help="One service in the foreground; Compose and `fleet up` start these."
)


class Queue(StrEnum):
    """The queues a worker can serve; one each, because only then does RQ never drop a job."""

    EVENTS = "events"
    DELIVERIES = "deliveries"
    GIT = "git"


_METERS: Final = {Queue.EVENTS: EventMeters, Queue.DELIVERIES: DeliveryMeters, Queue.GIT: PollMeters}


def _prepared() -> Settings:
    """The settings, with logging set up and Redis found suitable.

    Raises:
        SettingsError: a setting is wrong.
        RedisUnsuitableError: Redis would lose what it was given.
        RedisAwayError: it does not answer.
    """
    settings = load(os.environ)
    logs.configure(settings)
    surroundings.suitable_store(settings).close()
    collect_rarely()
    return settings


@app.command()
def ingress() -> None:
    """The public door: accepts events on FLEET_INGRESS_HOST and FLEET_INGRESS_PORT."""
    settings = _prepared()
    book = new_book("ingress")
    meters = IngressMeters(book, names_webhooks=settings.metrics_webhooks == "on")
    address = settings.ingress_host, settings.ingress_port
    server = ingress_serve.server(
        surroundings.ingress_context(settings, meters),
        *address,
        Bounds(
            head_bytes=settings.header_limit_bytes,
            head_timeout_s=settings.header_timeout_s,
            body_timeout_s=settings.body_timeout_s,
            connections=settings.limit_concurrency,
            busy=ingress_serve.busy,
            body_room=settings.body_room_mib * _MIB,
            refused=meters.answered,
        ),
        surroundings.patience(settings),
    )
    pair = certificate.of_ingress(settings)
    with monitored(settings, book, readiness.of_door(*address, tls=pair is not None)):
        door.run(server, pair, settings.header_timeout_s)


@app.command()
def worker(
    queue: Annotated[Queue, typer.Argument(help="The queue to work on.")] = Queue.EVENTS,
) -> None:
    """An RQ worker: verifies and fans out (events), retries (deliveries), or polls Git repos (git).

    Start as many as you like.
    """
    settings = _prepared()
    url = surroundings.redis_url(settings)
    book = new_book(queue)
    meters = _METERS[queue](book, queue)
    with monitored(settings, book, readiness.of_worker(url, queue)):
        if queue is Queue.GIT:
            with surroundings.git_context(settings, meters) as context, git.installed(context):
                work(url, queue, meters, stopping=context.pool.stop)
            return
        context = surroundings.worker_context(settings, meters)
        with installed(context), closing(context.filters):
            work(url, queue, meters)


@app.command()
def sweeper() -> None:
    """The sweeper: retries, deadlines, recovery. One is on duty, others stand by."""
    settings = _prepared()
    book = new_book("sweeper")
    meters = SweeperMeters(book)
    server = ServerCollector(
        SyncStore(surroundings.redis_url(settings), is_patient=False),
        surroundings.clock_ms,
        lambda: meters.is_on_duty,
        names_tunnels=settings.metrics_webhooks == "on",
    )
    sweeping = Sweeper(surroundings.sweeper_context(settings, meters))

    def stop(_number: int, _frame: FrameType | None) -> None:
        sweeping.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    with monitored(settings, book, readiness.of_sweeper(meters), server):
        sweeping.run()


@app.command()
def relay() -> None:
    """The owner's door: tunnels and control API on FLEET_RELAY_HOST and FLEET_RELAY_PORT."""
    settings = _prepared()
    book = new_book("relay")
    address = settings.relay_host, settings.relay_port
    server = relay_serve.server(
        surroundings.relay_context(settings, RelayMeters(book)),
        *address,
        surroundings.patience(settings),
    )
    pair = certificate.of_relay(settings)
    with monitored(settings, book, readiness.of_door(*address, tls=pair is not None)):
        door.run(server, pair, HEAD_TIMEOUT_S)


@app.command()
def canary(*, insecure: Insecure = False) -> None:
    """Send an event through the public URL and back through a tunnel every FLEET_CANARY_INTERVAL seconds.

    Its gateway, its webhook and its subscription are called canary; it makes them itself. Start one of it.
    """
    walks.run(_prepared(), insecure=insecure)
