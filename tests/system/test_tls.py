"""The main job over TLS on both doors, in real processes, with a CA of our own."""

import asyncio
import socket
import ssl
import subprocess
import sys
from pathlib import Path

import pytest

from relay.connector.trust import trusting
from tests.certificates import Authority, files
from tests.system.stack import Subscriber, environment, gateway, post, until

AUTHORITY = Authority()


def settings(folder: Path) -> dict[str, object]:
    """Certificates for both doors, and the CA that issued them."""
    given: dict[str, object] = {"CA_FILE": AUTHORITY.write(folder / "ca.pem")}
    for door in ("INGRESS", "RELAY"):
        pair = files(folder, f"FLEET_{door}_TLS")
        AUTHORITY.issue().write(pair)
        given |= {f"{door}_TLS_CERT": pair.cert, f"{door}_TLS_KEY": pair.key}
    return given


def serial(port: int, tls: ssl.SSLContext) -> int:
    with (
        socket.create_connection(("127.0.0.1", port), 10) as plain,
        tls.wrap_socket(plain, server_hostname="localhost") as secured,
    ):
        shown = secured.getpeercert()
    assert shown is not None
    return int(str(shown["serialNumber"]), 16)


def run(environ: dict[str, str], *arguments: str) -> tuple[int, str, str]:
    command = [sys.executable, "-m", "cli", *arguments]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 - our own command
    return done.returncode, done.stdout, done.stderr


async def test_an_event_takes_its_way_over_tls_and_through_a_renewal(
    tmp_path: Path, local: Subscriber
) -> None:
    given = settings(tmp_path)
    tls = trusting(tmp_path / "ca.pem")
    async with gateway(tmp_path / "state", **given) as stack:
        assert stack.settings.public_url.startswith("https://")
        url = str(stack.webhook()["url"])
        stack.subscribe()
        await stack.connect(app=local.url)
        status, _ = await asyncio.to_thread(post, url, tls=tls)
        assert status == 202
        await stack.settled(1)
        # The relay knows the ingress beside it by its certificate, whatever name is in that.
        test = await asyncio.to_thread(stack.api.ask, "POST", "webhooks", "hook", "test", body={})
        assert test["status"] == 202
        await stack.settled(2)

        tunnels = stack.tunnels()
        for door, port in (("INGRESS", stack.settings.ingress_port), ("RELAY", stack.settings.relay_port)):
            new = AUTHORITY.issue().write(files(tmp_path, f"FLEET_{door}_TLS"))
            await until(lambda port=port, new=new: serial(port, tls) == new.serial, f"{door} has renewed")
        status, _ = await asyncio.to_thread(post, url, tls=tls)
        assert status == 202
        test = await asyncio.to_thread(stack.api.ask, "POST", "webhooks", "hook", "test", body={})
        assert test["status"] == 202
        await stack.settled(4)
        assert stack.tunnels() == tunnels
        assert (len(local.arrivals), stack.differences()) == (4, [])


def test_the_demo_works_over_tls(tmp_path: Path) -> None:
    environ = environment(tmp_path / "state", **settings(tmp_path))
    code, said, errors = run(environ, "demo", "--once")
    assert (code, errors) == (0, "")
    assert "arrived at http://127.0.0.1:" in said


@pytest.mark.parametrize("door", ["ingress", "relay"])
def test_a_door_with_the_wrong_key_does_not_start(tmp_path: Path, redis_url: str, door: str) -> None:
    given = settings(tmp_path)
    pair = files(tmp_path, f"FLEET_{door.upper()}_TLS")
    AUTHORITY.issue().write_key(pair)
    environ = environment(tmp_path / "state", REDIS_URL=redis_url, **given)
    assert run(environ, "init")[0] == 0
    code, said, errors = run(environ, "run", door)
    assert (code, said) == (1, "")
    assert errors.startswith(f"FLEET_{door.upper()}_TLS_KEY is {pair.key}; it is not the key of the ")
    assert errors.count("\n") == 1


def test_nothing_is_started_when_a_certificate_cannot_be_used(tmp_path: Path) -> None:
    given = settings(tmp_path)
    files(tmp_path, "FLEET_RELAY_TLS").cert.unlink()
    environ = environment(tmp_path / "state", **given)
    code, said, errors = run(environ, "up")
    assert (code, said) == (1, "")
    assert errors.startswith("FLEET_RELAY_TLS_CERT is ")
    assert errors.endswith("it cannot be read: No such file or directory.\n")
    assert not (tmp_path / "state").exists()
