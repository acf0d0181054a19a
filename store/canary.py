"""The canary in Redis: the report of its last walk, for whoever asks how we are."""

import json
from dataclasses import asdict
from typing import Final

from domain.canary import Failure, Report
from store import keys
from store.calls import Call, Reply, one

_MIN_LIFE_S: Final = 3600


def keep(report: Report) -> Call[None]:
    """Keep a report in place of the one before. It lives for an hour, or for three intervals."""
    life_s = max(_MIN_LIFE_S, round(3 * report.interval_s))
    return one(("SET", keys.CANARY, json.dumps(asdict(report)), "EX", life_s), lambda _: None)


def last() -> Call[Report | None]:
    """The last report; None: there is no canary, or it has been silent for long."""

    def parse(reply: Reply) -> Report | None:
        if reply is None:
            return None
        found = json.loads(reply)
        failure = found.pop("failure")
        return Report(**found, failure=None if failure is None else Failure(failure))

    return one(("GET", keys.CANARY), parse)
