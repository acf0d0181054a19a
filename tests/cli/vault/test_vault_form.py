"""The form of the encrypted file: it opens with its key, as it was written, and not otherwise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.vault.sealed_file import NONCE_BYTES, SALT_BYTES, Opener, derived_key, head_of, opened, sealed
from domain.errors import SealBrokenError

SALT = bytes(range(SALT_BYTES))
KEY = derived_key(Opener.KEY_FILE, b"k" * 32, SALT)
FILE = sealed(b'{"a": "b"}', Opener.KEY_FILE, SALT, KEY, bytes(NONCE_BYTES))


def _read(content: bytes) -> bytes:
    head_of(content)
    return opened(content, KEY)


@given(
    plain=st.binary(max_size=300), opener=st.sampled_from(Opener), nonce=st.binary(min_size=12, max_size=12)
)
def test_what_was_sealed_opens(plain: bytes, opener: Opener, nonce: bytes) -> None:
    content = sealed(plain, opener, SALT, KEY, nonce)
    assert head_of(content) == (opener, SALT)
    assert opened(content, KEY) == plain
    assert len(plain) < 8 or plain not in content[-len(plain) - 16 :]


@given(place=st.integers(0, len(FILE) - 1), change=st.integers(1, 255))
def test_no_byte_of_a_file_can_be_changed(place: int, change: int) -> None:
    altered = bytearray(FILE)
    altered[place] ^= change
    with pytest.raises(SealBrokenError):
        _read(bytes(altered))


@given(length=st.integers(0, len(FILE) - 1))
def test_no_end_of_a_file_can_be_missing(length: int) -> None:
    with pytest.raises(SealBrokenError):
        _read(FILE[:length])


@given(rest=st.binary(max_size=100))
def test_what_is_no_vault_is_told_so(rest: bytes) -> None:
    with pytest.raises(SealBrokenError):
        head_of(b"something else" + rest)


@given(secret=st.binary(min_size=1, max_size=64))
def test_another_key_does_not_open_it(secret: bytes) -> None:
    with pytest.raises(SealBrokenError):
        opened(FILE, derived_key(Opener.KEY_FILE, b"x" + secret, SALT))


def test_a_passphrase_costs_memory_and_depends_on_the_salt() -> None:
    one, other = (derived_key(Opener.PASSPHRASE, b"correct horse", bytes([n]) * SALT_BYTES) for n in (1, 2))
    assert one != other
    assert len(one) == 32
    assert derived_key(Opener.KEY_FILE, b"correct horse", bytes([1]) * SALT_BYTES) != one
