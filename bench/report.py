"""The report: results as a table for people, and as JSON with every single run."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Final

from bench.errors import BenchError
from bench.figures import Side, ratios
from bench.measurement import Measurement, Result

BEGIN: Final = "<!-- bench: begin (written by `python -m bench --write`, do not edit) -->"
END: Final = "<!-- bench: end -->"


def table(results: Sequence[Result], facts: Mapping[str, str], runs: int) -> str:
    """The results in Markdown."""
    lines = [
        f"Medians of {runs} runs; ratios are medians of the ratios of runs side by side.",
        "",
        "| | ours | reference | ratio (lowest - highest) | aim | reached |",
        "|---|---|---|---|---|---|",
        *(_row(result) for result in results),
        "",
        *_processor_table(results),
        *_notes(results),
        *(f"- {name}: {value}" for name, value in facts.items()),
    ]
    return "\n".join(lines)


def document(results: Sequence[Result], facts: Mapping[str, str]) -> str:
    """The results in JSON."""
    found = {
        "machine": dict(facts),
        "measurements": {
            result.measurement.name: {
                "title": result.measurement.title,
                "unit": result.measurement.unit,
                "aim": result.measurement.aim,
                "ours": _side(result.ours),
                "reference": None if result.reference is None else _side(result.reference),
                "ratios": [] if result.reference is None else ratios(result.ours, result.reference),
            }
            for result in results
        },
    }
    return json.dumps(found, indent=2) + "\n"


def write(file: Path, text: str) -> None:
    """Put a table between the markers of a document.

    Raises:
        BenchError: the document does not have the markers.
    """
    before, begin, rest = file.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise BenchError(f"{file} has no place for the table: put '{BEGIN}' and '{END}' there.")
    file.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}")


def _row(result: Result) -> str:
    measurement, reference = result.measurement, result.reference
    cells = [
        measurement.title,
        _figure(measurement, result.ours),
        "-" if reference is None else f"{_figure(measurement, reference)} ({reference.name})",
        _ratio(result),
        _aim(measurement),
        _reached(result),
    ]
    return f"| {' | '.join(cells)} |"


def _figure(measurement: Measurement, side: Side) -> str:
    if measurement.kind == "latency":
        return _percentiles(side)
    text = f"{side.value:,.0f} {measurement.unit}"
    return f"{text}, {_percentiles(side)}" if "p99_ms" in side.details else text


def _percentiles(side: Side) -> str:
    return f"p50 {side.details['p50_ms']:.1f} ms, p99 {side.details['p99_ms']:.1f} ms"


def _ratio(result: Result) -> str:
    if result.reference is None or result.measurement.kind != "rate":
        return "-"
    found = ratios(result.ours, result.reference)
    return f"**{median(found):.2f}** ({min(found):.2f} - {max(found):.2f})"


def _aim(measurement: Measurement) -> str:
    if measurement.aim is None:
        return "-"
    return f"{measurement.aim:g}" if measurement.kind == "rate" else f"< {measurement.aim:,.0f}"


def _reached(result: Result) -> str:
    aim = result.measurement.aim
    if aim is None:
        return "-"
    if result.measurement.kind == "size":
        return "yes" if result.ours.value < aim else "**no**"
    if result.reference is None:
        return "-"
    return "yes" if median(ratios(result.ours, result.reference)) >= aim else "**no**"


def _processor_table(results: Sequence[Result]) -> list[str]:
    """What one event costs each process of ours."""
    prefix = "cpu_us "
    rows: list[str] = []
    for result in results:
        costs = {
            name.removeprefix(prefix): value
            for name, value in result.ours.details.items()
            if name.startswith(prefix)
        }
        if costs:
            each = ", ".join(f"{name} {value:.0f}" for name, value in costs.items())
            rows.append(f"| {result.measurement.title} | {each} | {sum(costs.values()):.0f} |")
    head = ["| processor time per event or poll, ours | us by process | sum |", "|---|---|---|"]
    return [*head, *rows, ""] if rows else []


def _notes(results: Sequence[Result]) -> list[str]:
    found = [(result.measurement, result.ours) for result in results]
    told = [
        f"- {measurement.title}: {note}"
        for measurement, side in found
        if measurement.notes
        for note in measurement.notes(side)
    ]
    return [*told, ""] if told else []


def _side(side: Side) -> dict[str, object]:
    return {
        "name": side.name,
        "value": side.value,
        "details": side.details,
        "runs": [dataclasses.asdict(sample) for sample in side.samples],
    }
