"""What each service is given: settings turned into the frozen contexts of ingress, workers and relay."""

import os
import random
import ssl
import time
from dataclasses import fields

from redis.exceptions import RedisError

from cli.embedded_redis import embedded_redis
from config.settings import Settings
from domain.errors import FleetError
from domain.limits import Limits
from domain.networks import Networks
from ingress.context import IngressContext
from relay.server.context import RelayContext
from store import keyring
from store.connect import INFO, AsyncStore, SyncStore
from store.events import BatchLimits
from store.sealing import Sealer
from store.stopping import Patience
from workers.budget import Budget
from workers.calling import TIMEOUT_S, Caller, Way
from workers.context import SweeperContext, WorkerContext
from workers.examining import A_MINUTE
from workers.outbound import Outbound

_HOUR_MS = 3_600_000


def redis_url(settings: Settings) -> str:
    """The Redis to use: the one that is set, else the embedded one of the state folder."""
    if settings.redis_url is not None:
        return settings.redis_url.get_secret_value()
    return embedded_redis(settings.state_dir).url


def clock_ms() -> int:
    """Unix time in milliseconds."""
    return time.time_ns() // 1_000_000


def dice() -> float:
    """A random number in [0, 1), for jitter; nothing secret depends on it."""
    return random.random()  # noqa: S311 - see above


class RedisAwayError(FleetError):
    """Redis does not answer. Its URL, which may hold a password, is not told."""

    def __init__(self, settings: Settings) -> None:
        given = settings.redis_url
        where = "The Redis of FLEET_REDIS_URL" if given else f"The embedded Redis in {settings.state_dir}"
        hint = "check that setting" if given else "start it with './fleet up' or set FLEET_STATE_DIR"
        super().__init__(f"{where} does not answer; {hint}.")


def suitable_store(settings: Settings) -> SyncStore:
    """A store on a Redis that keeps what it is given.

    Raises:
        RedisUnsuitableError: it would not.
        RedisAwayError: it does not answer.
    """
    store = SyncStore(redis_url(settings))
    try:
        store.run(INFO)
    except RedisError:
        raise RedisAwayError(settings) from None
    return store


def _sealer(settings: Settings) -> Sealer:
    return Sealer(keyring.load(settings.secrets_dir), os.urandom)


def gateway_limits(settings: Settings) -> Limits:
    """What a gateway without limits of its own may have."""
    return Limits(
        webhooks=settings.gateway_webhooks,
        subscriptions=settings.gateway_subscriptions,
        repos=settings.gateway_repos,
        stored_events=settings.gateway_stored_events,
        stored_mib=settings.gateway_stored_mib,
        deliveries=settings.gateway_deliveries,
        queue_share=settings.gateway_queue_share,
    )


def _limits(settings: Settings) -> BatchLimits:
    return BatchLimits(
        events=settings.batch_events,
        size_bytes=settings.batch_bytes,
        age_ms=round(settings.batch_age_s * 1000),
        queue=settings.queue_limit,
        recovery_ms=round(settings.recovery_s * 1000),
        retention_ms=settings.retention_hours * _HOUR_MS,
        job_timeout_s=settings.job_timeout_s,
        gateway=gateway_limits(settings),
    )


def patience(settings: Settings) -> Patience:
    """How long a door may take to stop."""
    return Patience(settings.stop_notice_s, settings.drain_s)


def ingress_context(settings: Settings) -> IngressContext:
    """What the ingress is given."""
    return IngressContext(
        store=AsyncStore(redis_url(settings)),
        sealer=_sealer(settings),
        clock_ms=clock_ms,
        entropy=os.urandom,
        limits=_limits(settings),
        public_url=settings.public_url,
        high_water=settings.redis_high_water,
        trusted=Networks.of(settings.trusted_proxies),
        git_gateway=settings.git_gateway or "",
    )


def sweeper_context(settings: Settings) -> SweeperContext:
    """What the sweeper is given."""
    return SweeperContext(
        store=SyncStore(redis_url(settings)),
        clock_ms=clock_ms,
        entropy=os.urandom,
        dice=dice,
        limits=_limits(settings),
        log_length=settings.event_log_length,
        retry_schedule_s=settings.retry_schedule_s,
        sweep_interval_s=settings.sweep_interval_s,
    )


def worker_context(settings: Settings) -> WorkerContext:
    """What a worker is given."""
    shared = sweeper_context(settings)
    sealer = _sealer(settings)
    return WorkerContext(
        **{field.name: getattr(shared, field.name) for field in fields(shared)},
        sealer=sealer,
        dedup_ms=settings.dedup_window_hours * _HOUR_MS,
        public_url=settings.public_url,
        outbound=_outbound(settings, shared.store, sealer),
        examinations=Budget(A_MINUTE),
    )


def _outbound(settings: Settings, store: SyncStore, sealer: Sealer) -> Outbound | None:
    """What makes the calls of a worker; None when there are to be none."""
    if settings.outbound == "off":
        return None
    host, _, port = settings.outbound.rpartition(":")
    through = (host.strip("[]"), int(port)) if host else None
    # Two calls may be part of a job, and it has other things to do.
    timeout_s = min(TIMEOUT_S, settings.job_timeout_s / 4)
    return Outbound(Caller(Way(ssl.create_default_context(), through), timeout_s), store, sealer)


def relay_context(settings: Settings) -> RelayContext:
    """What the relay is given."""
    return RelayContext(
        store=AsyncStore(redis_url(settings)),
        sealer=_sealer(settings),
        clock_ms=clock_ms,
        dice=dice,
        entropy=os.urandom,
        retry_schedule_s=settings.retry_schedule_s,
        lease_ms=round(settings.tunnel_lease_s * 1000),
        heartbeat_s=settings.heartbeat_s,
        public_url=settings.public_url,
        hourly_limit=settings.hourly_limit,
        trusted=Networks.of(settings.trusted_proxies),
        limits=gateway_limits(settings),
        queue_limit=settings.queue_limit,
    )
