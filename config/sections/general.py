"""Settings: what every part reads."""

from pathlib import Path
from typing import Any

from pydantic import Field
from pydantic_settings import BaseSettings

from config.values import Folder, Host, LogFormat, LogLevel, Port, ProxyNetworks, RedisUrl, Switch


def _secrets_dir(data: dict[str, Any]) -> Path:
    return data["state_dir"] / "secrets"


class General(BaseSettings):
    """General: what every part reads."""

    state_dir: Folder = Field(
        default=Path(".fleet"),
        description="Folder of everything this machine keeps: the embedded Redis, keys, logs.",
    )
    secrets_dir: Folder = Field(
        default_factory=_secrets_dir,
        description="Folder of secret files: keys, and settings kept as files (`token`, `redis_url`).",
        json_schema_extra={"derived": "`secrets` in FLEET_STATE_DIR"},
    )
    redis_url: RedisUrl | None = Field(
        default=None,
        description="The Redis to use. It may hold a password and is never shown.",
        json_schema_extra={"derived": "an embedded Redis in FLEET_STATE_DIR"},
    )
    redis_high_water: float = Field(
        default=0.9, ge=0.1, le=1.0, description="Share of Redis' maxmemory above which new events get 503."
    )
    stop_notice_s: float = Field(
        default=0,
        ge=0,
        le=60,
        description="Seconds for which a door that is to stop answers on, while /readyz says no already.",
    )
    drain_s: float = Field(
        default=8,
        ge=1,
        le=300,
        description="Seconds a door that stops then has for what is under way, and a relay to move tunnels.",
    )
    log_level: LogLevel = Field(default="info", description="The least important messages that are logged.")
    log_format: LogFormat = Field(
        default="auto", description="`json` lines, `console` text, or `auto`: text on a terminal, else JSON."
    )
    metrics_host: Host = Field(
        default="127.0.0.1", description="Address on which a process serves /metrics, /healthz and /readyz."
    )
    metrics_port: Port | None = Field(
        default=None,
        description=(
            "TCP port for these, a different one for each process of a machine: `fleet up` gives this one to "
            "the first process, and the next ones to the others. Where it is taken, the next free one."
        ),
        json_schema_extra={"derived": "none: nothing is served"},
    )
    metrics_webhooks: Switch = Field(
        default="off",
        description=(
            "Whether ids of webhooks and tunnels become labels of metrics: `on` makes up to 1000 series "
            "of each such metric."
        ),
    )
    trusted_proxies: ProxyNetworks = Field(
        default=(),
        description=(
            "Addresses and networks of your own proxies, separated by commas. What they say in "
            "X-Forwarded-For and X-Forwarded-Proto is believed, so never name 0.0.0.0/0."
        ),
        json_schema_extra={"derived": "none: no header is believed"},
    )
