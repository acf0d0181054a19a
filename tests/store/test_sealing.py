"""What is sealed opens in its place with its key, and nowhere else."""

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import RedisUnsuitableError, SealBrokenError
from store import keyring
from store.connect import INFO, SyncStore, refuse_unsuitable
from store.sealing import OVERHEAD_BYTES, KeyRing, Sealer, event_place, token_place, vault_place

KEY, OLD = bytes(range(32)), bytes(32)
HOUR_MS = 3_600_000


def sealer(**keys: bytes) -> Sealer:
    ring = {name.encode(): key for name, key in (keys or {"aaaa": KEY}).items()}
    return Sealer(KeyRing(ring, max(ring)), os.urandom)


@given(st.binary(max_size=300), st.binary(max_size=40))
def test_it_opens_in_its_place(plain: bytes, place: bytes) -> None:
    sealed = sealer().seal(plain, place, 0)
    assert len(sealed) == len(plain) + OVERHEAD_BYTES
    assert sealer().open(sealed, place) == plain
    with pytest.raises(SealBrokenError):
        sealer().open(sealed, place + b"x")


@given(st.integers(0, 2000), st.integers(1, 255))
def test_any_flipped_byte_breaks_the_seal(position: int, flip: int) -> None:
    sealed = bytearray(sealer().seal(b"a body of some length", b"here", 0))
    sealed[position % len(sealed)] ^= flip
    with pytest.raises(SealBrokenError):
        sealer().open(bytes(sealed), b"here")


@given(st.binary(max_size=80))
def test_rubbish_does_not_open(raw: bytes) -> None:
    with pytest.raises(SealBrokenError):
        sealer().open(raw, b"here")


def test_nonces_and_salts_never_repeat() -> None:
    one = sealer()
    values = [one.seal(b"same", b"here", hour * HOUR_MS) for hour in (0, 0, 1, 1, 0)]
    heads = [value[: 1 + 4 + 16 + 12] for value in values]
    assert len(set(heads)) == len(heads)
    assert all(sealer().open(value, b"here") == b"same" for value in values)


def test_a_new_key_seals_and_the_old_one_still_opens() -> None:
    before = sealer(aaaa=OLD).seal(b"then", b"here", 0)
    both = sealer(aaaa=OLD, bbbb=KEY)
    assert both.open(before, b"here") == b"then"
    assert both.seal(b"now", b"here", 0)[1:5] == b"bbbb"
    with pytest.raises(SealBrokenError, match="key ring"):
        sealer(bbbb=KEY).open(before, b"here")


def test_places_cannot_be_mistaken_for_each_other() -> None:
    places = {
        event_place("g", "w", "e"),
        vault_place("g", "w"),
        token_place("g", "w"),
        event_place("g", "we", ""),
    }
    assert len(places) == 4


def test_the_first_key_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    ring = keyring.load_or_create(tmp_path, 1_800_000_000_000, os.urandom)
    [file] = (tmp_path / keyring.FOLDER).iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert keyring.load_or_create(tmp_path, 1_900_000_000_000, os.urandom) == keyring.load(tmp_path) == ring


@pytest.mark.parametrize(("name", "content"), [("00000001.key", b"short"), ("mine.key", b"A" * 44)])
def test_a_file_that_is_no_key_is_named(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / keyring.FOLDER).mkdir()
    (tmp_path / keyring.FOLDER / name).write_bytes(content)
    with pytest.raises(keyring.KeyRingError, match=name):
        keyring.load(tmp_path)


def test_without_a_key_nothing_starts(tmp_path: Path) -> None:
    with pytest.raises(keyring.KeyRingError, match="fleet init"):
        keyring.load(tmp_path)


@pytest.mark.parametrize(
    ("info", "word"),
    [
        (b"aof_enabled:0\r\nmaxmemory_policy:noeviction", "appendonly"),
        (b"aof_enabled:1\r\nmaxmemory_policy:allkeys-lru", "noeviction"),
        (b"aof_enabled:1\r\nredis_mode:cluster", "Cluster"),
    ],
)
def test_a_redis_that_would_lose_events_is_refused(info: bytes, word: str) -> None:
    with pytest.raises(RedisUnsuitableError, match=word):
        refuse_unsuitable(info)


def test_a_redis_as_we_start_it_is_suitable(redis_url: str) -> None:
    store = SyncStore(redis_url)
    store.run(INFO)
    store.close()
