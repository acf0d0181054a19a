"""The garbage collector of processes that live long and make many small, short-lived objects."""

import gc
from typing import Final

_THRESHOLDS: Final = (100_000, 50, 1000)


def collect_rarely() -> None:
    """Collect seldom, and never look again at what the start has made.

    Nearly everything dies by reference count. With the default thresholds the search for cycles costs the
    ingress a quarter of its time per event, and its slowest answers.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
