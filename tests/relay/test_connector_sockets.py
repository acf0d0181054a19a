"""A connector that ends leaves no socket open, whatever the other side does."""

import asyncio
import ssl
from pathlib import Path

import aiohttp
import psutil
import pytest

from relay.connector.link import connect
from relay.connector.sockets import Sockets
from relay.connector.trust import trusting
from tests.certificates import Authority, files
from tests.waiting import until

AUTHORITY = Authority()


def connections(port: int) -> int:
    """How many this process has made to a port and not closed."""
    found = psutil.Process().net_connections("tcp")
    return len([each for each in found if each.raddr and each.raddr.port == port])


@pytest.fixture
def served(tmp_path: Path) -> ssl.SSLContext:
    pair = files(tmp_path, "FLEET_RELAY_TLS")
    AUTHORITY.issue().write(pair)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.cert, pair.key)
    return context


async def test_a_connection_that_the_other_side_never_hangs_up_is_cut(
    served: ssl.SSLContext, tmp_path: Path
) -> None:
    trust = trusting(AUTHORITY.write(tmp_path / "ca.pem"))
    asked, done = asyncio.Event(), asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await done.wait()
        writer.transport.abort()
        assert reader is not None

    server = await asyncio.start_server(silent, "127.0.0.1", 0, ssl=served)
    port = server.sockets[0].getsockname()[1]
    sockets = Sockets()
    way = aiohttp.TCPConnector(ssl=trust, socket_factory=sockets.make)
    async with aiohttp.ClientSession(connector=way) as session:
        connecting = asyncio.create_task(connect(session, f"https://127.0.0.1:{port}/", "token"))
        await until(asked.is_set)
        connecting.cancel()
        await asyncio.wait([connecting])
    assert connections(port) == 1
    await sockets.ended()
    assert connections(port) == 0
    done.set()
    server.close()
    await server.wait_closed()
