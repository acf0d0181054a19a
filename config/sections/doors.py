"""Settings: the doors: ingress and relay."""

from typing import Any

from pydantic import Field
from pydantic_settings import BaseSettings

from config.values import File, GatewayName, Host, HttpUrl, Port, origin


def _own_ingress(data: dict[str, Any]) -> str:
    return origin(data["ingress_host"], data["ingress_port"], tls=data["ingress_tls_cert"] is not None)


class Ingress(BaseSettings):
    """Ingress: the public door, where senders post."""

    ingress_host: Host = Field(default="127.0.0.1", description="Address the ingress listens on.")
    ingress_port: Port = Field(default=8080, description="TCP port the ingress listens on.")
    ingress_tls_cert: File | None = Field(
        default=None,
        description="PEM file of the ingress' certificate and of the CAs that vouch for it; then https only.",
        json_schema_extra={"derived": "no TLS"},
    )
    ingress_tls_key: File | None = Field(
        default=None,
        description="PEM file of the private key of that certificate, not encrypted.",
        json_schema_extra={"derived": "no TLS"},
    )
    public_url: HttpUrl = Field(
        default_factory=_own_ingress,
        description="What webhook URLs begin with: how senders reach the ingress.",
        json_schema_extra={
            "derived": "http://, or https:// with a certificate, and the ingress' host and port"
        },
    )
    git_gateway: GatewayName | None = Field(
        default=None,
        description="The gateway whose Git receiver is at `POST /`, besides its own URL.",
        json_schema_extra={"derived": "no gateway's: `POST /` answers 404"},
    )
    body_timeout_s: float = Field(
        default=30, ge=1, le=300, description="Seconds a sender has for the whole body; then 408."
    )
    body_room_mib: int = Field(
        default=128,
        ge=4,
        le=65_536,
        description=(
            "MiB of bodies, each counted twice (as it was sent, and sealed), that one ingress holds "
            "until Redis has them; above that, 503."
        ),
    )
    header_timeout_s: float = Field(
        default=10,
        ge=1,
        le=60,
        description="Seconds a sender has for the request line and headers; then 408.",
    )
    header_limit_bytes: int = Field(
        default=32_768,
        ge=1024,
        le=98_304,
        description="Bytes of request line and headers; above that, 431.",
    )
    limit_concurrency: int = Field(
        default=2000, ge=10, le=100_000, description="Connections at a time; above that, 503."
    )
    hourly_limit: int = Field(
        default=1000,
        ge=1,
        le=10_000_000,
        description="Events an hour that a new webhook accepts; above that, 429.",
    )
    queue_limit: int = Field(
        default=100_000,
        ge=1,
        le=100_000_000,
        description="Events that may wait for a worker; above that, 503.",
    )


class Relay(BaseSettings):
    """Relay: the owner's door, with the control API and the tunnels."""

    relay_host: Host = Field(default="127.0.0.1", description="Address the relay listens on.")
    relay_port: Port = Field(default=8081, description="TCP port the relay listens on.")
    relay_tls_cert: File | None = Field(
        default=None,
        description="PEM file of the relay's certificate and of the CAs that vouch for it; then https only.",
        json_schema_extra={"derived": "no TLS"},
    )
    relay_tls_key: File | None = Field(
        default=None,
        description="PEM file of the private key of that certificate, not encrypted.",
        json_schema_extra={"derived": "no TLS"},
    )
    ingress_url: HttpUrl = Field(
        default_factory=_own_ingress,
        description="How the relay reaches the ingress, to send the tests of owners there.",
        json_schema_extra={
            "derived": "http://, or https:// with a certificate, and the ingress' host and port"
        },
    )
    tunnel_lease_s: float = Field(
        default=15,
        ge=2,
        le=300,
        description="Seconds after a tunnel's last sign of life until its deliveries move on.",
    )
    heartbeat_s: float = Field(
        default=5,
        ge=0.5,
        le=10,
        description=(
            "Seconds between signs of life; less than half of FLEET_TUNNEL_LEASE_S. After four times as long"
            " without one a connection counts as dead."
        ),
    )
