"""The tables of docs/monitoring.md that follow from the code: metrics, and why requests are refused."""

from cli.metrics.catalogue import METRICS
from cli.metrics.metric import Metric
from ingress.meters import REFUSALS


def metrics_table() -> str:
    """Every metric of the catalogue."""
    head = ["| metric | type | labels | unit | told by | meaning |", "|---|---|---|---|---|---|"]
    return "\n".join([*head, *map(_row, METRICS)])


def _row(metric: Metric) -> str:
    labels = ", ".join(f"`{label}`" for label in metric.labels)
    told_by = ", ".join(metric.exporters)
    return f"| `{metric.name}` | {metric.kind} | {labels} | {metric.unit} | {told_by} | {metric.meaning} |"


def refusals_table() -> str:
    """The values of `reason` of the requests that are refused."""
    rows = [f"| `{reason}` | {meaning} |" for reason, meaning in REFUSALS.items()]
    return "\n".join(["| reason | meaning |", "|---|---|", *rows])
