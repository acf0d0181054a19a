"""Sealing: AES-256-GCM around everything that Redis keeps and nobody there may read.

A sealed value is: version (1 byte), key id (4), salt (16), nonce (12), ciphertext with tag. The salt is
chosen anew by each process every hour and gives a subkey by HKDF-SHA256 (RFC 5869), so that the nonce
can be a counter: no two processes ever count under one subkey. The associated data binds a value to its
place; a value moved elsewhere does not open.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from domain.errors import KeyNotInRingError, SealBrokenError

KEY_BYTES: Final = 32
KEY_ID_BYTES: Final = 4
OVERHEAD_BYTES: Final = 1 + KEY_ID_BYTES + 16 + 12 + 16

_VERSION: Final = b"\x01"
_SALT_BYTES: Final = 16
_NONCE_BYTES: Final = 12
_HOUR_MS: Final = 3_600_000
_SUBKEYS_KEPT: Final = 256
_PURPOSE: Final = b"fleet sealing 1"


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The sealing keys by id; new values are sealed with `active`, old ones open with their own."""

    keys: dict[bytes, bytes]
    active: bytes


PROOF_PLACE: Final = b"proof"
"""Associated data of a question to the public door, see `store.proofs`."""


def event_place(gateway: str, webhook: str, event: str) -> bytes:
    """Associated data of an event's body."""
    return f"event|{gateway}|{webhook}|{event}".encode()


def vault_place(gateway: str, webhook: str) -> bytes:
    """Associated data of a webhook's vault."""
    return f"vault|{gateway}|{webhook}".encode()


def repo_place(gateway: str, repo: str) -> bytes:
    """Associated data of what an owner wrote about a Git repo; its URL may hold a password."""
    return f"repo|{gateway}|{repo}".encode()


def secret_place(gateway: str, name: str) -> bytes:
    """Associated data of a Secret."""
    return f"secret|{gateway}|{name}".encode()


def token_place(gateway: str, webhook: str) -> bytes:
    """Associated data of a webhook's URL token."""
    return f"token|{gateway}|{webhook}".encode()


def answer_place(gateway: str, key: str) -> bytes:
    """Associated data of an answer that is given again."""
    return f"answer|{gateway}|{key}".encode()


def document_place(url: str) -> bytes:
    """Associated data of a sender's certificate or key set."""
    return f"document|{url}".encode()


class Sealer:
    """Seals and opens values. One per process; not for use from several threads at once."""

    def __init__(self, ring: KeyRing, entropy: Callable[[int], bytes]) -> None:
        self._ring = ring
        self._entropy = entropy
        self._hour = -1
        self._prefix = b""
        self._count = 0
        self._current = AESGCM(bytes(KEY_BYTES))
        self._subkeys: OrderedDict[bytes, AESGCM] = OrderedDict()

    def seal(self, plain: bytes, place: bytes, now_ms: int) -> bytes:
        """The sealed form of a value, bound to its place."""
        hour = now_ms // _HOUR_MS
        if hour != self._hour:
            self._turn_hour(hour)
        nonce = self._count.to_bytes(_NONCE_BYTES)
        self._count += 1
        return self._prefix + nonce + self._current.encrypt(nonce, plain, place)

    def open(self, sealed: bytes, place: bytes) -> bytes:
        """The value in a sealed form.

        Raises:
            SealBrokenError: it was altered, stood in another place, or its key is not in the ring.
        """
        head = sealed[: 1 + KEY_ID_BYTES + _SALT_BYTES]
        nonce = sealed[len(head) : len(head) + _NONCE_BYTES]
        if head[:1] != _VERSION or len(sealed) < OVERHEAD_BYTES:
            raise SealBrokenError("This is not a sealed value.")
        try:
            return self._subkey(head).decrypt(nonce, sealed[len(head) + _NONCE_BYTES :], place)
        except InvalidTag:
            raise SealBrokenError("A sealed value was altered or does not belong here.") from None

    def key_for(self, purpose: bytes, key_id: bytes | None = None) -> tuple[bytes, bytes]:
        """A key for another purpose than sealing, and the id of the key in the ring that it comes from.

        Args:
            purpose: what it is for; every purpose has keys of its own.
            key_id: which key of the ring; None: the active one.

        Raises:
            KeyNotInRingError: it is not here.
        """
        key_id = self._ring.active if key_id is None else key_id
        return key_id, HKDF(SHA256(), KEY_BYTES, None, purpose).derive(self._master(key_id))

    def _master(self, key_id: bytes) -> bytes:
        master = self._ring.keys.get(key_id)
        if master is None:
            raise KeyNotInRingError(f"Sealing key {key_id.hex()} is not in the key ring; put its file back.")
        return master

    def _turn_hour(self, hour: int) -> None:
        self._prefix = _VERSION + self._ring.active + self._entropy(_SALT_BYTES)
        self._current = self._subkey(self._prefix)
        self._hour = hour
        self._count = 0

    def _subkey(self, head: bytes) -> AESGCM:
        known = self._subkeys.get(head)
        if known is not None:
            self._subkeys.move_to_end(head)
            return known
        key_id, salt = head[1 : 1 + KEY_ID_BYTES], head[1 + KEY_ID_BYTES :]
        subkey = AESGCM(HKDF(SHA256(), KEY_BYTES, salt, _PURPOSE).derive(self._master(key_id)))
        self._subkeys[head] = subkey
        if len(self._subkeys) > _SUBKEYS_KEPT:
            self._subkeys.popitem(last=False)
        return subkey
