"""Secrets of Git repos in Redis: shaped like those of Kubernetes, sealed, one under each name."""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from domain.errors import FleetError
from store import keys
from store.calls import Call, Reply, one, pairs, text
from store.rq_names import stamp
from store.scripts import load
from store.sealing import Sealer, secret_place

MOST_SECRETS: Final = 1000
"""How many Secrets a gateway may have."""


class TooManyRepoSecretsError(FleetError):
    """The gateway has as many Secrets as it may have."""

    def __init__(self) -> None:
        super().__init__(f"A gateway may have {MOST_SECRETS} Secrets and has them; delete one first.")


@dataclass(frozen=True, slots=True)
class SecretData:
    """What stands in a Secret.

    Attributes:
        type: its type, as Kubernetes names it; "" or "Opaque" when it is of no particular one.
        data: its values by their keys.
    """

    type: str
    data: Mapping[str, bytes] = field(repr=False)


def put(gateway: str, name: str, sealed: bytes, job_base: str, now_ms: int) -> Call[None]:
    """Keep a Secret under "namespace/name", in place of what was there. Repos that failed without are polled.

    Args:
        gateway: the Gateway ID.
        name: of the Secret.
        sealed: the Secret.
        job_base: a fresh job id; new jobs are named after it.
        now_ms: Unix time in milliseconds.

    Raises:
        TooManyRepoSecretsError: the gateway may have no more (when the reply is parsed).
    """

    def parse(reply: Reply) -> None:
        if reply < 0:
            raise TooManyRepoSecretsError

    place = (gateway, name, sealed, MOST_SECRETS)
    return one(load("keep_secret").command(*place, job_base, now_ms, stamp(now_ms)), parse)


def delete(gateway: str, name: str) -> Call[bool]:
    """Delete a Secret. False when the gateway has none of that name."""
    return one(("HDEL", keys.secrets(gateway), name), bool)


def names(gateway: str) -> Call[list[str]]:
    """The names of a gateway's Secrets, sorted."""
    return one(("HKEYS", keys.secrets(gateway)), lambda reply: sorted(map(text, reply)))


def count(gateway: str) -> Call[int]:
    """How many Secrets a gateway has."""
    return one(("HLEN", keys.secrets(gateway)), int)


def of_gateway(gateway: str) -> Call[dict[str, bytes]]:
    """All Secrets of a gateway, sealed, by name."""
    return one(("HGETALL", keys.secrets(gateway)), pairs)


def fetch(gateway: str, wanted: Sequence[str]) -> Call[list[bytes | None]]:
    """The sealed Secrets of these names, at least one; None for one that is not there."""
    return one(("HMGET", keys.secrets(gateway), *wanted), list)


def seal(sealer: Sealer, gateway: str, name: str, secret: SecretData, now_ms: int) -> bytes:
    """A Secret as Redis keeps it."""
    data = {key: b64encode(value).decode() for key, value in secret.data.items()}
    plain = json.dumps({"type": secret.type, "data": data}).encode()
    return sealer.seal(plain, secret_place(gateway, name), now_ms)


def unseal(sealer: Sealer, gateway: str, name: str, sealed: bytes) -> SecretData:
    """The Secret that was sealed.

    Raises:
        SealBrokenError: it cannot be opened.
    """
    found = json.loads(sealer.open(sealed, secret_place(gateway, name)))
    return SecretData(found["type"], {key: b64decode(value) for key, value in found["data"].items()})
