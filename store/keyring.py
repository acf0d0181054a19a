"""The key ring as files: one per key, its name the key's id, readable by its owner alone."""

import os
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Final

from domain.errors import FleetError
from store.sealing import KEY_BYTES, KEY_ID_BYTES, KeyRing

FOLDER: Final = "sealing-keys"
_SUFFIX: Final = ".key"


class KeyRingError(FleetError):
    """The key ring cannot be used."""


def load(secrets_dir: Path) -> KeyRing:
    """The key ring of a secrets folder. The active key is the last by name: ids count upward.

    Raises:
        KeyRingError: there is none, or a file of it is not a key.
    """
    folder = secrets_dir / FOLDER
    found = files(folder)
    if not found:
        raise KeyRingError(f"There is no sealing key in {folder}; make one with 'fleet init'.")
    keys = {_key_id(file): _key(file) for file in found}
    return KeyRing(keys, _key_id(found[-1]))


def files(folder: Path) -> list[Path]:
    """The files of a key ring, oldest key first; none when there is no such folder."""
    return sorted(folder.glob(f"*{_SUFFIX}"))


def exists(secrets_dir: Path) -> bool:
    """Whether a secrets folder has a key."""
    return bool(files(secrets_dir / FOLDER))


def load_or_create(secrets_dir: Path, now_ms: int, entropy: Callable[[int], bytes]) -> KeyRing:
    """The key ring of a secrets folder, with a first key made when there is none.

    A key is named after the second in which it is made: later keys sort last, and a lost key can be put
    back beside the one that was made in its place.
    """
    folder = secrets_dir / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not exists(secrets_dir):
        _write(folder / f"{now_ms // 1000:08x}{_SUFFIX}", entropy(KEY_BYTES))
    return load(secrets_dir)


def _write(file: Path, key: bytes) -> None:
    # Written aside and renamed: a killed start never leaves half a key behind.
    draft = file.with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(b64encode(key) + b"\n")
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(file)


def _key_id(file: Path) -> bytes:
    try:
        return int(file.stem, 16).to_bytes(KEY_ID_BYTES)
    except (ValueError, OverflowError):
        raise KeyRingError(f"{file} is not named like a sealing key (8 hex digits and .key).") from None


def _key(file: Path) -> bytes:
    try:
        key = b64decode(file.read_bytes(), validate=False)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise KeyRingError(f"{file} does not hold a sealing key ({KEY_BYTES} bytes in base64).")
    return key
