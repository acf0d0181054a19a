"""A machine that was away for too long: its subscription has ended, and it begins anew, and says so."""

import asyncio
from dataclasses import dataclass, field

import pytest

from cli.client import ControlApi
from cli.listen import session
from cli.listen.session import Plan, Session
from cli.listen.subscribing import Subscribed, Wanted
from relay.connector.connector import ConnectorConfig
from relay.connector.errors import TunnelRefusedError
from relay.connector.observer import Observer
from relay.connector.targets.http import HttpOptions
from store import subscriptions
from store.connect import SyncStore
from tests.local_server import local_server
from tests.running_connector import Recorder
from tests.running_relay import context_of, relay
from tests.tenant import Tenant, clock_ms
from tests.waiting import until


@dataclass
class Told:
    """Remembers what was told of listening."""

    observer: Observer
    renewals: list[str] = field(default_factory=list)
    backlogs: list[int] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def renewed(self, name: str) -> None:
        self.renewals.append(name)

    def backlog(self, count: int) -> None:
        self.backlogs.append(count)

    def gone(self, webhook: str) -> None:
        self.lost.append(webhook)


@pytest.fixture
def tenant(redis_url: str):
    store = SyncStore(redis_url)
    yield Tenant(store)
    store.close()


async def begun(port: int, tenant: Tenant, url: str) -> tuple[Session, Plan, Recorder, Told]:
    recorder = Recorder()
    told = Told(recorder)
    api = ControlApi(f"http://127.0.0.1:{port}", tenant.token)
    wanted = Wanted("here", ["hook"], [], 30, is_kept=False)
    subscribed = await asyncio.to_thread(Subscribed, api, wanted)
    plan = Plan(
        config=ConnectorConfig(f"http://127.0.0.1:{port}", tenant.token),
        api=api,
        teller=told,  # pyright: ignore[reportArgumentType] - what a session needs of it
        subscribed=subscribed,
        url=url,
        options=HttpOptions(),
        hooks=(),
        relay_clock_ms=clock_ms,
    )
    return Session(plan, recorder), plan, recorder, told


def end_of(tenant: Tenant, plan: Plan) -> None:
    """As the sweeper ends it when no tunnel has served it for long."""
    call = subscriptions.remove(tenant.gateway.id, str(plan.subscribed.subscription["id"]), clock_ms())
    assert tenant.store.run(call)


async def test_there_is_another_subscription_and_events_arrive_again(
    tenant: Tenant, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "_CALM_S", 0)
    async with local_server() as local:
        async with relay(context_of(redis_url)) as port:
            made, plan, recorder, told = await begun(port, tenant, local.url)
            running = asyncio.create_task(made.run())
            await until(lambda: recorder.welcomes)
        end_of(tenant, plan)
        async with relay(context_of(redis_url), port):
            await until(lambda: len(recorder.welcomes) == 2)
            assert told.renewals == [plan.subscribed.name]
            tenant.post(str(plan.subscribed.subscription["id"]))
            await until(lambda: recorder.attempts)
            made.stop()
            await running
    assert len(local.seen) == 1
    assert told.backlogs == []


async def test_what_was_removed_at_once_is_not_made_again_and_again(tenant: Tenant, redis_url: str) -> None:
    async with local_server() as local, relay(context_of(redis_url)) as port:
        made, plan, _, told = await begun(port, tenant, local.url)
        end_of(tenant, plan)
        with pytest.raises(TunnelRefusedError, match="no subscription"):
            await made.run()
    assert told.renewals == []
