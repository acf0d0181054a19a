"""A process that can be monitored: its numbers and its readiness, on the port that the settings name."""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from typing import Final

import structlog
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector, CollectorRegistry

from cli.metrics import catalogue
from cli.metrics.instruments import Book
from cli.metrics.server import PortTakenError, WhyNot, serving
from config.settings import Settings

PORTS_TRIED: Final = 32
"""Whoever starts beside `fleet up` finds its port behind those of all others."""

_LAST_PORT: Final = 65_535
_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def new_book(service: str) -> Book:
    """The instruments of a process, with the one that says what it is.

    Args:
        service: `ingress`, `relay`, `sweeper`, `connector`, `canary`, or the queue of a worker.
    """
    book = Book()
    book.number(catalogue.SERVICE).add(1, service)
    return book


@contextmanager
def monitored(settings: Settings, book: Book, why_not: WhyNot, *further: Collector) -> Generator[None]:
    """Serve metrics for the length of the block on the first free port from that of the settings on, if any.

    Args:
        settings: host and port.
        book: the instruments.
        why_not: whether the process can do its work.
        further: what else is told.

    Raises:
        PortTakenError: something else listens on all that are tried.
    """
    if settings.metrics_port is None:
        yield
        return
    registry = CollectorRegistry()
    for collector in (book, *further):
        registry.register(collector)
    # Of its own registry; the one that comes with the library would be shared.
    ProcessCollector(registry=registry)
    with ExitStack() as ends:
        port = _open(ends, settings, registry, why_not)
        _log.info("metrics_open", host=settings.metrics_host, port=port)
        yield


def _open(ends: ExitStack, settings: Settings, registry: CollectorRegistry, why_not: WhyNot) -> int:
    """Listen on the first port that is free; gives it."""
    first = settings.metrics_port or 0
    last = min(first + PORTS_TRIED - 1, _LAST_PORT)
    for port in range(first, last):
        with suppress(PortTakenError):
            return ends.enter_context(serving(settings.metrics_host, port, registry, why_not))
    return ends.enter_context(serving(settings.metrics_host, last, registry, why_not))
