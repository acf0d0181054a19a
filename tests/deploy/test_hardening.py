"""What somebody who got into one container, or who reads along, would find: as little as possible."""

import json

import pytest

from cli.deployment import PLACES
from store import acl
from tests.deploy.compose import Compose, docker

OURS = (
    "ingress",
    "relay",
    "worker",
    "retries",
    "git-worker",
    "sweeper",
    "connector",
    "canary",
    "doors",
    "proxy",
    "redis",
    "rq-dashboard",
)


@pytest.mark.parametrize("service", OURS)
def test_every_container_is_unprivileged_and_bounded(compose: Compose, address: str, service: str) -> None:
    del address  # it brings the connector up
    [facts] = json.loads(docker("inspect", compose.containers(service)[0]))
    assert facts["Config"]["User"] == "10001:10001"
    host = facts["HostConfig"]
    assert host["ReadonlyRootfs"] is True
    assert host["CapDrop"] == ["ALL"]
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    assert host["Memory"] > 0
    assert host["PidsLimit"] > 0
    assert compose.execute(service, "id", "-u").strip() == "10001"
    compose.execute(service, "sh", "-c", "echo x > /x", fails=True)
    status = compose.execute(service, "cat", "/proc/1/status")
    assert "CapEff:\t0000000000000000" in status


def test_nothing_is_published_but_the_doors_and_the_dashboard(compose: Compose, address: str) -> None:
    del address
    published: dict[str, set[str]] = {}
    for container in compose.containers():
        [facts] = json.loads(docker("inspect", container))
        service = facts["Config"]["Labels"]["com.docker.compose.service"]
        bound = facts["HostConfig"]["PortBindings"] or {}
        hosts = {each["HostIp"] for ports in bound.values() for each in ports}
        if hosts:
            published[service] = hosts
    assert published == {service: {"127.0.0.1"} for service in ("doors", "proxy", "rq-dashboard")}


def test_the_profile_for_monitoring_is_one_that_compose_understands(compose: Compose) -> None:
    made = json.loads(compose.run("--profile", "monitoring", "config", "--format", "json"))
    assert {"prometheus", "grafana"} <= made["services"].keys()


def test_secret_files_are_their_owners_alone(compose: Compose) -> None:
    listing = compose.run(
        "run",
        "--rm",
        "-T",
        "--no-deps",
        "--entrypoint",
        "find",
        "init",
        "/srv/fleet",
        "-type",
        "f",
        "-printf",
        "%m %u %p\n",
    )
    files = [line.split(" ", 2) for line in listing.splitlines() if "/data/" not in line]
    assert len(files) > 3 * len(PLACES)
    assert {mode for mode, _, _ in files} == {"600"}
    assert {user for _, user, _ in files} == {"fleet"}


def secrets(compose: Compose) -> list[str]:
    """Everything that must not be seen: passwords, keys, tokens, webhook addresses."""
    files = (
        "init/*-password */*token relay/sealing-keys/* dashboard/password grafana/password proxy/privkey.pem"
    )
    script = f"cd /srv/fleet; for file in {files}; do cat $file; echo; done"
    content = compose.run("run", "--rm", "-T", "--no-deps", "--entrypoint", "sh", "init", "-c", script)
    found = [line for line in content.splitlines() if line and "-----" not in line]
    urls = [hook["url"] for hook in json.loads(compose.fleet("webhooks", "list", "--json"))["webhooks"]]
    return [*found, *(url.rpartition("/")[2] for url in urls)]


def test_no_secret_is_in_inspect_logs_or_process_lists(compose: Compose, address: str) -> None:
    del address
    found = secrets(compose)
    assert len(found) > len(acl.USERS) + 3
    for container in compose.containers():
        shown = docker("inspect", container) + docker("logs", container)
        running = json.loads(docker("inspect", "-f", "{{json .State.Running}}", container))
        shown += docker("top", container, "-eo", "pid,args") if running else ""
        leaked = [secret[:4] for secret in found if secret in shown]
        assert not leaked
    history = docker("history", "--no-trunc", "fleet-gateway") + docker("inspect", "fleet-gateway")
    assert not [secret[:4] for secret in found if secret in history]


def test_who_has_a_way_out(compose: Compose, address: str) -> None:
    del address
    ways: dict[str, set[str]] = {}
    for service in OURS:
        [facts] = json.loads(docker("inspect", compose.containers(service)[0]))
        for network in facts["NetworkSettings"]["Networks"]:
            [about] = json.loads(docker("network", "inspect", network))
            if not about["Internal"]:
                ways.setdefault(service, set()).add(network.removeprefix(f"{compose.project}_"))
    assert ways == {
        "worker": {"calls"},
        "git-worker": {"calls"},
        "canary": {"edge"},
        "doors": {"edge"},
        "proxy": {"edge"},
        "rq-dashboard": {"dashboard"},
    }


REACHES = """
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), 2).close()
except OSError as error:
    sys.exit(3)
"""


@pytest.mark.parametrize(
    ("service", "host", "port", "reached"),
    [
        ("connector", "relay", 8081, True),
        ("connector", "app", 3000, True),
        ("connector", "ingress", 8080, False),
        ("connector", "redis", 6379, False),
        ("ingress", "connector", 3000, False),
        ("ingress", "app", 3000, False),
        ("ingress", "redis", 6379, True),
        ("relay", "app", 3000, False),
        ("ingress", "1.1.1.1", 53, False),
        ("relay", "1.1.1.1", 53, False),
        ("worker", "app", 3000, False),
        ("worker", "doors", 8080, False),
        ("git-worker", "git-host", 8000, True),
        ("git-worker", "app", 3000, False),
        ("git-worker", "doors", 8080, False),
        ("canary", "relay", 8081, True),
        ("canary", "doors", 8080, True),
        ("canary", "redis", 6379, True),
        ("connector", "ingress", 9464, False),
        ("canary", "app", 3000, False),
        ("retries", "1.1.1.1", 53, False),
        ("sweeper", "1.1.1.1", 53, False),
    ],
)
def test_who_can_reach_whom(
    compose: Compose, address: str, service: str, host: str, port: int, *, reached: bool
) -> None:
    del address
    compose.execute(service, "python", "-c", REACHES, host, str(port), fails=not reached)
