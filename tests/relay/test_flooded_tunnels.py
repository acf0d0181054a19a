"""A connector that says much and reads nothing does not fill the relay's memory."""

import asyncio
from contextlib import suppress

from structlog.testing import capture_logs

from domain.delivery import Outcome
from relay.tunnel.messages import MAX_HOLDING, MAX_ITEMS, Confirmed, Hello, Result, Results, Settled, Welcome
from relay.tunnel.outbox import MAX_WAITING, Outbox
from tests.dialogue import Dialogue, dialogue
from tests.tenant import Tenant
from tests.tunnel_messages import TUNNEL, delivery
from tests.waiting import until


def test_an_outbox_counts_what_waits_and_not_the_frames() -> None:
    outbox = Outbox()
    assert not outbox
    for number in range(MAX_ITEMS + 1):
        outbox.put(Settled((Confirmed(delivery(number), 1),)))
    assert len(outbox) == MAX_ITEMS + 1
    assert len(outbox.frames()) == 2
    assert len(outbox) == 0


def test_a_connector_that_comes_back_with_all_it_may_hold_is_no_flood() -> None:
    # What it holds may belong to a subscription that is not served any more, and is said again besides.
    assert 2 * MAX_HOLDING < MAX_WAITING


async def test_a_connector_that_floods_results_and_does_not_read_is_let_go(tenant: Tenant, port: int) -> None:
    tenant.subscribe()
    flood = Results(tuple(Result(delivery(number), 1, Outcome.DELIVERED) for number in range(MAX_ITEMS)))
    with capture_logs() as logs:
        async with dialogue(port, tenant.token, Hello(TUNNEL, ("ci",), 1)) as talk:
            assert isinstance(await talk.hear(), Welcome)
            talk.pause_reading()
            saying = asyncio.create_task(_say_for_ever(talk, flood))
            await until(lambda: any(entry["event"] == "tunnel_closed" for entry in logs))
            saying.cancel()
            await asyncio.wait([saying])
    [closed] = [entry for entry in logs if entry["event"] == "tunnel_closed"]
    assert closed["reason"] == "overloaded"


async def _say_for_ever(talk: Dialogue, flood: Results) -> None:
    with suppress(ConnectionError):
        while True:
            await talk.say(flood)
