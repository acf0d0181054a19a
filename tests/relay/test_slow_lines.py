"""A line that is slow but moves brings large events; only one that stands still is given up."""

import pytest

from tests.running_connector import Scripted, connector
from tests.running_relay import context_of, relay
from tests.tenant import Tenant
from tests.troubled_line import troubled_line
from tests.waiting import until

RATE = 256 * 1024


async def test_a_large_event_outlasts_every_limit_of_a_slow_line(
    tenant: Tenant, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The event takes 4 s: longer than a fragment may take, and than either end waits for a sign of life.
    monkeypatch.setattr("relay.server.protocol.WRITE_TIMEOUT_S", 2.0)
    subscription = tenant.subscribe()
    target = Scripted()
    context = context_of(redis_url, heartbeat_s=0.4)
    async with relay(context) as port, troubled_line(port) as line:
        line.rate = RATE
        async with connector(line.port, tenant.token, {"ci": target}) as running:
            tenant.post(subscription, body=bytes(1024 * 1024))
            await until(lambda: tenant.states() == ["delivered"])
            assert running.recorder.losses == []
    assert len(target.arrivals[0].request.body) == 1024 * 1024
