"""The catalogue: every metric of Fleet Gateway. The instruments are made from it, and docs/monitoring.md is.

Labels are bounded: words of ours, the names of queues, and, only where FLEET_METRICS_WEBHOOKS is on, ids.
"""

from typing import Final

from cli.metrics.metric import Kind, Metric

INGRESS: Final = ("ingress",)
WORKERS: Final = ("events", "deliveries", "git")
SWEEPER: Final = ("sweeper",)
RELAY: Final = ("relay",)
CONNECTOR: Final = ("connector",)
CANARY: Final = ("canary",)
EVERYBODY: Final = (*INGRESS, *RELAY, *WORKERS, *SWEEPER, *CONNECTOR, *CANARY)

_COUNTER, _GAUGE, _HISTOGRAM = Kind.COUNTER, Kind.GAUGE, Kind.HISTOGRAM
_SHORT_S: Final = (0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
_LONG_S: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_WAY_S: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 120, 600, 3600, 21_600, 86_400)

# --- the ingress

ACCEPTED: Final = Metric(
    "fleet_events_accepted_total",
    _COUNTER,
    "events",
    INGRESS,
    "Requests that were kept as events",
    ("webhook",),
)
ACCEPTED_BYTES: Final = Metric(
    "fleet_accepted_bytes_total", _COUNTER, "bytes", INGRESS, "Bytes of their bodies", ("webhook",)
)
ACCEPT_SECONDS: Final = Metric(
    "fleet_accept_seconds",
    _HISTOGRAM,
    "seconds",
    INGRESS,
    "From the whole request to Redis' answer that it has the event",
    buckets=_SHORT_S,
)
RATE_LIMITED: Final = Metric(
    "fleet_rate_limited_total",
    _COUNTER,
    "requests",
    INGRESS,
    "Requests that were refused because the events of the hour were spent",
    ("webhook",),
)
REFUSED: Final = Metric(
    "fleet_requests_refused_total",
    _COUNTER,
    "requests",
    INGRESS,
    "Requests that were refused at the door, by [reason](#why-requests-are-refused)",
    ("reason",),
)
ANSWERED: Final = Metric(
    "fleet_requests_total",
    _COUNTER,
    "requests",
    INGRESS,
    "Requests to webhooks that were answered, by HTTP status",
    ("status",),
)

# --- workers

DECIDED: Final = Metric(
    "fleet_events_decided_total",
    _COUNTER,
    "events",
    ("events",),
    "Events that were verified, by the [state](deliveries.md) that they have since",
    ("state",),
)
REJECTED: Final = Metric(
    "fleet_events_rejected_total",
    _COUNTER,
    "events",
    ("events",),
    "Events that were rejected, by [reason](deliveries.md)",
    ("reason",),
)
EXPRESSIONS: Final = Metric(
    "fleet_expressions_evaluated_total",
    _COUNTER,
    "evaluations",
    ("events",),
    "Expressions of subscriptions that events were judged by: `true`, `false`, or [why neither](filters.md)",
    ("outcome",),
)
RETRIED: Final = Metric(
    "fleet_retries_total",
    _COUNTER,
    "deliveries",
    ("deliveries",),
    "Deliveries whose job was done: resent to a stream, declared dead, replayed, gone (the body is), stale",
    ("outcome",),
)
JOBS: Final = Metric(
    "fleet_jobs_total",
    _COUNTER,
    "jobs",
    WORKERS,
    "RQ jobs that ended. One that declares a delivery dead fails, as it is meant to",
    ("queue", "outcome"),
)
JOB_SECONDS: Final = Metric(
    "fleet_job_seconds",
    _HISTOGRAM,
    "seconds",
    WORKERS,
    "How long an RQ job took; a batch of events is one",
    ("queue",),
    _LONG_S,
)
POLLS: Final = Metric(
    "fleet_git_polls_total",
    _COUNTER,
    "polls",
    ("git",),
    "Polls of repos: a new commit was announced, nothing new was seen, the poll failed, was overtaken "
    "(stale, void), or why its commit could not be announced yet",
    ("outcome",),
)
POLL_SECONDS: Final = Metric(
    "fleet_git_poll_seconds",
    _HISTOGRAM,
    "seconds",
    ("git",),
    "How long a poll took, from its lease to its end",
    buckets=_LONG_S,
)

# --- the relay

TUNNELS: Final = Metric(
    "fleet_tunnels_connected", _GAUGE, "tunnels", RELAY, "Tunnels that are open at this relay"
)
TUNNELS_OPENED: Final = Metric(
    "fleet_tunnels_opened_total", _COUNTER, "tunnels", RELAY, "Tunnels that were opened"
)
TUNNELS_CLOSED: Final = Metric(
    "fleet_tunnels_closed_total",
    _COUNTER,
    "tunnels",
    RELAY,
    "Tunnels that ended; `hung_up`: by their connector",
    ("reason",),
)
TUNNELS_REFUSED: Final = Metric(
    "fleet_tunnels_refused_total", _COUNTER, "tunnels", RELAY, "Tunnels that were not opened", ("reason",)
)
SENT: Final = Metric(
    "fleet_deliveries_sent_total", _COUNTER, "deliveries", RELAY, "Deliveries that went into tunnels"
)
SENT_BYTES: Final = Metric(
    "fleet_sent_bytes_total", _COUNTER, "bytes", RELAY, "Bytes of them, as they went into tunnels"
)
ATTEMPTS: Final = Metric(
    "fleet_attempts_total",
    _COUNTER,
    "attempts",
    (*RELAY, *SWEEPER),
    "Attempts that ended: delivered, refused, to be tried again, the last one failed (exhausted), "
    "or no answer in time (missed; told by the sweeper)",
    ("outcome",),
)
DELIVERY_SECONDS: Final = Metric(
    "fleet_delivery_seconds",
    _HISTOGRAM,
    "seconds",
    RELAY,
    "End to end: from the receipt of an event to its delivery; retries and replays are in it",
    buckets=_WAY_S,
)

# --- the sweeper itself

ON_DUTY: Final = Metric("fleet_sweeper_on_duty", _GAUGE, "0 or 1", SWEEPER, "Whether this sweeper is on duty")
SWEEPS: Final = Metric("fleet_sweeps_total", _COUNTER, "sweeps", SWEEPER, "Sweeps of this sweeper")
SWEPT: Final = Metric(
    "fleet_swept_total", _COUNTER, "members", SWEEPER, "Members of the due-set that it looked at"
)
LAPSED: Final = Metric(
    "fleet_tunnels_lapsed_total", _COUNTER, "tunnels", SWEEPER, "Leases of tunnels that ended by themselves"
)

# --- the whole server, told by the sweeper that is on duty

LEDGER_EVENTS: Final = Metric(
    "fleet_ledger_events",
    _GAUGE,
    "events",
    SWEEPER,
    "The ledger of all gateways: events by [state](deliveries.md)",
    ("state",),
)
LEDGER_DELIVERIES: Final = Metric(
    "fleet_ledger_deliveries",
    _GAUGE,
    "deliveries",
    SWEEPER,
    "The ledger of all gateways: deliveries by outcome, or `in_flight`",
    ("state",),
)
LEDGER_ACCEPTED: Final = Metric(
    "fleet_ledger_accepted",
    _GAUGE,
    "events",
    SWEEPER,
    "Events that were ever accepted: the sum of their states",
)
LEDGER_CREATED: Final = Metric(
    "fleet_ledger_created",
    _GAUGE,
    "deliveries",
    SWEEPER,
    "Deliveries that were ever made: the sum of their outcomes and of those in flight",
)
UNACCOUNTED_EVENTS: Final = Metric(
    "fleet_unaccounted_events",
    _GAUGE,
    "events",
    SWEEPER,
    "Events by which the ledgers do not balance. Always 0; anything else is a bug",
)
UNACCOUNTED_DELIVERIES: Final = Metric(
    "fleet_unaccounted_deliveries",
    _GAUGE,
    "deliveries",
    SWEEPER,
    "Deliveries by which the ledgers do not balance. Always 0; anything else is a bug",
)
STORED_EVENTS: Final = Metric(
    "fleet_stored_events", _GAUGE, "events", SWEEPER, "Events whose sealed request is kept"
)
STORED_BYTES: Final = Metric("fleet_stored_bytes", _GAUGE, "bytes", SWEEPER, "Bytes of sealed requests")
QUEUE_JOBS: Final = Metric(
    "fleet_queue_jobs", _GAUGE, "jobs", SWEEPER, "RQ jobs that wait in a queue", ("queue",)
)
QUEUE_OLDEST: Final = Metric(
    "fleet_queue_oldest_seconds", _GAUGE, "seconds", SWEEPER, "Age of the oldest of them; 0: none", ("queue",)
)
QUEUE_STARTED: Final = Metric(
    "fleet_queue_started_jobs", _GAUGE, "jobs", SWEEPER, "RQ jobs of a queue that are under way", ("queue",)
)
QUEUE_FAILED: Final = Metric(
    "fleet_queue_failed_jobs",
    _GAUGE,
    "jobs",
    SWEEPER,
    "Jobs in RQ's FailedJobRegistry; in `deliveries` each is a dead delivery",
    ("queue",),
)
QUEUE_WORKERS: Final = Metric(
    "fleet_queue_workers", _GAUGE, "workers", SWEEPER, "Workers that RQ knows to serve a queue", ("queue",)
)
SUSPENDED: Final = Metric(
    "fleet_workers_suspended",
    _GAUGE,
    "0 or 1",
    SWEEPER,
    "Whether workers pause: `fleet queues suspend`",
)
RETRIES_WAITING: Final = Metric(
    "fleet_retries_waiting", _GAUGE, "deliveries", SWEEPER, "Deliveries that wait for their next attempt"
)
DUE: Final = Metric("fleet_due_members", _GAUGE, "members", SWEEPER, "Members of the due-set")
OVERDUE: Final = Metric(
    "fleet_overdue_seconds", _GAUGE, "seconds", SWEEPER, "How long the member that is due first has been so"
)
STREAM_WAITING: Final = Metric(
    "fleet_stream_waiting", _GAUGE, "deliveries", SWEEPER, "Deliveries in streams that no tunnel has taken"
)
STREAM_TAKEN: Final = Metric(
    "fleet_stream_taken", _GAUGE, "deliveries", SWEEPER, "Deliveries that tunnels have taken and not answered"
)
STREAM_UNSERVED: Final = Metric(
    "fleet_stream_unserved",
    _GAUGE,
    "deliveries",
    SWEEPER,
    "Deliveries in streams that no tunnel serves: nobody is connected for them",
)
TUNNEL_BACKLOG: Final = Metric(
    "fleet_tunnel_backlog",
    _GAUGE,
    "deliveries",
    SWEEPER,
    "Deliveries that wait in the streams of a tunnel. Without ids: of the tunnel for which most wait",
    ("gateway", "tunnel"),
)
TUNNELS_LIVE: Final = Metric(
    "fleet_tunnels_live", _GAUGE, "tunnels", SWEEPER, "Tunnels that have a connection, at all relays"
)
REDIS_UP: Final = Metric("fleet_redis_up", _GAUGE, "0 or 1", SWEEPER, "Whether Redis answered just now")
REDIS_USED: Final = Metric("fleet_redis_used_bytes", _GAUGE, "bytes", SWEEPER, "Memory that Redis uses")
REDIS_SHARE: Final = Metric(
    "fleet_redis_memory_share",
    _GAUGE,
    "share",
    SWEEPER,
    "The same as a share of its maxmemory, 0 to 1; 0: it has no limit",
)

# --- the connector

CONNECTED: Final = Metric(
    "fleet_connector_connected", _GAUGE, "0 or 1", CONNECTOR, "Whether its tunnel is open"
)
CONNECTOR_OPENED: Final = Metric(
    "fleet_connector_opened_total", _COUNTER, "tunnels", CONNECTOR, "How often its tunnel was opened"
)
CONNECTOR_ATTEMPTS: Final = Metric(
    "fleet_connector_attempts_total",
    _COUNTER,
    "attempts",
    CONNECTOR,
    "Attempts at targets, by what the connector says of them",
    ("outcome",),
)
CONNECTOR_SECONDS: Final = Metric(
    "fleet_connector_attempt_seconds",
    _HISTOGRAM,
    "seconds",
    CONNECTOR,
    "How long targets took to answer",
    buckets=_LONG_S,
)

# --- the canary

CANARY_OK: Final = Metric(
    "fleet_canary_ok", _GAUGE, "0 or 1", CANARY, "Whether the canary came back from its last walk"
)
CANARY_SECONDS: Final = Metric(
    "fleet_canary_seconds",
    _GAUGE,
    "seconds",
    CANARY,
    "How long its last good walk took, from its post to the public URL to its arrival",
)
CANARY_GOOD_AT: Final = Metric(
    "fleet_canary_good_timestamp_seconds",
    _GAUGE,
    "Unix time",
    CANARY,
    "When it came back last; 0: it never did",
)
CANARY_WALKS: Final = Metric(
    "fleet_canary_walks_total",
    _COUNTER,
    "walks",
    CANARY,
    "Walks that ended, by what came of them: `good`, or why it did not come back",
    ("outcome",),
)

AGENT_CALLS: Final = Metric(
    "fleet_mcp_calls_total",
    _COUNTER,
    "calls",
    RELAY,
    "Calls of [tools by agents](agents.md) at `/mcp`: answered, refused with a sentence, or failed by a "
    "mistake of ours",
    ("tool", "outcome"),
)

# --- every process

SERVICE: Final = Metric(
    "fleet_service_info",
    _GAUGE,
    "1",
    EVERYBODY,
    "What the process is: `ingress`, `relay`, `sweeper`, `connector`, `canary`, or the queue of a worker",
    ("service",),
)

METRICS: Final = tuple(value for value in list(globals().values()) if isinstance(value, Metric))
"""All of them, in the order of this file."""
