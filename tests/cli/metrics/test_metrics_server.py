"""The server of /metrics, /healthz and /readyz, and who may listen where."""

import http.client
import json
import socket
from contextlib import ExitStack

import pytest
from prometheus_client.registry import CollectorRegistry
from structlog.testing import capture_logs

from cli.metrics import server
from cli.metrics.monitored import monitored, new_book
from cli.metrics.server import PortTakenError, serving
from config.settings import Settings, load
from tests.system.stack import free_port


def get(port: int, path: str, host: str = "127.0.0.1", **headers: str) -> tuple[int, str, bytes]:
    connection = http.client.HTTPConnection(host, port, timeout=10)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.headers["content-type"], answer.read()
    finally:
        connection.close()


def settings(port: int) -> Settings:
    return load({"FLEET_METRICS_PORT": str(port)})


def test_health_readiness_and_nothing_else() -> None:
    reasons = ["", "It sleeps."]
    with serving("127.0.0.1", 0, CollectorRegistry(), lambda: reasons.pop(0)) as port:
        assert get(port, "/healthz") == (200, "application/json", b'{"healthy": true}')
        assert get(port, "/readyz")[::2] == (200, b'{"ready": true}')
        status, _, body = get(port, "/readyz")
        assert (status, json.loads(body)) == (503, {"ready": False, "reason": "It sleeps."})
        assert get(port, "/t/some-token")[0] == 404


def test_who_says_a_byte_now_and_then_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_TIMEOUT_S", 0.2)
    with serving("127.0.0.1", 0, CollectorRegistry(), lambda: "") as port, ExitStack() as slow:
        sockets = [slow.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(8)]
        for each in sockets:
            each.sendall(b"G")
        for each in sockets:
            # What it says meanwhile gains nothing: the connection has one end, and the other side makes it.
            assert b"" in {each.recv(64), each.recv(64)}
        assert get(port, "/healthz")[0] == 200


def test_a_book_is_told_in_the_form_that_is_asked_for() -> None:
    port = free_port()
    with monitored(settings(port), new_book("sweeper"), lambda: ""):
        status, kind, body = get(port, "/metrics")
        assert (status, kind.split(";")[0]) == (200, "text/plain")
        assert b'\nfleet_service_info{service="sweeper"} 1.0\n' in body
        assert b"process_cpu_seconds_total" in body
        kind = get(port, "/metrics", accept="application/openmetrics-text; version=1.0.0")[1]
        assert kind.split(";")[0] == "application/openmetrics-text"


def test_ipv6() -> None:
    with serving("::1", 0, CollectorRegistry(), lambda: "") as port:
        assert get(port, "/healthz", "::1")[0] == 200


def test_without_a_port_nothing_is_served() -> None:
    with capture_logs() as said, monitored(load({}), new_book("relay"), lambda: ""):
        assert said == []


def test_when_every_port_is_taken_the_last_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.metrics.monitored.PORTS_TRIED", 1)
    port = free_port()
    sentence = rf"port {port}: .*Set FLEET_METRICS_PORT"
    with (
        serving("127.0.0.1", port, CollectorRegistry(), lambda: ""),
        pytest.raises(PortTakenError, match=sentence),
        monitored(settings(port), new_book("relay"), lambda: ""),
    ):
        pytest.fail("it must not be served")
    with monitored(settings(port), new_book("relay"), lambda: ""):
        assert get(port, "/healthz")[0] == 200, "it is free again"


def test_who_finds_its_port_taken_takes_the_next_and_says_so() -> None:
    port = free_port()
    with (
        serving("127.0.0.1", port, CollectorRegistry(), lambda: ""),
        capture_logs() as said,
        monitored(settings(port), new_book("connector"), lambda: ""),
    ):
        assert said[0]["event"] == "metrics_open"
        assert said[0]["port"] > port
        assert b'service="connector"' in get(said[0]["port"], "/metrics")[2]


def test_those_who_say_nothing_keep_nobody_out_for_ever_and_are_bounded() -> None:
    with serving("127.0.0.1", 0, CollectorRegistry(), lambda: "") as port, ExitStack() as held:
        for _ in range(8):
            held.enter_context(socket.create_connection(("127.0.0.1", port)))
        with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
            get(port, "/healthz")
        held.close()
        assert _answers_soon(port)


def _answers_soon(port: int) -> bool:
    for _ in range(200):
        try:
            return get(port, "/healthz")[0] == 200
        except (http.client.RemoteDisconnected, ConnectionResetError):
            continue
    return False


@pytest.mark.parametrize("door", ["INGRESS", "RELAY"])
def test_metrics_have_a_port_of_their_own(door: str) -> None:
    taken = {f"FLEET_{door}_PORT": "9000", "FLEET_METRICS_PORT": "9000"}
    with pytest.raises(Exception, match=f"FLEET_METRICS_PORT and FLEET_{door}_PORT are both 9000"):
        load(taken)
