"""`fleet audit`: does the ledger balance?"""

import os
from collections.abc import Mapping, Sequence
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
    """The ledger of one gateway, what does not add up in it, and whether it moved while we counted."""

    gateway: Gateway
    counts: Mapping[str, int]
    differences: tuple[str, ...]
    moves: bool


def audit(*, as_json: AsJson = False) -> None:
    """Check that every event and delivery is accounted for. Exit code 1 and the differences if not.

    Runs on the server. It counts everything one by one and compares; a gateway with traffic is counted again,
    and when it never stands still, only its sums are checked, and it is said so.
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
    """The findings of all gateways. What is found one by one is compared where nothing moved meanwhile."""
    findings: dict[str, Finding] = {}
    for _ in range(_TRIES):
        known = store.run(gateways.listing())
        before, census = _counts(store, known), _census(store)
        for gateway, counts in zip(known, _counts(store, known), strict=True):
            earlier = findings.get(gateway.id)
            if earlier is None or earlier.moves:
                moves = counts != before[known.index(gateway)]
                found = None if moves else census.get(gateway.id, Census())
                findings[gateway.id] = Finding(gateway, counts, tuple(differences(counts, found)), moves)
        if not any(finding.moves for finding in findings.values()):
            break
    return list(findings.values())


def _counts(store: SyncStore, known: Sequence[Gateway]) -> list[dict[str, int]]:
    return [store.run(ledger.counts(gateway.id)) for gateway in known]


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
        "compared": not finding.moves,
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
        if finding.moves:
            say(f"{finding.gateway.name}: events come and go, so what is there could not be compared.")
    say("The ledger balances." if _balanced(findings) else "The ledger does NOT balance.")
