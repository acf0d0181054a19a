"""What each service is given: settings turned into the frozen contexts of ingress, workers and relay."""

import os
import random
import ssl
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import fields
from functools import partial

import aiohttp
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from redis.exceptions import RedisError

from cli.accounts import account
from cli.embedded_redis import embedded_redis
from config.settings import Settings
from config.values import origin
from domain.errors import FleetError
from domain.limits import Limits
from domain.networks import Networks
from ingress.context import IngressContext
from ingress.meters import Meters as IngressMeters
from relay.connector.trust import trusting
from relay.server.context import RelayContext
from relay.server.ingress_door import IngressDoor, Trust
from relay.server.meters import Meters as RelayMeters
from store import keyring
from store.connect import INFO, AsyncStore, SyncStore
from store.events import BatchLimits, LogBounds
from store.polls import PollLimits
from store.sealing import Sealer
from store.stopping import Patience
from workers.budget import Budget
from workers.calling import TIMEOUT_S, Caller, Way
from workers.context import SweeperContext, WorkerContext
from workers.examining import A_MINUTE
from workers.filtering import Filters
from workers.git.context import GitContext
from workers.git.pool import Pool
from workers.git.sealing import SharedSealer
from workers.git.targets import Target
from workers.git.way import GitWay
from workers.meters import Meters as WorkerMeters
from workers.outbound import Outbound

_HOUR_MS = 3_600_000
_POLLS_GRACE_S = 3.0


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
        hint = "check that setting" if given else "start it with 'fleet up' or set FLEET_STATE_DIR"
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
        log=LogBounds(settings.event_log_length, settings.event_log_hours * _HOUR_MS),
    )


def patience(settings: Settings) -> Patience:
    """How long a door may take to stop."""
    return Patience(settings.stop_notice_s, settings.drain_s)


def ingress_context(settings: Settings, meters: IngressMeters) -> IngressContext:
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
        meters=meters,
    )


def sweeper_context(settings: Settings, meters: WorkerMeters) -> SweeperContext:
    """What the sweeper is given."""
    return SweeperContext(
        store=SyncStore(redis_url(settings)),
        clock_ms=clock_ms,
        entropy=os.urandom,
        dice=dice,
        limits=_limits(settings),
        retry_schedule_s=settings.retry_schedule_s,
        sweep_interval_s=settings.sweep_interval_s,
        meters=meters,
    )


def worker_context(settings: Settings, meters: WorkerMeters) -> WorkerContext:
    """What a worker is given."""
    shared = sweeper_context(settings, meters)
    sealer = _sealer(settings)
    return WorkerContext(
        **{field.name: getattr(shared, field.name) for field in fields(shared)},
        sealer=sealer,
        dedup_ms=settings.dedup_window_hours * _HOUR_MS,
        public_url=settings.public_url,
        outbound=_outbound(settings, shared.store, sealer),
        examinations=Budget(A_MINUTE),
        filters=Filters(clock_ms, meters),
    )


def _outbound(settings: Settings, store: SyncStore, sealer: Sealer) -> Outbound | None:
    """What makes the calls of a worker; None when there are to be none."""
    if settings.outbound == "off":
        return None
    # Two calls may be part of a job, and it has other things to do.
    timeout_s = min(TIMEOUT_S, settings.job_timeout_s / 4)
    return Outbound(Caller(Way(ssl.create_default_context(), _forwarder(settings)), timeout_s), store, sealer)


def _forwarder(settings: Settings) -> tuple[str, int] | None:
    """Host and port of the forwarder that calls leave through; None when they go straight."""
    host, _, port = settings.outbound.rpartition(":")
    return (host.strip("[]"), int(port)) if host else None


@contextmanager
def git_context(settings: Settings, meters: WorkerMeters) -> Generator[GitContext]:
    """What a worker that polls Git is given; its polls end with the block."""
    shared = sweeper_context(settings, meters)
    way = GitWay(
        targets=frozenset(map(Target, settings.git_targets)),
        is_open=settings.outbound != "off",
        through=_forwarder(settings),
        known_hosts=settings.git_known_hosts,
    )
    pool = Pool(settings.git_threads)
    try:
        yield GitContext(
            store=shared.store,
            sealer=SharedSealer(keyring.load(settings.secrets_dir), os.urandom),
            clock_ms=clock_ms,
            entropy=os.urandom,
            dice=dice,
            limits=shared.limits,
            polls=PollLimits(settings.git_polls, max(1, settings.git_polls // 2)),
            way=way,
            pool=pool,
            timeout_s=settings.git_timeout_s,
            meters=meters,
        )
    finally:
        # What has not ended by then is abandoned, and another worker takes it up.
        pool.close(_POLLS_GRACE_S)
        way.close()
        pool.close(_POLLS_GRACE_S)
        shared.store.close()


def _trust_in_ingress(settings: Settings) -> Trust:
    """Whom the relay takes for the ingress: beside it, who has its certificate, whatever name is in that."""
    file = settings.ingress_tls_cert
    own = origin(settings.ingress_host, settings.ingress_port, tls=file is not None)
    if file is None or settings.ingress_url != own:
        return trusting(settings.ca_file)
    return aiohttp.Fingerprint(x509.load_pem_x509_certificate(file.read_bytes()).fingerprint(SHA256()))


def relay_context(settings: Settings, meters: RelayMeters) -> RelayContext:
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
        retention_ms=settings.retention_hours * _HOUR_MS,
        ingress=IngressDoor(settings.ingress_url, partial(_trust_in_ingress, settings)),
        meters=meters,
        account=account,
    )
