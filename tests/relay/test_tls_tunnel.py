"""Tunnels over TLS with a CA of our own: what is trusted, what is not and what it says, and renewals."""

import asyncio
import os
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.certificate import Pair
from domain.event import Request
from domain.webhook import MAX_BODY_BYTES
from relay.connector.trust import CaFileError, trusting
from tests.certificates import Authority, files
from tests.running_connector import Scripted, connector
from tests.running_relay import context_of, tls_relay
from tests.tenant import Tenant
from tests.waiting import WAIT_S, until

AUTHORITY = Authority()
DISTRUST = "The certificate of the relay cannot be trusted: "


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pair:
    monkeypatch.setattr("cli.renewal.LOOK_S", 0.02)
    made = files(tmp_path, "FLEET_RELAY_TLS")
    AUTHORITY.issue().write(made)
    return made


@pytest.fixture
def trust(tmp_path: Path) -> ssl.SSLContext:
    return trusting(AUTHORITY.write(tmp_path / "ca.pem"))


@pytest.fixture
def tls_port(redis_url: str, pair: Pair) -> Iterator[int]:
    with tls_relay(context_of(redis_url), pair) as port:
        yield port


async def serial(port: int, trust: ssl.SSLContext) -> int:
    """Of the certificate that a new connection is shown."""
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trust)
    shown = writer.get_extra_info("peercert")["serialNumber"]
    writer.close()
    await writer.wait_closed()
    return int(shown, 16)


async def test_a_delivery_of_the_largest_size_arrives(
    tenant: Tenant, tls_port: int, trust: ssl.SSLContext
) -> None:
    request = Request("POST", b"", b"", (), os.urandom(MAX_BODY_BYTES))
    subscription, target = tenant.subscribe(), Scripted()
    async with connector(tls_port, tenant.token, {"ci": target}, scheme="https", tls=trust):
        tenant.post(subscription, request=request)
        await until(lambda: tenant.states() == ["delivered"])
    assert [arrival.request.body for arrival in target.arrivals] == [request.body]


async def test_a_tunnel_goes_on_through_a_renewal(
    tenant: Tenant, tls_port: int, trust: ssl.SSLContext, pair: Pair
) -> None:
    subscription, target = tenant.subscribe(), Scripted()
    async with connector(tls_port, tenant.token, {"ci": target}, scheme="https", tls=trust) as running:
        await running.connected()
        new = AUTHORITY.issue().write(pair)
        async with asyncio.timeout(WAIT_S):
            while await serial(tls_port, trust) != new.serial:  # noqa: ASYNC110 - another thread renews it
                await asyncio.sleep(0.005)
        tenant.post(subscription)
        await until(lambda: tenant.states() == ["delivered"])
    assert (len(running.recorder.welcomes), running.recorder.losses) == (1, [])


async def test_an_unknown_ca_is_told_with_what_to_do_and_a_renewal_cures_it(
    tenant: Tenant, redis_url: str, pair: Pair, trust: ssl.SSLContext
) -> None:
    tenant.subscribe()
    Authority().issue().write(pair)
    with tls_relay(context_of(redis_url), pair) as port:
        async with connector(port, tenant.token, {"ci": Scripted()}, scheme="https", tls=trust) as running:
            await until(lambda: len(running.recorder.losses) >= 2)
            AUTHORITY.issue().write(pair)
            await running.connected()
    said = running.recorder.losses[0]
    assert said.startswith(DISTRUST)
    assert said.endswith("set FLEET_CA_FILE to the certificate of that CA.")
    assert "\n" not in said


async def test_the_cas_of_the_system_do_not_vouch_for_ours(tenant: Tenant, tls_port: int) -> None:
    tenant.subscribe()
    async with connector(tls_port, tenant.token, {"ci": Scripted()}, scheme="https") as running:
        await until(lambda: running.recorder.losses)
    assert "FLEET_CA_FILE" in running.recorder.losses[0]


async def test_another_name_is_told_with_what_to_do(
    tenant: Tenant, redis_url: str, pair: Pair, trust: ssl.SSLContext
) -> None:
    AUTHORITY.issue("relay.example.org").write(pair)
    with tls_relay(context_of(redis_url), pair) as port:
        async with connector(port, tenant.token, {"ci": Scripted()}, scheme="https", tls=trust) as running:
            await until(lambda: running.recorder.losses)
    said = running.recorder.losses[0]
    assert said.startswith(DISTRUST)
    assert said.endswith("FLEET_API_URL must have a name that is in the certificate.")


async def test_an_expired_certificate_is_told_with_what_to_do(
    tenant: Tenant, redis_url: str, pair: Pair, trust: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    AUTHORITY.issue(days=-1).write(pair)
    monkeypatch.setattr("cli.door.clock_ms", lambda: 0)
    with tls_relay(context_of(redis_url), pair) as port:
        async with connector(port, tenant.token, {"ci": Scripted()}, scheme="https", tls=trust) as running:
            await until(lambda: running.recorder.losses)
    assert running.recorder.losses[0].startswith(f"{DISTRUST}certificate has expired. It has to be renewed")


async def test_a_relay_without_tls_is_told_so(tenant: Tenant, port: int, trust: ssl.SSLContext) -> None:
    async with connector(port, tenant.token, {"ci": Scripted()}, scheme="https", tls=trust) as running:
        await until(lambda: running.recorder.losses)
    assert running.recorder.losses[0] == (
        "What answers there speaks no TLS, or not ours; check FLEET_API_URL."
    )


def test_a_handshake_that_takes_too_long_is_hung_up_on(redis_url: str, pair: Pair) -> None:
    with (
        tls_relay(context_of(redis_url), pair, handshake_s=0.1) as port,
        socket.create_connection(("127.0.0.1", port), WAIT_S) as connection,
    ):
        assert connection.recv(4096) == b""


async def test_a_silent_connection_is_closed_and_a_tunnel_is_not(
    tenant: Tenant, redis_url: str, pair: Pair, trust: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.server.protocol.HEAD_TIMEOUT_S", 0.05)
    subscription = tenant.subscribe()
    with tls_relay(context_of(redis_url), pair) as port:
        async with connector(port, tenant.token, {"ci": Scripted()}, scheme="https", tls=trust) as running:
            await running.connected()
            # Each lives for the limit to twice the limit: two that come later are past both.
            for _ in range(2):
                reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trust)
                assert await asyncio.wait_for(reader.read(), WAIT_S) == b""
                writer.close()
                await writer.wait_closed()
            tenant.post(subscription)
            await until(lambda: tenant.states() == ["delivered"])
    assert len(running.recorder.welcomes) == 1


def test_a_ca_file_that_cannot_be_used_is_told_so(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    with pytest.raises(CaFileError) as refused:
        trusting(file)
    assert str(refused.value) == f"FLEET_CA_FILE is {file}; it cannot be read: No such file or directory."
    for content in (b"", b"hello", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
        file.write_bytes(content)
        with pytest.raises(CaFileError) as refused:
            trusting(file)
        assert str(refused.value) == f"FLEET_CA_FILE is {file}; it holds no certificate in PEM form."


def test_a_ca_file_adds_to_the_cas_of_the_system(tmp_path: Path) -> None:
    system = trusting(None)
    ours = trusting(AUTHORITY.write(tmp_path / "ca.pem"))
    assert ours.cert_store_stats()["x509_ca"] == system.cert_store_stats()["x509_ca"] + 1
    for context in (system, ours):
        assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
