"""Alert rules, dashboard and configuration speak of metrics that exist, with labels that they have."""

import json
import os
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.metrics.catalogue import METRICS
from cli.metrics.metric import Kind
from config.settings import load
from tests.deploy.compose import ROOT
from tests.deploy.promtool import missing, promtool
from tests.documents import codes, table

ALERTS = ROOT / "deploy/grafana/alerts.yml"
DASHBOARD = ROOT / "deploy/grafana/dashboards/fleet.json"
PROMETHEUS = ROOT / "deploy/prometheus/prometheus.yml"
COMPOSE = ROOT / "docker-compose.yml"
# Of Prometheus itself, and of its library for processes; below, what is added to each series when it is read.
FOREIGN = {"up", "process_cpu_seconds_total", "process_resident_memory_bytes"}
ADDED = {"job", "instance", "service"}
SERIES = {series: metric for metric in METRICS for series in metric.series}
RATES = ("rate", "increase")


def rules() -> list[dict[str, Any]]:
    [group] = yaml.safe_load(ALERTS.read_text())["groups"]
    return group["rules"]


def panels() -> list[dict[str, Any]]:
    return [each for each in json.loads(DASHBOARD.read_text())["panels"] if each["type"] != "row"]


def targets() -> Iterator[tuple[str, str]]:
    """Expression and legend of each line in the dashboard."""
    for panel in panels():
        for target in panel["targets"]:
            yield target["expr"], target["legendFormat"]


EXPRESSIONS = [*(each["expr"] for each in rules()), *(expression for expression, _ in targets())]


def names(expression: str) -> set[str]:
    plain = re.sub(r'"[^"]*"', "", expression)
    return set(re.findall(r"\b(?:fleet|process)_\w+|\bup\b", plain))


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_metric_that_is_asked_for_exists(expression: str) -> None:
    assert names(expression)
    assert names(expression) <= SERIES.keys() | FOREIGN


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_label_that_is_asked_for_is_one_of_its_metric(expression: str) -> None:
    labels = {"le"} | ADDED
    for name in names(expression) - FOREIGN:
        labels |= set(SERIES[name].labels)
    asked = set(chain(*(part.split(", ") for part in re.findall(r"by \(([^)]*)\)", expression))))
    asked |= set(re.findall(r"(\w+)!?=~?\"", expression))
    assert asked <= labels


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_counters_are_asked_for_their_rate_and_gauges_are_not(expression: str) -> None:
    for name in names(expression) - FOREIGN:
        is_rate = re.search(rf"(?:{'|'.join(RATES)})\({name}\b", expression) is not None
        assert is_rate == (SERIES[name].kind is not Kind.GAUGE), name


@pytest.mark.parametrize(("expression", "legend"), list(targets()))
def test_a_legend_names_labels_that_are_left(expression: str, legend: str) -> None:
    left = set(chain(*(part.split(", ") for part in re.findall(r"by \(([^)]*)\)", expression))))
    left |= ADDED if " by (" not in expression else set()
    assert set(re.findall(r"\{\{(\w+)\}\}", legend)) <= left


def test_every_metric_of_the_server_and_of_the_doors_is_in_the_dashboard() -> None:
    shown = set(chain(*(names(expression) for expression, _ in targets())))
    hidden = {metric.name for metric in METRICS if not shown & set(metric.series)}
    assert hidden == {
        "fleet_tunnels_opened_total",
        "fleet_tunnels_refused_total",
        "fleet_tunnels_lapsed_total",
        "fleet_deliveries_sent_total",
        "fleet_sent_bytes_total",
        "fleet_jobs_total",
        "fleet_queue_started_jobs",
        "fleet_sweeps_total",
        "fleet_swept_total",
        "fleet_stored_events",
        "fleet_ledger_created",
        "fleet_due_members",
        "fleet_connector_opened_total",
        "fleet_connector_attempt_seconds",
        "fleet_canary_good_timestamp_seconds",
        "fleet_canary_walks_total",
        "fleet_service_info",
    }


def test_panels_have_numbers_of_their_own_and_do_not_overlap() -> None:
    found = json.loads(DASHBOARD.read_text())["panels"]
    assert len({each["id"] for each in found}) == len(found)
    places: set[tuple[int, int]] = set()
    for place in (each["gridPos"] for each in found):
        xs, ys = range(place["x"], place["x"] + place["w"]), range(place["y"], place["y"] + place["h"])
        cells = {(x, y) for x in xs for y in ys}
        assert not cells & places
        assert max(xs) < 24
        places |= cells


def test_every_alert_is_explained_in_the_order_of_the_file() -> None:
    told = table("docs/monitoring.md", "| alert | fires when | what to do |")
    assert [codes(row[0])[0] for row in told] == [each["alert"] for each in rules()]
    assert {each["labels"]["severity"] for each in rules()} == {"critical", "warning"}
    assert all(each["annotations"]["summary"] for each in rules())


def test_prometheus_asks_every_process_of_the_compose_file() -> None:
    services = yaml.safe_load(COMPOSE.read_text())["services"]
    [job] = yaml.safe_load(PROMETHEUS.read_text())["scrape_configs"]
    [discovery] = job["dns_sd_configs"]
    running = {
        name
        for name, each in services.items()
        if each.get("image") == "fleet-gateway" and each.get("restart") != "no"
    }
    assert set(discovery["names"]) == running
    image = (ROOT / "Dockerfile").read_text()
    assert f"FLEET_METRICS_PORT={discovery['port']}\n" in image
    assert job["job_name"] == "fleet"
    asker = set(services["prometheus"]["networks"])
    networks = yaml.safe_load(COMPOSE.read_text())["networks"]
    for name in running:
        assert asker & set(services[name]["networks"]), name
    assert all(networks[name]["internal"] is True for name in asker)


def test_what_monitors_is_as_hardened_as_what_is_monitored() -> None:
    services = yaml.safe_load(COMPOSE.read_text())["services"]
    for name in ("prometheus", "grafana"):
        service = services[name]
        for key in ("user", "read_only", "cap_drop", "security_opt", "init", "logging"):
            assert service[key] == services["ingress"][key], (name, key)
        assert service["deploy"] == services["ingress"]["deploy"]
        assert service["profiles"] == ["monitoring"]
        assert re.fullmatch(r"\$\{[A-Z]+_IMAGE:-[a-z/]+:v?[\d.]+\}", service["image"])
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
    assert "ports" not in services["prometheus"]
    assert not {key for key in services["grafana"]["environment"] if key.endswith("PASSWORD")}


def test_no_proxy_of_ours_leads_to_the_ports_for_metrics() -> None:
    for file in (ROOT / "deploy/nginx").iterdir():
        assert "9464" not in file.read_text()
        assert "metrics" not in file.read_text()
    assert load({}).metrics_host == "127.0.0.1"
    assert load({}).metrics_port is None


def test_the_files_that_are_mounted_exist() -> None:
    services = yaml.safe_load(COMPOSE.read_text())["services"]
    for name in ("prometheus", "grafana"):
        mounted = [each for each in services[name]["volumes"] if isinstance(each, str) and each[0] == "."]
        assert mounted
        for each in mounted:
            assert (ROOT / each.split(":")[0]).exists()
    provider = yaml.safe_load((ROOT / "deploy/grafana/provisioning/dashboards/fleet.yml").read_text())
    assert provider["providers"][0]["options"]["path"] == "/etc/fleet/dashboards"
    source = yaml.safe_load((ROOT / "deploy/grafana/provisioning/datasources/prometheus.yml").read_text())
    assert all(each["datasource"]["uid"] == source["datasources"][0]["uid"] for each in panels())


# --- with Prometheus' own tool


@pytest.fixture
def tool() -> None:
    """Where there is none these tests are skipped, and say so; REQUIRE_PROMETHEUS=1 makes that a failure."""
    if missing() and os.environ.get("REQUIRE_PROMETHEUS") != "1":
        pytest.skip(f"Prometheus' own checks need what is not here: {missing()}")
    assert not missing(), f"REQUIRE_PROMETHEUS is set, and this is not here: {missing()}"


@pytest.mark.prometheus
@pytest.mark.usefixtures("tool")
def test_prometheus_takes_rules_and_configuration() -> None:
    assert f"{len(rules())} rules found" in promtool("check", "rules", str(ALERTS))
    promtool("check", "config", "--syntax-only", str(PROMETHEUS))


# What makes each alert fire: series, and their values over time as promtool writes them.
FIRES = {
    "FleetProcessDown": {'up{job="fleet"}': "0x80"},
    "FleetNoSweeper": {"fleet_sweeper_on_duty": "0x80"},
    "FleetRedisAway": {"fleet_redis_up": "0x80"},
    "FleetLedgerOut": {"fleet_unaccounted_deliveries": "1x80"},
    "FleetEventsRefused": {'fleet_requests_total{status="503"}': "0+1x80"},
    "FleetNoWorkers": {'fleet_queue_workers{queue="git"}': "0x80"},
    "FleetQueueStuck": {'fleet_queue_oldest_seconds{queue="events"}': "0+15x80"},
    "FleetCanaryLost": {"fleet_canary_ok": "0x80"},
    "FleetSweepLate": {"fleet_overdue_seconds": "31x80"},
    "FleetAcceptSlow": {
        'fleet_accept_seconds_bucket{le="0.5"}': "0x80",
        'fleet_accept_seconds_bucket{le="1.0"}': "0+9x80",
        'fleet_accept_seconds_bucket{le="+Inf"}': "0+9x80",
    },
    "FleetRedisFilling": {"fleet_redis_memory_share": "0.81x80"},
    "FleetNobodyConnected": {"fleet_stream_unserved": "3x80"},
    "FleetDeliveriesFail": {
        'fleet_attempts_total{outcome="retry"}': "0+2x80",
        'fleet_attempts_total{outcome="delivered"}': "0+1x80",
    },
    "FleetDeliveriesDie": {'fleet_retries_total{outcome="dead"}': "0+1x80"},
    "FleetEventsRejected": {
        'fleet_events_decided_total{state="rejected"}': "0+2x80",
        'fleet_events_decided_total{state="fanned_out"}': "0+1x80",
    },
    "FleetEventsSetAside": {'fleet_ledger_events{state="set_aside"}': "1x80"},
}
# A server on which all is well; what makes one alert fire takes the place of its series here.
WELL = {
    'up{job="fleet"}': "1x80",
    "fleet_sweeper_on_duty": "1x80",
    "fleet_redis_up": "1x80",
    "fleet_unaccounted_events": "0x80",
    "fleet_unaccounted_deliveries": "0x80",
    'fleet_requests_total{status="503"}': "0x80",
    'fleet_requests_total{status="202"}': "0+20x80",
    'fleet_queue_workers{queue="git"}': "1x80",
    'fleet_queue_oldest_seconds{queue="events"}': "2x80",
    "fleet_canary_ok": "1x80",
    "fleet_overdue_seconds": "0x80",
    'fleet_accept_seconds_bucket{le="0.5"}': "0+9x80",
    'fleet_accept_seconds_bucket{le="1.0"}': "0+9x80",
    'fleet_accept_seconds_bucket{le="+Inf"}': "0+9x80",
    "fleet_redis_memory_share": "0.5x80",
    "fleet_stream_unserved": "0x80",
    'fleet_attempts_total{outcome="retry"}': "0+1x80",
    'fleet_attempts_total{outcome="delivered"}': "0+9x80",
    'fleet_retries_total{outcome="dead"}': "5x80",
    'fleet_events_decided_total{state="rejected"}': "0+1x80",
    'fleet_events_decided_total{state="fanned_out"}': "0+9x80",
    'fleet_ledger_events{state="set_aside"}': "0x80",
}
AT = "19m"


def case(series: dict[str, str], fires: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    checks = [{"eval_time": AT, "alertname": name, "exp_alerts": found} for name, found in fires.items()]
    inputs = [{"series": name, "values": values} for name, values in series.items()]
    return {"interval": "15s", "input_series": inputs, "alert_rule_test": checks}


@pytest.mark.prometheus
@pytest.mark.usefixtures("tool")
def test_no_alert_fires_where_all_is_well_and_each_does_where_it_should(tmp_path: Path) -> None:
    assert FIRES.keys() == {each["alert"] for each in rules()}
    quiet: dict[str, list[dict[str, Any]]] = {name: [] for name in FIRES}
    tests = [case(WELL, quiet)]
    for name, series in FIRES.items():
        # Which of them fires is asked of the series ALERTS: the words of its summary are of no interest here.
        check = {
            "expr": f'count(ALERTS{{alertname="{name}",alertstate="firing"}})',
            "eval_time": AT,
            "exp_samples": [{"labels": "{}", "value": 1}],
        }
        made = case(WELL | series, {other: [] for other in FIRES if other != name})
        tests.append({**made, "promql_expr_test": [check]})
    file = tmp_path / "alerts_test.yml"
    file.write_text(yaml.safe_dump({"rule_files": [str(ALERTS)], "tests": tests}))
    assert "SUCCESS" in promtool("test", "rules", str(file))
