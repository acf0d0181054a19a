"""`fleet audit`: does the ledger balance?"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import typer

from cli.answers import say, say_json, say_table
from cli.client import Json, control_api
from cli.embedded_redis import embedded_redis
from cli.options import AsJson, Insecure, examples
from cli.surroundings import suitable_store
from config.settings import Settings, load
from domain.gateway import Gateway
from domain.ledger import Census, differences
from store import gateways, ledger
from store.connect import SyncStore

EPILOG: Final = examples("fleet audit", "fleet audit --json")
_TRIES: Final = 5
_BALANCES: Final = "The ledger balances."
_DOES_NOT: Final = "The ledger does NOT balance."


@dataclass(frozen=True, slots=True)
class Finding:
    """The ledger of one gateway, what does not add up in it, and whether it moved while we counted."""

    gateway: Gateway
    counts: Mapping[str, int]
    differences: tuple[str, ...]
    moves: bool


def audit(*, as_json: AsJson = False, insecure: Insecure = False) -> None:
    """Check that every event and delivery is accounted for. Exit code 1 and the differences if not.

    On the server it counts everything one by one, for all gateways, and compares; a gateway with traffic is
    counted again, and when it never stands still, only its sums are checked, and it is said so. Elsewhere it
    asks the relay about the sums of your own gateway.
    """
    settings = load(os.environ)
    if _is_on_server(settings):
        _audit_all(settings, as_json=as_json)
    else:
        _audit_own(settings, as_json=as_json, insecure=insecure)


def _is_on_server(settings: Settings) -> bool:
    """Whether we know of a Redis to count in; who has a token only knows of none."""
    return settings.redis_url is not None or embedded_redis(settings.state_dir).folder.is_dir()


def _audit_own(settings: Settings, *, as_json: bool, insecure: bool) -> None:
    api = control_api(settings, insecure=insecure)
    gateway, found = api.ask("GET", "gateway"), api.ask("GET", "audit")
    if as_json:
        facts = {name: found[name] for name in ("counts", "differences")}
        own = {"id": gateway["id"], "name": gateway["name"], **facts, "compared": False}
        say_json({"balanced": found["balanced"], "gateways": [own]})
    else:
        _tell_own(gateway["name"], found)
    if not found["balanced"]:
        raise typer.Exit(1)


def _tell_own(name: str, found: Json) -> None:
    say_table(
        ("WHAT", "COUNT"), ((what, number) for what, number in sorted(found["counts"].items()) if number)
    )
    say("", *(f"{name}: {difference}" for difference in found["differences"]))
    say(_BALANCES if found["balanced"] else _DOES_NOT)


def _audit_all(settings: Settings, *, as_json: bool) -> None:
    store = suitable_store(settings)
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
    say(_BALANCES if _balanced(findings) else _DOES_NOT)
