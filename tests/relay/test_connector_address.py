"""The log says where a connector comes from, as far as trusted proxies vouch for it."""

import aiohttp
import pytest
from structlog.testing import capture_logs

from domain.networks import Networks
from relay.tunnel.codec import decode, encode
from relay.tunnel.messages import Hello, Welcome
from tests.running_relay import context_of, relay
from tests.tenant import Tenant
from tests.tunnel_messages import TUNNEL


@pytest.mark.parametrize(
    ("trusted", "forwarded", "address"),
    [
        ([], "192.0.2.7", "127.0.0.1"),
        (["127.0.0.1"], "198.51.100.1, 192.0.2.7", "192.0.2.7"),
        (["127.0.0.1"], "nonsense", "unknown"),
    ],
)
async def test_an_opened_tunnel_is_logged_with_its_address(
    tenant: Tenant, redis_url: str, trusted: list[str], forwarded: str, address: str
) -> None:
    tenant.subscribe()
    headers = {"authorization": f"Bearer {tenant.token}", "x-forwarded-for": forwarded}
    context = context_of(redis_url, trusted=Networks.of(trusted))
    with capture_logs() as logs:
        async with (
            relay(context) as port,
            aiohttp.ClientSession() as session,
            session.ws_connect(f"http://127.0.0.1:{port}/tunnel", headers=headers) as websocket,
        ):
            hello = encode(Hello(TUNNEL, ("ci",), 1))
            assert isinstance(hello, str)
            await websocket.send_str(hello)
            assert isinstance(decode((await websocket.receive()).data), Welcome)
    assert [line["address"] for line in logs if line["event"] == "tunnel_opened"] == [address]
