"""`fleet audit`: does the ledger balance?"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import typer

from cli.answers import say, say_json, say_table
from cli.options import AsJson
from cli.surroundings import suitable_store
from config.settings import load
from domain.gateway import Gateway
from domain.ledger import Census, differences
from store import gateways, ledger
from store.connect import SyncStore

_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """The ledger of one gateway, and what does not add up in it."""

    gateway: Gateway
    counts: Mapping[str, int]
    differences: tuple[str, ...]


def audit(*, as_json: AsJson = False) -> None:
    """Check that every event and delivery is accounted for. Exit code 1 and the differences if not.

    Runs on the server. It counts everything one by one and compares; under traffic it counts again.
    """
    store = suitable_store(load(os.environ))
    try:
        findings = examine(store)
    finally:
        store.close()
    if as_json:
        say_json({"balanced": _balanced(findings), "gateways": [_facts(each) for each in findings]})
    else:
        _tell(findings)
    if not _balanced(findings):
        raise typer.Exit(1)


def examine(store: SyncStore) -> list[Finding]:
    """The findings of all gateways. A difference that moves between counts is traffic, not an error."""
    findings = _examine(store)
    for _ in range(_TRIES - 1):
        if _balanced(findings):
            break
        again = _examine(store)
        if [each.counts for each in again] == [each.counts for each in findings]:
            return again
        findings = again
    return findings


def _examine(store: SyncStore) -> list[Finding]:
    known = store.run(gateways.listing())
    counts = {gateway.id: store.run(ledger.counts(gateway.id)) for gateway in known}
    found = _census(store)
    return [
        Finding(
            gateway,
            counts[gateway.id],
            tuple(differences(counts[gateway.id], found.get(gateway.id, Census()))),
        )
        for gateway in known
    ]


def _census(store: SyncStore) -> dict[str, Census]:
    total: dict[str, Census] = {}
    for of_deliveries in (False, True):
        seen: set[str] = set()
        cursor = -1
        while cursor != 0:
            cursor, keys = store.run(ledger.scan(max(cursor, 0), of_deliveries=of_deliveries))
            # SCAN may name a key twice.
            fresh = [key for key in keys if key not in seen]
            seen.update(fresh)
            for gateway, part in store.run(ledger.census(fresh, of_deliveries=of_deliveries)).items():
                total[gateway] = total.get(gateway, Census()) + part
    return total


def _balanced(findings: list[Finding]) -> bool:
    return not any(finding.differences for finding in findings)


def _facts(finding: Finding) -> dict[str, object]:
    return {
        "id": finding.gateway.id,
        "name": finding.gateway.name,
        "counts": dict(sorted(finding.counts.items())),
        "differences": list(finding.differences),
    }


def _tell(findings: list[Finding]) -> None:
    if not findings:
        say("There is no gateway yet, so there is nothing to account for.")
        return
    rows = (
        (each.gateway.name, what, number)
        for each in findings
        for what, number in sorted(each.counts.items())
        if number
    )
    say_table(("GATEWAY", "WHAT", "COUNT"), rows)
    say("")
    for finding in findings:
        for difference in finding.differences:
            say(f"{finding.gateway.name}: {difference}")
    say("The ledger balances." if _balanced(findings) else "The ledger does NOT balance.")
