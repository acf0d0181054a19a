"""Readiness: whether a process can do its work now. Asked in a thread of its own, so it may wait a moment."""

import os
import socket
from collections.abc import Callable
from typing import Final

from redis.exceptions import RedisError

from cli.health import door_is_ready
from cli.metrics.of_canary import CanaryMeters
from cli.metrics.of_connector import ConnectorMeters
from cli.metrics.of_workers import SweeperMeters
from cli.metrics.server import WhyNot
from store import presence
from store.connect import SyncStore

_IDLE_S: Final = 10.0
"""Longer than any sweep takes, or than Redis is waited for."""


def of_door(host: str, port: int, *, tls: bool) -> WhyNot:
    """Of a server, by its own word: the way to it is part of its work."""

    def why_not() -> str:
        return "" if door_is_ready(host, port, tls=tls) else "/readyz of the door itself does not say yes."

    return why_not


def of_worker(url: str, queue: str) -> WhyNot:
    """Of an RQ worker: this process is registered, which its heartbeats keep up."""
    here = (socket.gethostname(), os.getpid())

    def why_not() -> str:
        store = SyncStore(url, is_patient=False)
        try:
            known = store.run(presence.processes(store.run(presence.workers(queue))))
        except RedisError:
            return "Redis does not answer."
        finally:
            store.close()
        return "" if here in known else f"RQ does not know this process as a worker of {queue}."

    return why_not


def of_sweeper(meters: SweeperMeters) -> WhyNot:
    """Of a sweeper: it sweeps, or asks whether it is its turn."""

    def why_not() -> str:
        idle_s = meters.idle_s
        if idle_s is None:
            return "It has not swept yet."
        return "" if idle_s < _IDLE_S else f"The last sweep was {idle_s:.0f} s ago; see the log."

    return why_not


def of_canary(meters: CanaryMeters, clock_ms: Callable[[], int]) -> WhyNot:
    """Of a canary: it came back, and not too long ago."""

    def why_not() -> str:
        report = meters.report
        if report is None:
            return "Its first walk has not ended yet."
        if report.is_well(clock_ms()):
            return ""
        return f"It did not come back: {report.failure}." if report.failure else "Its next walk is overdue."

    return why_not


def of_connector(meters: ConnectorMeters) -> WhyNot:
    """Of a connector: its tunnel is open."""

    def why_not() -> str:
        return "" if meters.is_connected else "There is no tunnel to the relay."

    return why_not
