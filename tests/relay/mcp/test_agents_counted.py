"""Calls are counted for Prometheus by tool and outcome, with labels that are bounded."""

from prometheus_client.exposition import generate_latest
from prometheus_client.registry import CollectorRegistry

from cli.metrics.instruments import Book
from cli.metrics.of_relay import RelayMeters
from relay.mcp.outcomes import NAMES, OUTCOMES
from tests.agent import over_http
from tests.running_relay import context_of, relay
from tests.tenant import Tenant


def told(book: Book) -> list[str]:
    registry = CollectorRegistry()
    registry.register(book)
    lines = generate_latest(registry).decode().splitlines()
    return [line for line in lines if line.startswith("fleet_mcp_calls_total{")]


async def test_calls_are_counted_by_tool_and_outcome(redis_url: str, tenant: Tenant) -> None:
    book = Book()
    context = context_of(redis_url, meters=RelayMeters(book))
    async with relay(context) as port, over_http(f"http://127.0.0.1:{port}", tenant.token) as agent:
        await agent.call("list_webhooks")
        await agent.call("list_webhooks")
        await agent.refused("show_webhook", webhook="unknown")
        await agent.refused("hush_hush")
    lines = told(book)
    assert len(lines) == len(NAMES) * len(OUTCOMES)
    assert {line for line in lines if not line.endswith(" 0.0")} == {
        'fleet_mcp_calls_total{outcome="answered",tool="list_webhooks"} 2.0',
        'fleet_mcp_calls_total{outcome="refused",tool="show_webhook"} 1.0',
    }
