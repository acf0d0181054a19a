"""What real processes tell Prometheus, and how they say that they are well."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from aiohttp import web

from cli.health import is_well
from cli.metrics.catalogue import METRICS
from cli.output import LogFiles
from cli.service import Service
from cli.stack import fleet
from cli.supervisor import Supervisor
from tests.scraping import free_ports, page, ports, samples, value
from tests.system.stack import Stack, Subscriber, environment, gateway, post, until

OF_THE_LIBRARY = ("process_",)
# The names of the services of `fleet up`, where they are not those of the processes in the catalogue.
QUEUES = {"retries": "deliveries"}


@pytest.fixture
async def stack(tmp_path: Path) -> AsyncGenerator[Stack]:
    """A gateway with all its processes, and metrics."""
    async with gateway(tmp_path, git=True, METRICS_PORT=free_ports(), RETRY_SCHEDULE_S="0.1") as running:
        yield running


async def served(stack: Stack, local: Subscriber) -> dict[str, int]:
    """Let an event come through; the ports of all processes, the connector's included."""
    webhook = stack.webhook()
    stack.subscribe()
    await stack.connect(app=local.url)
    assert post(webhook["url"], b"12345")[0] == 202
    await stack.settled(1)
    return ports(stack)


async def test_the_way_of_an_event_in_numbers(stack: Stack, local: Subscriber) -> None:
    known = await served(stack, local)
    ingress, relay, sweeper = known["ingress"], known["relay"], known["sweeper"]
    assert post(f"{stack.settings.public_url}/t/nobody")[0] == 404
    assert value(ingress, "fleet_events_accepted_total") == 1
    assert value(ingress, "fleet_accepted_bytes_total") == 5
    assert value(ingress, "fleet_accept_seconds_count") == 1
    assert 0 < value(ingress, "fleet_accept_seconds_sum") < 30
    assert value(ingress, "fleet_requests_refused_total", reason="unknown") == 1
    assert value(ingress, "fleet_requests_total") == 2
    assert value(known["events"], "fleet_events_decided_total", state="fanned_out") == 1
    assert value(known["events"], "fleet_jobs_total", queue="events", outcome="done") == 1
    assert value(relay, "fleet_tunnels_connected") == 1
    assert value(relay, "fleet_attempts_total", outcome="delivered") == 1
    assert value(relay, "fleet_deliveries_sent_total") == 1
    assert value(relay, "fleet_delivery_seconds_count") == 1
    assert 0 < value(relay, "fleet_delivery_seconds_sum") < 60
    assert value(known["connector"], "fleet_connector_attempts_total", outcome="delivered") == 1
    assert value(known["connector"], "fleet_connector_connected") == 1
    assert value(sweeper, "fleet_sweeper_on_duty") == 1
    await until(
        lambda: value(sweeper, "fleet_ledger_deliveries", state="delivered") == 1, "the sweeper tells it"
    )
    assert value(sweeper, "fleet_unaccounted_events") == value(sweeper, "fleet_unaccounted_deliveries") == 0
    assert value(sweeper, "fleet_tunnels_live") == value(sweeper, "fleet_redis_up") == 1


async def test_what_fails_is_counted_where_it_fails(stack: Stack, local: Subscriber) -> None:
    local.answer = lambda _: web.Response(status=500)
    webhook = stack.webhook(require_signature=True)
    stack.webhook("open")
    stack.subscribe(webhooks=("hook", "open"))
    await stack.connect(app=local.url)
    post(webhook["url"])
    post(stack.api.ask("GET", "webhooks", "open")["url"])
    await until(lambda: stack.count("delivery:dead") == 1 and stack.count("event:rejected") == 1, "both")
    known = ports(stack)
    assert value(known["events"], "fleet_events_rejected_total") == 1
    assert value(known["relay"], "fleet_attempts_total", outcome="retry") == 1
    assert value(known["relay"], "fleet_attempts_total", outcome="exhausted") == 1
    assert value(known["retries"], "fleet_retries_total", outcome="resent") == 1
    await until(
        lambda: value(known["retries"], "fleet_jobs_total", outcome="failed") == 1, "the job of its death"
    )
    assert value(known["retries"], "fleet_retries_total", outcome="dead") == 1
    await until(
        lambda: value(known["sweeper"], "fleet_queue_failed_jobs", queue="deliveries") == 1, "a failed job"
    )


async def test_every_process_tells_what_the_catalogue_says_and_nothing_else(
    stack: Stack, local: Subscriber
) -> None:
    known = await served(stack, local)
    assert known.keys() == {"ingress", "relay", "events", "retries", "sweeper", "git", "connector"}
    for name, port in known.items():
        told = {each.name for each in samples(port) if not each.name.startswith(OF_THE_LIBRARY)}
        labels = {(each.name, *sorted(each.labels.keys() - {"le"})) for each in samples(port)}
        process = QUEUES.get(name, name)
        mine = [metric for metric in METRICS if process in metric.exporters]
        assert told == {series for metric in mine for series in metric.series}, name
        assert {(series, *sorted(metric.labels)) for metric in mine for series in metric.series} <= labels


async def test_every_process_says_that_it_is_well_and_compose_would_hear_it(
    stack: Stack, local: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = await served(stack, local)
    for name, port in known.items():
        assert page(port, "/healthz")[0] == 200, name
        assert page(port, "/readyz") == (200, '{"ready": true}'), name
        assert page(port, "/")[0] == 404
    monkeypatch.setenv("FLEET_METRICS_HOST", "0.0.0.0")  # noqa: S104 - asked, not bound
    for name in ("events", "sweeper", "connector"):
        monkeypatch.setenv("FLEET_METRICS_PORT", str(known[name]))
        assert is_well(name)
    await stack.crash("relay")
    await until(lambda: value(known["connector"], "fleet_connector_opened_total") == 2, "it is back")
    assert page(known["connector"], "/readyz")[0] == 200


async def test_a_connector_without_a_tunnel_says_that_it_cannot_work(tmp_path: Path) -> None:
    environ = environment(tmp_path, METRICS_PORT=free_ports(1), TOKEN="fleet_any")
    lonely = Service(name="connector", argv=fleet("connect", "app=http://127.0.0.1:1/"), env=environ)
    logs = tmp_path / "logs"
    async with Supervisor([lonely], LogFiles(logs)):
        port = int(environ["FLEET_METRICS_PORT"])
        log = logs / "connector.log"
        await until(lambda: log.exists() and "DISCONNECTED" in log.read_text(), "no relay")
        assert page(port, "/readyz") == (
            503,
            '{"ready": false, "reason": "There is no tunnel to the relay."}',
        )
        assert page(port, "/healthz")[0] == 200
        assert value(port, "fleet_connector_connected") == 0


async def test_only_the_sweeper_on_duty_speaks_for_the_server(tmp_path: Path) -> None:
    async with gateway(tmp_path, METRICS_PORT=free_ports()) as stack:
        await stack.add("sweeper-2", "sweeper", METRICS_PORT=free_ports(1))
        await until(lambda: "sweeper-2" in ports(stack), "a second sweeper")
        known = ports(stack)
        first, second = known["sweeper"], known["sweeper-2"]
        await until(lambda: page(second, "/readyz")[0] == 200, "it stands by, which is its work")
        told = [{each.name for each in samples(port)} for port in (first, second)]
        assert "fleet_unaccounted_events" in told[0]
        assert "fleet_unaccounted_events" not in told[1]
        assert value(second, "fleet_sweeper_on_duty") == 0
        await stack.stop("sweeper")
        await until(lambda: value(second, "fleet_sweeper_on_duty") == 1, "the second one is on duty")
        assert value(second, "fleet_redis_up") == 1


async def test_ids_of_webhooks_are_labels_only_where_that_is_wished_for(
    tmp_path: Path, local: Subscriber
) -> None:
    async with gateway(tmp_path, METRICS_PORT=free_ports(), METRICS_WEBHOOKS="on") as stack:
        known = await served(stack, local)
        [webhook] = stack.api.ask("GET", "webhooks")["webhooks"]
        assert value(known["ingress"], "fleet_events_accepted_total", webhook=webhook["id"]) == 1
        [tunnel] = stack.tunnels()
        backlogs = [each for each in samples(known["sweeper"]) if each.name == "fleet_tunnel_backlog"]
        assert [each.labels for each in backlogs] == [{"gateway": stack.gateway, "tunnel": tunnel}]


async def test_the_canary_tells_how_long_its_way_was(tmp_path: Path) -> None:
    async with gateway(tmp_path, METRICS_PORT=free_ports(), CANARY_INTERVAL="1") as stack:
        await until(lambda: "canary" in ports(stack), "a canary")
        port = ports(stack)["canary"]
        await until(lambda: value(port, "fleet_canary_walks_total", outcome="good") > 1, "two good walks")
        assert value(port, "fleet_canary_ok") == 1
        assert 0 < value(port, "fleet_canary_seconds") < 10
        assert value(port, "fleet_canary_good_timestamp_seconds") > 1.7e9
        assert page(port, "/readyz")[0] == 200
        told = {each.name for each in samples(port) if not each.name.startswith(OF_THE_LIBRARY)}
        mine = [metric for metric in METRICS if "canary" in metric.exporters]
        assert told == {series for metric in mine for series in metric.series}
