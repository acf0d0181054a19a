"""Pages: how long the dashboard and the control API take to answer a gateway that has much of everything."""

import http.client
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode

from bench.crowd import Crowd, gather
from bench.errors import BenchError
from bench.figures import Sample, Side, percentile_ms
from bench.measurement import Scale
from bench.stack import Stack
from bench.waiting import HOST

_WEBHOOKS: Final = 1000
_DEAD_OF: Final = 10
_TIMES: Final = 40
_WARM: Final = 3
_RARE: Final = "type=nothing-is-of-this-type"
"""What a filter finds nothing for costs most: everything is looked at."""


def slowest(scale: Scale) -> Sample:
    """The 95th percentile of the slowest page, in ms; the others by their address.

    `scale.events` is the length of the log; a tenth of these events is dead.
    """
    with _crowded(scale) as (stack, crowd):
        visitor = _Visitor(stack.relay(), crowd.target.access_token)
        found = {path: visitor.p95_ms(path.format(**_ids(crowd))) for path in _paths()}
        stack.check()
    return Sample(max(found.values()), found)


def notes(side: Side) -> Sequence[str]:
    """The slowest pages and resources."""
    worst = sorted(side.details.items(), key=lambda each: -each[1])[:8]
    told = ", ".join(f"`{path}` {value:.0f} ms" for path, value in worst)
    return (
        f"95th percentiles at the server, of {len(side.details)} pages and resources the slowest: {told}",
    )


@contextmanager
def _crowded(scale: Scale) -> Generator[tuple[Stack, Crowd]]:
    with Stack("everysec", profile=scale.profile) as stack:
        hooks = min(_WEBHOOKS, scale.events)
        crowd = gather(stack, hooks, scale.events, scale.events // _DEAD_OF, time.time_ns() // 1_000_000)
        yield stack, crowd


def _paths() -> tuple[str, ...]:
    pages = (
        "",
        "/webhooks",
        "/webhooks?name=0999",
        "/webhooks/{webhook}",
        "/subscriptions",
        "/repos",
        "/events",
        f"/events?{_RARE}",
        "/events?outcome=failed",
        "/events?webhook={webhook}",
        "/events/{event}",
        "/failed",
        f"/failed?{_RARE}",
        "/queues",
    )
    resources = (
        "/status",
        "/queues",
        "/webhooks",
        "/webhooks?name=0999",
        "/events",
        f"/events?{_RARE}",
        "/events?outcome=discarded",
        "/events/{event}",
        "/deliveries",
        f"/deliveries?{_RARE}",
        "/deliveries/count",
        "/audit",
    )
    return (
        *(f"/dashboard{path}" for path in pages),
        *(f"/api/v1{path}" for path in resources),
    )


def _ids(crowd: Crowd) -> dict[str, str]:
    return {"webhook": crowd.webhooks[-1], "event": crowd.events[0]}


class _Visitor:
    """Somebody who is signed in, and has the access token besides."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection(HOST, port, timeout=30)
        self._origin = f"http://{HOST}:{port}"
        self._token = token
        self._cookie = self._signed_in()

    def p95_ms(self, path: str) -> float:
        for _ in range(_WARM):
            self._took_ns(path)
        return percentile_ms([self._took_ns(path) for _ in range(_TIMES)], 95)

    def _took_ns(self, path: str) -> int:
        headers = {"cookie": self._cookie, "authorization": f"Bearer {self._token}"}
        began = time.monotonic_ns()
        self._connection.request("GET", path, headers=headers)
        answer = self._connection.getresponse()
        answer.read()
        if answer.status != HTTPStatus.OK:
            raise BenchError(f"{path} is answered with {answer.status}.")
        return time.monotonic_ns() - began

    def _signed_in(self) -> str:
        headers = {"content-type": "application/x-www-form-urlencoded", "origin": self._origin}
        form = urlencode({"token": self._token})
        self._connection.request("POST", "/dashboard/sign-in", form, headers)
        answer = self._connection.getresponse()
        answer.read()
        if answer.status != HTTPStatus.SEE_OTHER:
            raise BenchError(f"Nobody could sign in: {answer.status}.")
        cookies = answer.headers.get_all("set-cookie") or []
        return "; ".join(each.partition(";")[0] for each in cookies)
