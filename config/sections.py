"""The settings themselves, by the part of the gateway that reads them.

A class is a section of the reference page: its docstring is the heading and what stands below it. A field is
a setting: its name, bounds and description (which says the unit) are all there is to know; `config.reference`
renders them.
"""

from pathlib import Path
from typing import Any

from pydantic import Field
from pydantic_settings import BaseSettings

from config.values import (
    AppendFsync,
    File,
    Folder,
    GatewayName,
    GitTargets,
    Host,
    HttpUrl,
    LogFormat,
    LogLevel,
    Outbound,
    Port,
    ProxyNetworks,
    RedisUrl,
    Schedule,
    Switch,
    Token,
    origin,
)


def _secrets_dir(data: dict[str, Any]) -> Path:
    return data["state_dir"] / "secrets"


def _own_ingress(data: dict[str, Any]) -> str:
    return origin(data["ingress_host"], data["ingress_port"], tls=data["ingress_tls_cert"] is not None)


def _api_url(data: dict[str, Any]) -> str:
    return origin(data["relay_host"], data["relay_port"], tls=data["relay_tls_cert"] is not None)


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
            "the first process, and the next ones to the others."
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


class Workers(BaseSettings):
    """Workers: the jobs between the doors, and the sweeper."""

    event_log_length: int = Field(
        default=10_000,
        ge=0,
        le=10_000_000,
        description="Events that the log of a gateway, and that of a webhook, remembers; 0: none.",
    )
    event_log_hours: int = Field(
        default=168,
        ge=1,
        le=8784,
        description="Hours after which the event log forgets an event, if it has not by number.",
    )
    retention_hours: int = Field(
        default=72, ge=1, le=720, description="Hours after which the body of an unfinished event is deleted."
    )
    dedup_window_hours: int = Field(
        default=24,
        ge=0,
        le=168,
        description="Hours in which a sender's redelivery counts as a duplicate; 0: never.",
    )
    outbound: Outbound = Field(
        default="direct",
        description=(
            "How workers call Git hosts, and PayPal, AWS and Microsoft for the certificates and keys that"
            " their webhooks need: straight, through a forwarder that reads the name in the TLS handshake, or"
            " not at all."
        ),
    )
    retry_schedule_s: Schedule = Field(
        default=(5, 30, 120, 600, 1800, 3600, 10_800, 21_600, 43_200),
        description="Seconds before each retry of a delivery, separated by commas; `none`: no retries.",
    )
    batch_events: int = Field(default=200, ge=1, le=1000, description="Events that may share one job.")
    batch_bytes: int = Field(
        default=4_194_304, ge=1024, le=67_108_864, description="Bytes of bodies that may share one job."
    )
    batch_age_s: float = Field(
        default=1.0, ge=0.01, le=10, description="Seconds for which a waiting job takes in more events."
    )
    job_timeout_s: int = Field(default=10, ge=1, le=300, description="Seconds that one job may run.")
    recovery_s: float = Field(
        default=20,
        ge=1,
        le=600,
        description="Seconds after which an event that no job has finished is queued again.",
    )
    sweep_interval_s: float = Field(
        default=0.25, ge=0.05, le=5, description="Seconds between two looks of the sweeper at what is due."
    )


class Git(BaseSettings):
    """Git: how workers of the queue `git` poll the repos of owners."""

    git_threads: int = Field(default=32, ge=1, le=256, description="Polls that one worker makes at a time.")
    git_polls: int = Field(
        default=32,
        ge=1,
        le=10_000,
        description=(
            "Polls that may be under way at a time, over all workers: as many as they have threads, all"
            " together. Half of them for any one gateway."
        ),
    )
    git_timeout_s: float = Field(
        default=30,
        ge=0.1,
        le=40,
        description="Seconds that one poll may take, from looking up the name to the end of the answer.",
    )
    git_targets: GitTargets = Field(
        default=("public", "private"),
        description=(
            "Where repos may be, separated by commas; each address is judged after its name was looked up. "
            "`link-local` includes the places where clouds give credentials to their machines; `file` lets "
            "every owner have repositories of this machine read."
        ),
    )
    git_known_hosts: File | None = Field(
        default=None,
        description=(
            "File of the SSH servers, with their keys, that are known to all repos whose own Secret "
            "has no `known_hosts`."
        ),
        json_schema_extra={"derived": "none: only those of Secrets are"},
    )


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
        le=60,
        description="Seconds between signs of life; less than half of FLEET_TUNNEL_LEASE_S.",
    )


class Watching(BaseSettings):
    """Watching: how a gateway finds out whether it is well."""

    canary_interval: int = Field(
        default=0,
        ge=0,
        le=3600,
        description=(
            "Seconds between two events that the canary sends itself through FLEET_PUBLIC_URL and a tunnel;"
            " `fleet up` starts one when it is set. 0: there is none."
        ),
    )


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


class EmbeddedRedis(BaseSettings):
    """Embedded Redis: the server that `fleet up` starts when FLEET_REDIS_URL is not set."""

    appendfsync: AppendFsync = Field(
        default="always",
        description=(
            "When a write is on disk: `always` before the sender's 202, "
            "`everysec` at most one second later (a power cut may lose that second)."
        ),
    )
    redis_maxmemory_mib: int = Field(
        default=1024,
        ge=64,
        le=1_048_576,
        description="MiB the embedded server may fill; then new events get 503.",
    )


SECTIONS: tuple[type[BaseSettings], ...] = (
    General,
    Ingress,
    Workers,
    Git,
    Gateways,
    Relay,
    Connector,
    Watching,
    EmbeddedRedis,
)
"""In the order of the reference page. A default may be derived from settings further up only."""
