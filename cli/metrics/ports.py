"""Ports for the metrics of several processes on one machine: the one that is set, and the next ones."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from cli.service import Service
from config.settings import Settings

PORT: Final = "FLEET_METRICS_PORT"


def counted_up(services: Iterable[Service], settings: Settings) -> list[Service]:
    """The services, each with a port of its own; as they are when metrics are off."""
    first = settings.metrics_port
    if first is None:
        return list(services)
    return [
        replace(service, env={**service.env, PORT: str(first + number)})
        for number, service in enumerate(services)
    ]


def told(services: Sequence[Service], settings: Settings) -> str:
    """Which process has which port, in words; "" when metrics are off."""
    if settings.metrics_port is None:
        return ""
    named = (f"{service.env[PORT]} {service.name}" for service in services if PORT in service.env)
    return f"http on {settings.metrics_host}, {', '.join(named)}"
