"""Every service is stopped and started again, one after the other, while events come in."""

import json
from collections import Counter
from pathlib import Path

from cli import surroundings
from store import presence
from store.connect import SyncStore
from tests.forwarder import forwarder
from tests.system.load import under_load
from tests.system.stack import Stack, Subscriber, free_port, gateway, is_ready, until

DOORS = ("ingress", "ingress-2", "relay", "relay-2")
WORKERS = {"events": "events", "events-2": "events", "retries": "deliveries"}
SWEEPERS = ("sweeper", "sweeper-2")


async def restart_all(stack: Stack, ports: dict[str, int]) -> None:
    for name in (*DOORS, *WORKERS, *SWEEPERS):
        await stack.stop(name)
        if name in ports:
            await until(lambda: is_ready(ports[name]), f"{name} again")  # noqa: B023 - awaited at once
        elif name in WORKERS:
            await until(lambda: serves(stack, name), f"{name} again")  # noqa: B023 - likewise


def serves(stack: Stack, name: str) -> bool:
    store = SyncStore(surroundings.redis_url(stack.settings))
    try:
        processes = store.run(presence.processes(store.run(presence.workers(WORKERS[name]))))
        return stack.running.pid(name) in {pid for _, pid in processes}
    finally:
        store.close()


async def test_a_rolling_restart_loses_and_repeats_nothing(tmp_path: Path, local: Subscriber) -> None:
    ports = {name: free_port() for name in DOORS}
    with (
        forwarder(ports["ingress"], ports["ingress-2"]) as public,
        forwarder(ports["relay"], ports["relay-2"]) as owners,
    ):
        async with gateway(
            tmp_path,
            INGRESS_PORT=ports["ingress"],
            RELAY_PORT=ports["relay"],
            PUBLIC_URL=public.url,
            API_URL=owners.url,
            RECOVERY_S=2,
            JOB_TIMEOUT_S=2,
        ) as stack:
            await stack.add("ingress-2", "ingress", INGRESS_PORT=ports["ingress-2"])
            await stack.add("relay-2", "relay", RELAY_PORT=ports["relay-2"])
            await stack.add("events-2", "worker", "events")
            await stack.add("sweeper-2", "sweeper")
            await until(lambda: all(is_ready(port) for port in ports.values()), "all doors")
            await until(lambda: serves(stack, "events-2"), "a second worker")
            webhook = stack.webhook()
            stack.subscribe()
            await stack.connect(app=local.url)
            async with under_load(webhook["url"]) as posted:
                await restart_all(stack, ports)
                await stack.stop("connector")
            await stack.settled(len(posted.accepted))
            assert set(posted.statuses) <= {202, 503, 0}
            assert Counter(local.events()) == Counter(posted.accepted)
            numbers = Counter(json.loads(arrival.body)["number"] for arrival in local.arrivals)
            assert set(numbers.values()) == {1}, "no sender had to repeat what was kept"
            assert stack.differences() == []
            for name in (*DOORS, *WORKERS, *SWEEPERS, "connector"):
                assert stack.ends(name) == ["exit code 0"], name
