"""Redis users: one for each service, who can do what that service does and nothing else.

A rule names keys as `store.keys` does; the language is that of Redis (https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/).
Scripts run with the rights of whoever calls them, so these rules hold inside them, too.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from store import keys, rq_names

# What anybody may do with the keys that he is given. Nothing that looks at the names of all keys, changes
# the server, or stops it.
_DATA: Final = (
    "+@read +@write +@connection +@transaction +evalsha +script|load"
    " -@dangerous -scan -randomkey -function -client|tracking +info +time"
)
_RQ: Final = "rq:*"
_RQ_BELLS: Final = "rq:pubsub:*"


@dataclass(frozen=True, slots=True)
class RedisUser:
    """Who a service is to Redis.

    Attributes:
        name: the user's name.
        reads: patterns of keys whose values it may read.
        writes: patterns of keys that it may change without reading them.
        keeps: patterns of keys that it may read and change.
        channels: patterns of pub/sub channels.
        commands: what it may do with all these.
    """

    name: str
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    commands: str = _DATA

    def line(self, password: str) -> str:
        """The user as a line of an ACL file. It holds the hash of the password, not the password."""
        rights = (
            *(f"%R~{pattern}" for pattern in self.reads),
            *(f"%W~{pattern}" for pattern in self.writes),
            *(f"~{pattern}" for pattern in self.keeps),
            *(f"&{pattern}" for pattern in self.channels),
        )
        return " ".join(
            [f"user {self.name} on #{_hash(password)} resetchannels -@all", self.commands, *rights]
        )


def _hash(password: str) -> str:
    # Passwords are random and long: there is nothing to guess, hence nothing to slow down.
    return hashlib.sha256(password.encode()).hexdigest()


def _all(*names: str) -> tuple[str, ...]:
    return tuple(map(keys.pattern, names))


INGRESS: Final = RedisUser(
    "ingress",
    reads=(*_all("token", "gateway", "routes", "repos_at", "secrets"), keys.NETWORKS, keys.GATEWAYS),
    # It seals and forgets: what was accepted it cannot read back.
    writes=(*_all("body"), f"{rq_names.JOB_PREFIX}*", rq_names.QUEUES),
    keeps=(
        *_all("webhook", "rate", "event", "batch", "members", "counts", "line", "log", "minutes", "repo"),
        *_all("refused", "noted"),
        keys.LINES,
        keys.DUE,
        keys.WAITING,
        rq_names.QUEUE_PREFIX + rq_names.EVENTS,
        rq_names.QUEUE_PREFIX + rq_names.GIT,
    ),
)

_LIVES: Final = (
    *_all("event", "batch", "members", "counts", "delivery", "stream", "line", "dead", "retrying", "minutes"),
    keys.LINES,
    keys.FED,
    keys.DUE,
    keys.WAITING,
)
"""What everybody moves who decides about events and deliveries."""

WORKER: Final = RedisUser(
    "worker",
    # The names of webhooks lead to the secrets that may have been mixed up.
    reads=_all("webhook", "webhooks", "subscription", "routes"),
    writes=_all("matched"),
    keeps=(*_LIVES, *_all("body", "document", "duplicate"), _RQ),
    channels=(keys.BELL, _RQ_BELLS),
    # RQ finds out under which address it is known, and lets jobs be stopped by message.
    commands=f"{_DATA} +@pubsub +client|list",
)

GIT: Final = RedisUser(
    "git",
    reads=_all("gateway", "secrets", "routes"),
    # Like the ingress it makes events, and cannot read them back.
    writes=_all("body"),
    keeps=(
        *_all("repo", "host", "polling", "webhook", "event", "batch", "members", "counts", "log", "minutes"),
        keys.POLLS,
        keys.DUE,
        keys.WAITING,
        _RQ,
    ),
    channels=(_RQ_BELLS,),
    commands=f"{_DATA} +@pubsub +client|list",
)
"""The workers that poll Git repos."""

SWEEPER: Final = RedisUser(
    "sweeper",
    # For the numbers of the whole server it looks at the queues and at who serves them.
    reads=(
        keys.GATEWAYS,
        f"{rq_names.STARTED_PREFIX}*",
        f"{rq_names.FAILED_PREFIX}*",
        f"{rq_names.WORKER_PREFIX}*",
        rq_names.WORKERS,
        rq_names.SUSPENDED,
    ),
    writes=(*_all("body"), f"{rq_names.RESULTS_PREFIX}*", rq_names.FAILED_PREFIX + rq_names.DELIVERIES),
    keeps=(
        *_LIVES,
        *_all("tunnel", "tunnels", "last_tunnel", "subscription", "subscriptions", "routes", "repo"),
        keys.SWEEPER,
        f"{rq_names.JOB_PREFIX}*",
        f"{rq_names.QUEUE_PREFIX}*",
        rq_names.QUEUES,
    ),
    channels=(keys.BELL,),
)

RELAY: Final = RedisUser(
    "relay",
    # What RQ's queues hold and its workers do: ids. It makes no jobs but those that poll Git.
    reads=(
        keys.CANARY,
        keys.SWEEPER,
        f"{rq_names.JOB_PREFIX}*",
        f"{rq_names.QUEUE_PREFIX}*",
        f"{rq_names.STARTED_PREFIX}*",
        f"{rq_names.FAILED_PREFIX}*",
        f"{rq_names.WORKER_PREFIX}*",
        rq_names.WORKERS,
    ),
    writes=(
        f"{rq_names.JOB_PREFIX}*",
        f"{rq_names.RESULTS_PREFIX}*",
        rq_names.QUEUES,
        rq_names.QUEUE_PREFIX + rq_names.GIT,
        rq_names.FAILED_PREFIX + rq_names.DELIVERIES,
    ),
    keeps=(
        *map(keys.pattern, keys.PREFIXES),
        keys.GATEWAYS,
        keys.NETWORKS,
        keys.DUE,
        keys.WAITING,
        keys.POLLS,
        rq_names.SUSPENDED,
    ),
    channels=(keys.BELL,),
    # The audit counts all there is.
    commands=f"{_DATA} +@pubsub +scan",
)
"""The owner's door, and the command line on the server, which runs beside it."""

INIT: Final = RedisUser(
    "init",
    keeps=(*_all("gateway", "access"), keys.GATEWAYS),
    commands=f"{_DATA} +acl|load +ping",
)

DASHBOARD: Final = RedisUser(
    "dashboard", keeps=(_RQ,), channels=(_RQ_BELLS,), commands=f"{_DATA} +@pubsub +client|list +eval"
)
"""RQ's own tools: they see jobs, which carry ids, and nothing of ours."""

CANARY: Final = RedisUser("canary", keeps=(keys.CANARY,), commands="+get +set +info +ping +client|setinfo")
"""Says how its last walk was. All else it does through the doors, as any owner."""

HEALTH: Final = RedisUser("health", commands="+ping")
"""Asks whether the server answers."""

USERS: Final = (INGRESS, WORKER, GIT, SWEEPER, RELAY, INIT, DASHBOARD, CANARY, HEALTH)
"""Everybody who may connect."""

# Nobody can be this user. It has every right all the same: as this user Redis reads its own log back, and
# what the user may not do is then left out (seen with Redis 8.0.2: every transaction was lost).
_NOBODY: Final = "user default off resetpass ~* &* +@all"


def acl_file(passwords: Mapping[str, str]) -> str:
    """The content of an ACL file (setting `aclfile` of Redis): these users, and nobody without a password.

    Args:
        passwords: by the names of USERS; random, at least 128 bits.
    """
    return "\n".join([_NOBODY, *(user.line(passwords[user.name]) for user in USERS)]) + "\n"
