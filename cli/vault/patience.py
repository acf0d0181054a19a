"""Patience: a keyring may ask its owner to unlock it, and may wait for ever for somebody who is not there."""

from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final, TypeVar

from cli.vault.vault import VaultError

PATIENCE_S: Final = 60.0
"""How long a keyring has for an answer, in seconds: its owner may have to type a password."""

_Answer = TypeVar("_Answer")


def patiently(call: Callable[[], _Answer], patience_s: float) -> _Answer:
    """What a call answers in time.

    Args:
        call: what is called, in a thread of its own, which is left behind when it does not return.
        patience_s: how long to wait, in seconds.

    Raises:
        VaultError: no answer came in time. What the call raises is raised here.
    """
    done: SimpleQueue[tuple[_Answer, None] | tuple[None, Exception]] = SimpleQueue()

    def run() -> None:
        try:
            done.put((call(), None))
        except Exception as error:  # noqa: BLE001 - it is raised where the answer is waited for
            done.put((None, error))

    Thread(target=run, name="keyring", daemon=True).start()
    try:
        answer, error = done.get(timeout=patience_s)
    except Empty:
        raise VaultError(
            f"The system's keyring did not answer within {patience_s:g} seconds; perhaps it asks on another"
            " screen to be unlocked. Unlock it, or set FLEET_VAULT=file to keep secrets in an encrypted file."
        ) from None
    if error is not None:
        raise error
    return answer  # pyright: ignore[reportReturnType] - without an error there is an answer
