"""Retries of many: everything that has died, asked for again with one command."""

import json
import subprocess
import sys
import time
from typing import Final

from bench.crowd import gather
from bench.errors import BenchError
from bench.figures import Sample
from bench.measurement import Scale
from bench.stack import Stack
from bench.waiting import until
from cli.audit import examine
from store.ledger import counts

_WEBHOOKS: Final = 100
_PATIENCE_S: Final = 300.0


def ours(scale: Scale) -> Sample:
    """Deliveries a second, from `fleet deliveries retry --all` until the last one has arrived.

    Raises:
        BenchError: not all of them did, or the ledger does not balance afterwards.
    """
    with Stack(profile=scale.profile) as stack:
        crowd = gather(stack, _WEBHOOKS, scale.events, scale.events, time.time_ns() // 1_000_000)
        stack.sweeper()
        stack.relay()
        stack.connector(crowd.target, stack.door("sink", "bench.sink"), crowd.subscription)
        began_s = time.monotonic()
        told = _retry(stack)
        asked_s = time.monotonic() - began_s

        def arrived() -> bool:
            stack.check()
            return stack.store.run(counts(crowd.target.gateway)).get("delivery:delivered") == scale.events

        until("everything arrived", arrived, _PATIENCE_S)
        took_s = time.monotonic() - began_s
        wrong = [difference for finding in examine(stack.store) for difference in finding.differences]
        if wrong or told != scale.events:
            raise BenchError(f"{told} of {scale.events} were retried; {' '.join(wrong)}")
    return Sample(scale.events / took_s, {"asked_s": asked_s})


def _retry(stack: Stack) -> int:
    argv = (sys.executable, "-m", "cli", "deliveries", "retry", "--all", "--json")
    done = subprocess.run(argv, env=stack.environment(), capture_output=True, check=False)  # noqa: S603 - ours
    if done.returncode != 0:
        raise BenchError(done.stderr.decode())
    return json.loads(done.stdout)["retried"]
