"""Who looks after a deployment: RQ's tools in their container, the doctor in the relay's, and the canary."""

import base64
import json
import urllib.request
from typing import Any

from tests.deploy.compose import Compose, until


def dashboard(compose: Compose, path: str) -> Any:
    """What rq-dashboard answers to who has its password."""
    password = compose.execute("rq-dashboard", "cat", "/run/fleet/password").strip()
    credential = base64.b64encode(f"fleet:{password}".encode()).decode()
    url = f"http://127.0.0.1:{compose.dashboard_port}{path}"
    request = urllib.request.Request(url, headers={"Authorization": f"Basic {credential}"})
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - ours
        return json.load(answer)


def test_rqs_command_works_in_its_container(compose: Compose, address: str) -> None:
    del address
    said = compose.execute("rq-dashboard", "rq", "info")
    assert all(f"\n{queue} " in f"\n{said}" for queue in ("events", "deliveries", "git"))
    assert said.count(": idle events") + said.count(": busy events") == 4
    compose.execute("rq-dashboard", "rq", "suspend")
    try:
        assert json.loads(compose.fleet("queues", "--json"))["suspended"] is True
    finally:
        compose.execute("rq-dashboard", "rq", "resume")
    compose.execute("rq-dashboard", "rq", "requeue", "--all", "--queue", "deliveries")


def test_rq_dashboard_shows_queues_and_workers_by_name(compose: Compose, address: str) -> None:
    del address
    queues = dashboard(compose, "/0/data/queues.json")["queues"]
    assert {each["name"] for each in queues} == {"events", "deliveries", "git"}
    workers = dashboard(compose, "/0/data/workers.json")["workers"]
    assert {each["name"].partition("-")[0] for each in workers} == {"events", "deliveries", "git"}


def test_the_doctor_finds_everything_well(compose: Compose, address: str) -> None:
    del address

    def rows() -> dict[str, str]:
        # It fails as long as the canary, or the worker of somebody killed, is not back.
        said = compose.run("exec", "-T", "relay", "sh", "-c", "fleet doctor --json || true")
        return {row["check"]: row["state"] for row in json.loads(said)["rows"]}

    until(lambda: "failed" not in rows().values(), "nothing that failed")
    found = rows()
    assert {name for name, state in found.items() if state == "unchecked"} == {
        *("public URL", "TLS", "relay TLS")
    }
    assert found["canary"] == "ok"
