"""The ledger: whether every event of every gateway is accounted for, by its own counters."""

from collections.abc import Iterator
from typing import Final

from cli.checkup.row import Row, judged
from domain.ledger import differences
from store import gateways, ledger
from store.calls import together
from store.connect import SyncStore

_AT_ONCE: Final = 500
NEXT: Final = "'fleet audit' on the server counts everything one by one; report what it says."


def rows(store: SyncStore) -> Iterator[Row]:
    """One row for all gateways."""
    known = [gateway.id for gateway in store.run(gateways.listing())]
    found: list[str] = []
    for start in range(0, len(known), _AT_ONCE):
        calls = [ledger.counts(each) for each in known[start : start + _AT_ONCE]]
        for counts in store.run(together(calls)):
            found += differences(counts, None)
    yield judged("ledger", found[0] if found else "balances", NEXT if found else "")
