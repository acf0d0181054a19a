"""A sealer for several threads. Its nonces are a counter, and no number may ever be used twice."""

from collections.abc import Callable
from threading import Lock

from store.keyring import KeyRing
from store.sealing import Sealer


class SharedSealer(Sealer):
    """Seals and opens values for one thread at a time."""

    def __init__(self, ring: KeyRing, entropy: Callable[[int], bytes]) -> None:
        super().__init__(ring, entropy)
        self._lock = Lock()

    def seal(self, plain: bytes, place: bytes, now_ms: int) -> bytes:
        """The sealed form of a value, bound to its place."""
        with self._lock:
            return super().seal(plain, place, now_ms)

    def open(self, sealed: bytes, place: bytes) -> bytes:
        """The value in a sealed form.

        Raises:
            SealBrokenError: it was altered, stood in another place, or its key is not in the ring.
        """
        with self._lock:
            return super().open(sealed, place)
