"""docker compose as its user calls it, on ports and networks of its own."""

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILES = (ROOT / "docker-compose.yml", Path(__file__).with_name("outside.yml"))
PROFILES = ("canary", "connector", "proxy", "rq-dashboard")
SCALE = ("--scale", "worker=4", "--scale", "ingress=2", "--scale", "relay=2")
WAIT_S = 60.0
POLL_S = 0.1


def engine() -> str:
    """Why there is no Docker engine with compose; "" when there is one."""
    for command in (["docker", "info"], ["docker", "compose", "version"]):
        try:
            asked = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)  # noqa: S603
        except OSError as error:
            return str(error)
        if asked.returncode:
            return asked.stderr.strip() or asked.stdout.strip()
    return ""


def docker(*arguments: str) -> str:
    """What a docker command prints; the test fails when it fails."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False, timeout=600)  # noqa: S603, S607
    assert done.returncode == 0, f"docker {' '.join(arguments)}: {done.stdout}{done.stderr}"
    return done.stdout


def until(ask: Callable[[], bool], what: str, timeout_s: float = WAIT_S) -> float:
    """Wait until a condition holds; seconds it took. The test fails with `what` when it does not."""
    began = time.monotonic()
    while not ask():
        assert time.monotonic() - began < timeout_s, f"not within {timeout_s:g} s: {what}"
        time.sleep(POLL_S)
    return time.monotonic() - began


@dataclass(frozen=True)
class Compose:
    """One project."""

    project: str
    ingress_port: int
    relay_port: int
    http_port: int
    https_port: int
    dashboard_port: int
    subnet: str  # its first three numbers

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("FLEET_")}
        return {
            **kept,
            "INGRESS_PORT": str(self.ingress_port),
            "RELAY_PORT": str(self.relay_port),
            "HTTP_PORT": f"127.0.0.1:{self.http_port}",
            "HTTPS_PORT": f"127.0.0.1:{self.https_port}",
            "RQ_DASHBOARD_PORT": str(self.dashboard_port),
            "FRONT_SUBNET": f"{self.subnet}.0/24",
            "FRONT_RANGE": f"{self.subnet}.128/25",
            "PROXY_ADDRESS": f"{self.subnet}.2",
            "DOORS_ADDRESS": f"{self.subnet}.3",
            "FLEET_PUBLIC_URL": f"http://127.0.0.1:{self.ingress_port}",
            "FLEET_HOURLY_LIMIT": "1000000",
            "FLEET_RECOVERY_S": "3",
            "FLEET_JOB_TIMEOUT_S": "3",
            "FLEET_TUNNEL_LEASE_S": "5",
            "FLEET_HEARTBEAT_S": "1",
            "FLEET_GIT_GATEWAY": "local",
            "FLEET_CANARY_INTERVAL": "5",
            # What is the public URL for this machine is another address inside a container.
            "CANARY_URL": "http://doors:8080",
            "TESTS": str(ROOT / "tests"),
        }

    def argv(self, *arguments: str) -> list[str]:
        files = [part for file in FILES for part in ("-f", str(file))]
        profiles = [part for profile in PROFILES for part in ("--profile", profile)]
        return ["docker", "compose", "-p", self.project, *files, *profiles, *arguments]

    def run(self, *arguments: str, fails: bool = False, said: str = "") -> str:
        """What a command of compose prints; `said` is its standard input."""
        done = self._call(*arguments, said=said)
        assert (done.returncode != 0) == fails, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def down(self, *arguments: str) -> None:
        """Take everything down, containers and networks."""
        done = self._call("down", *arguments)
        # Docker 20.10 sometimes keeps the endpoint of a container that it has removed; the network stays.
        left_over = "has active endpoints" in done.stderr and not self.containers()
        assert done.returncode == 0 or left_over, f"{arguments}: {done.stdout}{done.stderr}"

    def _call(self, *arguments: str, said: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603
            self.argv(*arguments),
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
            env=self.environment(),
            input=said,
        )

    def up(self, *arguments: str) -> None:
        self.run("up", "-d", "--wait", "--build", *SCALE, *arguments)

    @property
    def doors(self) -> str:
        return f"http://127.0.0.1:{self.ingress_port}"

    @property
    def proxy(self) -> str:
        return f"https://127.0.0.1:{self.https_port}"

    def execute(self, service: str, *command: str, fails: bool = False, said: str = "") -> str:
        """What a command prints inside a container of a service."""
        return self.run("exec", "-T", service, *command, fails=fails, said=said)

    def fleet(self, *arguments: str, said: str = "") -> str:
        """The command line of the server."""
        return self.execute("relay", "fleet", *arguments, said=said)

    def containers(self, service: str = "") -> list[str]:
        return self.run("ps", "-a", "-q", *([service] if service else [])).split()

    def webhook(self, name: str, *options: str) -> str:
        """The URL of a new webhook that leads to the subscriber."""
        made = json.loads(self.fleet("webhooks", "create", name, "--sender", "github", *options, "--json"))
        return made["url"]

    def this_machine(self) -> str:
        """The address of this machine, as the proxy sees it."""
        [facts] = json.loads(docker("inspect", self.containers("proxy")[0]))
        return facts["NetworkSettings"]["Networks"][f"{self.project}_edge"]["Gateway"]

    def kill(self, service: str) -> None:
        """kill -9 of the main process of the first container of a service."""
        os.kill(int(self._state(service, "Pid")), signal.SIGKILL)

    def restarts(self, service: str) -> int:
        return int(docker("inspect", "-f", "{{.RestartCount}}", self.containers(service)[0]))

    def is_well(self, service: str) -> bool:
        state = json.loads(docker("inspect", "-f", "{{json .State}}", self.containers(service)[0]))
        return state["Running"] and state.get("Health", {}).get("Status", "healthy") == "healthy"

    def _state(self, service: str, what: str) -> str:
        return docker("inspect", "-f", f"{{{{.State.{what}}}}}", self.containers(service)[0]).strip()

    def arrived(self) -> list[str]:
        """Ids of the events at the subscriber, in the order in which they came."""
        return re.findall(r"evt_\w+", self.execute("app", "cat", "/tmp/seen"))  # noqa: S108
