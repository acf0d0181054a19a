"""Settings: what each gateway may have."""

from pydantic import Field
from pydantic_settings import BaseSettings


class Gateways(BaseSettings):
    """Gateways: what each may have on this server; `fleet gateways limits` sets limits for one alone."""

    gateway_webhooks: int = Field(default=1000, ge=0, le=100_000, description="Webhooks of one gateway.")
    gateway_subscriptions: int = Field(
        default=200, ge=0, le=100_000, description="Subscriptions of one gateway."
    )
    gateway_repos: int = Field(default=1000, ge=0, le=1_000_000, description="Git repos of one gateway.")
    gateway_stored_events: int = Field(
        default=100_000,
        ge=0,
        le=1_000_000_000,
        description="Events of one gateway whose sealed request is kept; above that, 503.",
    )
    gateway_stored_mib: int = Field(
        default=256,
        ge=0,
        le=1_048_576,
        description="MiB of sealed requests that are kept for one gateway; above that, 503.",
    )
    gateway_deliveries: int = Field(
        default=200_000,
        ge=0,
        le=1_000_000_000,
        description="Deliveries of one gateway that may be in flight; above that, 503.",
    )
    gateway_queue_share: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="Share of FLEET_QUEUE_LIMIT that one gateway's waiting events may take; above that, 503.",
    )
