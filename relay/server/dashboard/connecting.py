"""The command that connects a program to the gateway, exactly as it is to be typed."""

import shlex
from collections.abc import Sequence
from typing import Final

TARGET: Final = "http://127.0.0.1:3000/"
"""Where many a program listens; its owner knows better."""

_MOST: Final = 5


def connect_command(subscriptions: Sequence[str]) -> str:
    """The command line that serves some subscriptions, the first few of them.

    Args:
        subscriptions: their names.
    """
    targets = (shlex.quote(f"{name}={TARGET}") for name in subscriptions[:_MOST] or ["NAME"])
    return " ".join(["fleet connect", *targets])
