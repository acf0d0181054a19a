"""Settings: the private side."""

from typing import Any

from pydantic import Field
from pydantic_settings import BaseSettings

from config.values import File, HttpUrl, Token, VaultKind, origin


def _api_url(data: dict[str, Any]) -> str:
    return origin(data["relay_host"], data["relay_port"], tls=data["relay_tls_cert"] is not None)


class Connector(BaseSettings):
    """Connector and command line: how the private side reaches the relay."""

    api_url: HttpUrl = Field(
        default_factory=_api_url,
        description="Where the relay is, for `fleet connect` and the commands on webhooks and subscriptions.",
        json_schema_extra={
            "derived": "http://, or https:// with a certificate, and the relay's host and port"
        },
    )
    ca_file: File | None = Field(
        default=None,
        description="PEM file of CAs to trust at the relay, besides those of the system.",
        json_schema_extra={"derived": "those of the system only"},
    )
    token: Token | None = Field(
        default=None,
        description="Access token of a gateway, from `fleet gateways create`. It is never shown.",
        json_schema_extra={"derived": "no token"},
    )


class Vault(BaseSettings):
    """Vault: where the private side keeps secrets and access tokens: [the vault](vault.md)."""

    vault: VaultKind = Field(
        default="auto",
        description="The system's `keyring`, an encrypted `file`, or `auto`: the keyring, if there is one.",
    )
    vault_file: File | None = Field(
        default=None,
        description="The encrypted file; what else the vault and `fleet login` keep stands beside it.",
        json_schema_extra={"derived": "`~/.config/fleet/vault`"},
    )
    vault_key_file: File | None = Field(
        default=None,
        description="File with the key of the encrypted file, made when it is first needed.",
        json_schema_extra={"derived": "FLEET_VAULT_FILE with `.key`"},
    )
    vault_passphrase_file: File | None = Field(
        default=None,
        description="File with the passphrase of the encrypted file; then no terminal is needed.",
        json_schema_extra={"derived": "none: a passphrase is asked for"},
    )
