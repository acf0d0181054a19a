"""A Secret as Kubernetes writes it (v1): base64 in `data`, plain text in `stringData`, which wins."""

import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from domain.errors import InvalidInputError
from domain.git.fields import Fields, text_of

MAX_KEYS: Final = 50
MAX_DATA_BYTES: Final = 64 * 1024
"""All values of one Secret together. An SSH key with known_hosts takes some KiB."""

DEFAULT_TYPE: Final = "Opaque"

_MAX_CHARS: Final = 253
_KEY: Final = re.compile(rf"[-._a-zA-Z0-9]{{1,{_MAX_CHARS}}}")

# https://kubernetes.io/docs/concepts/configuration/secret/#secret-types
_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "kubernetes.io/basic-auth": ("username", "password"),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
}
"""Of which keys at least one has to be there."""


@dataclass(frozen=True, slots=True)
class SecretManifest:
    """A Secret as its owner describes it.

    Attributes:
        name: "namespace/name".
        type: Kubernetes' word for what it is for.
        data: what it holds.
        ignored: dotted names of the fields that mean nothing here.
    """

    name: str
    type: str
    data: Mapping[str, bytes] = field(repr=False)
    ignored: tuple[str, ...] = ()


def secret_of(name: str, document: Fields) -> SecretManifest:
    """The Secret of a name that a document describes; what the document says beyond it is left unasked.

    Raises:
        InvalidInputError: it breaks a rule. Neither field nor sentence has a value of it.
    """
    kind = document.text("type", DEFAULT_TYPE, _MAX_CHARS)
    encoded, plain = document.entries("data"), document.entries("stringData")
    data = {key: _decoded(key, value) for key, value in encoded.items()}
    data |= {key: _text("stringData", key, value).encode() for key, value in plain.items()}
    if len(data) > MAX_KEYS:
        raise InvalidInputError("data", f"The Secret has more than {MAX_KEYS} keys.")
    if sum(map(len, data.values())) > MAX_DATA_BYTES:
        raise InvalidInputError("data", f"The Secret has more than {MAX_DATA_BYTES // 1024} KiB of values.")
    needed = _NEEDED.get(kind, ())
    if needed and not any(key in data for key in needed):
        raise InvalidInputError("data", f"A Secret of type {kind} needs the key {' or '.join(needed)}.")
    return SecretManifest(name, kind, data)


def _decoded(key: str, value: object) -> bytes:
    text = _text("data", key, value)
    try:
        # Go passes over line breaks, and over nothing else.
        return binascii.a2b_base64(re.sub("[\r\n]", "", text), strict_mode=True)
    except ValueError:
        raise InvalidInputError(
            f"data.{key}", f"data.{key} is not base64; plain text belongs into stringData."
        ) from None


def _text(place: str, key: str, value: object) -> str:
    if _KEY.fullmatch(key) is None:
        # It is not quoted: who forgets a colon has the value where the key belongs.
        raise InvalidInputError(
            place, f"{place} has a key that is none: use 1 to {_MAX_CHARS} letters, digits, '-', '_' and '.'."
        )
    return "" if value is None else text_of(value, f"{place}.{key}")
