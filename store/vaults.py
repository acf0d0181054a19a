"""The written form of a vault, before it is sealed: JSON, with secrets in base64, for they are any bytes."""

import json
from base64 import b64decode, b64encode
from dataclasses import asdict
from typing import Any

from domain.secret import SigningSecret
from domain.vault import Held, Vault


def written(vault: Vault) -> bytes:
    """A vault as bytes."""
    return json.dumps(
        {
            "secrets": [_secret(each) for each in vault.secrets],
            "parameters": dict(vault.parameters),
            "revealable": vault.revealable,
            "held": None if vault.held is None else asdict(vault.held),
        }
    ).encode()


def read(plain: bytes) -> Vault:
    """The vault that was written."""
    found = json.loads(plain)
    secrets = tuple(
        SigningSecret(
            each["id"],
            b64decode(each["secret"]),
            each["created_at"],
            each["expires_at"],
            each["is_trial"],
        )
        for each in found["secrets"]
    )
    held = Held(**found["held"]) if found["held"] else None
    return Vault(secrets, found["parameters"], found["revealable"], held)


def _secret(secret: SigningSecret) -> dict[str, Any]:
    return {
        "id": secret.id,
        "secret": b64encode(secret.value).decode(),
        "created_at": secret.created_at,
        "expires_at": secret.expires_at,
        "is_trial": secret.is_trial,
    }
