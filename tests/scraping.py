"""Metrics as Prometheus reads them, of one process or of a whole stack."""

import http.client
import json
import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from tests.system.stack import Stack

HOST = "127.0.0.1"
SERVICES = 8  # more than `fleet up` starts, and a connector


def free_ports(count: int = SERVICES) -> int:
    """The first of so many ports in a row that nobody is given for a while, as `free_port` does it."""
    while True:
        with socket.create_server((HOST, 0)) as server:
            first = server.getsockname()[1]
        try:
            for port in range(first, first + count):
                _reserve(port)
        except (OSError, OverflowError):
            continue
        return first


def _reserve(port: int) -> None:
    with ExitStack() as ends:
        server = ends.enter_context(socket.create_server((HOST, port)))
        ends.enter_context(socket.create_connection((HOST, port)))
        server.accept()[0].close()


def page(port: int, path: str = "/metrics") -> tuple[int, str]:
    """Status and text of a page on a port for metrics."""
    connection = http.client.HTTPConnection(HOST, port, timeout=20)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def samples(port: int) -> Iterator[Sample]:
    """Every number that a process tells."""
    for family in text_string_to_metric_families(page(port)[1]):
        yield from family.samples


def value(port: int, name: str, **labels: str) -> float:
    """The sum of what is told under a name, with these labels at least."""
    return sum(
        each.value for each in samples(port) if each.name == name and labels.items() <= each.labels.items()
    )


def ports(stack: Stack) -> dict[str, int]:
    """Where the services of a stack tell their numbers, by their names, as each of them has logged."""
    found: dict[str, int] = {}
    for log in (stack.settings.state_dir / "logs").iterdir():
        for line in re.findall(r"\{.*\"metrics_open\".*\}", log.read_text()):
            found[log.stem] = json.loads(line)["port"]
    found.pop("fleet", None)
    return found
