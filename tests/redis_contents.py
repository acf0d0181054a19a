"""Everything in a Redis, for tests that compare before and after."""

from collections.abc import Callable
from typing import Any


def contents(execute: Callable[..., Any]) -> dict[bytes, bytes]:
    """What each key holds, but for lives, which go on. `execute` runs one command and gives its raw reply.

    A large hash or set changes the order of its members when it is merely read, so theirs is not compared.
    """
    return {key: _content(execute, key) for key in sorted(execute("KEYS", "*"))}


def _content(execute: Callable[..., Any], key: bytes) -> bytes:
    match execute("TYPE", key):
        case b"hash":
            flat = execute("HGETALL", key)
            return b"\n".join(
                part for pair in sorted(zip(flat[::2], flat[1::2], strict=True)) for part in pair
            )
        case b"set":
            return b"\n".join(sorted(execute("SMEMBERS", key)))
        case _:
            return execute("DUMP", key)
