"""Every Redis key: its name, type, content and life. No key literal stands anywhere else.

The scripts get the same names as a table (`lua_table`), built into their text. They compute keys from
ids instead of taking them as KEYS: Redis Cluster, which would need the latter, is not supported.
"""

from typing import Final

from store import rq_names

GATEWAYS: Final = "fleet:gateways"
"""hash: gateway name -> Gateway ID. Kept."""

NETWORKS: Final = "fleet:networks"
"""hash: name of a list -> its networks as JSON, when they are not those that came with the program. Kept."""

DUE: Final = "fleet:due"
"""zset: what is due -> when (Unix ms). See `store.due` for its members."""

WAITING: Final = "fleet:waiting"
"""string: number of events accepted and not yet fanned out, over all gateways. Kept."""

SWEEPER: Final = "fleet:sweeper"
"""string: id of the sweeper on duty. Expires with its lease."""

LINES: Final = "fleet:lines"
"""list: Gateway IDs whose line has events, the next to be served first. Kept."""

FED: Final = "fleet:fed"
"""list: job ids of the batches made from lines that no worker has begun. Kept."""

POLLS: Final = "fleet:polls"
"""zset: ids of the repos that are being polled -> when the lease of the poll ends (Unix ms). Kept."""

CANARY: Final = "fleet:canary"
"""string: the report of the canary's last walk, JSON. An hour, or three of its intervals."""

BELL: Final = "fleet:bell"
"""pub/sub channel: the id of a subscription that has something new; "revoked GATEWAY" when tokens end,
"named GATEWAY" when one of its subscriptions was made."""

PREFIXES: Final = {
    "gateway": "fleet:gateway:",  # + Gateway ID; hash: a Gateway. Kept.
    "access": "fleet:access:",  # + SHA-256 of an access token; string: Gateway ID. Until revoked or expired.
    "webhooks": "fleet:webhooks:",  # + Gateway ID; hash: webhook name -> webhook id. Kept.
    "webhook": "fleet:webhook:",  # + webhook id; hash: a Webhook, its sealed token and vault. Kept.
    "token": "fleet:token:",  # + SHA-256 of a webhook token; string: webhook id. Until deleted.
    "subscriptions": "fleet:subscriptions:",  # + Gateway ID; hash: name -> subscription id. Kept.
    "subscription": "fleet:subscription:",  # + subscription id; hash: a Subscription. Kept.
    "routes": "fleet:routes:",  # + webhook id; set: ids of the subscriptions that listen to it. Kept.
    "matched": "fleet:matched:",  # + webhook id; zset: secret id by when it last matched. Until deleted.
    "rate": "fleet:rate:",  # + webhook id; string: events accepted in this window. Ends with the window.
    "refused": "fleet:refused:",  # + webhook id; hash: what its doors refused, by hour and reason. A day.
    "noted": "fleet:noted:",  # + id of a note of refusals; string: it was taken. 10 min.
    "answer": "fleet:answer:",  # + Gateway ID:SHA-256 of a key; hash: what was asked, and the answer. 24 h.
    "answers": "fleet:answers:",  # + Gateway ID; zset: SHA-256 of its keys by their ends. Until the last one.
    "event": "fleet:event:",  # + event id; hash: its life, metadata only. Until 24 h after its body.
    "body": "fleet:body:",  # + event id; string: the sealed request. Until done, at most the retention.
    "batch": "fleet:batch:",  # + job id; hash: an open batch. Until its last event left.
    "members": "fleet:members:",  # + job id; list: event ids of a batch. Until the last one left.
    "line": "fleet:line:",  # + Gateway ID; list: ids of its events that wait for a batch. Until it is empty.
    "duplicate": "fleet:duplicate:",  # + webhook id + digest; string: event id. The dedup window.
    "counts": "fleet:counts:",  # + Gateway ID; hash: the ledger. Kept.
    "log": "fleet:log:",  # + Gateway ID or webhook id; list: event ids, newest first. Bounded by length, age.
    "dead": "fleet:dead:",  # + Gateway ID; zset: its dead deliveries -> since when. Until their bodies go.
    "retrying": "fleet:retrying:",  # + Gateway ID; zset: those that wait for a retry -> since when. Kept.
    "minutes": "fleet:minutes:",  # + Gateway ID:hour; hash: what happened in each of its minutes. 26 h.
    "delivery": "fleet:delivery:",  # + delivery id; hash: its life. Until 24 h after its event is done.
    "stream": "fleet:stream:",  # + subscription id; stream: deliveries to be taken. Kept.
    "tunnel": "fleet:tunnel:",  # + Gateway ID:tunnel id; hash: a lease. Until it lapses.
    "document": "fleet:document:",  # + SHA-256 of its URL; string: a sealed certificate or key set. 24 h.
    "repos": "fleet:repos:",  # + Gateway ID; hash: name of a Git repo -> repo id. Kept.
    "repo": "fleet:repo:",  # + repo id; hash: a Git repo, what it stands at, its poll. Kept.
    "repos_at": "fleet:repos_at:",  # + Gateway ID:SHA-256 of a normal form; set: repo ids. Kept.
    "secrets": "fleet:secrets:",  # + Gateway ID; hash: name of a Secret -> the Secret, sealed. Kept.
    "host": "fleet:host:",  # + Gateway ID:host; hash: how a Git host has failed. Until it is well, 30 min.
    "polling": "fleet:polling:",  # + Gateway ID; zset: ids of its repos in a poll. Until the last lease ends.
    "sign_in": "fleet:sign_in:",  # + SHA-256 of a one-time code; hash: its access token. 5 minutes.
    "tunnels": "fleet:tunnels:",  # + Gateway ID; set: ids of its live tunnels. Kept.
    "last_tunnel": "fleet:last_tunnel:",  # + Gateway ID; hash: the tunnel that left last. Until it is back.
}
"""What the names of all other keys begin with, by what they hold."""

GROUP: Final = "tunnels"
"""The consumer group on every subscription's stream; its consumers are tunnel ids."""


def pattern(name: str) -> str:
    """All keys of a kind, as a glob for Redis' access rules."""
    return f"{PREFIXES[name]}*"


def gateway(gateway_id: str) -> str:
    """Hash: a Gateway."""
    return PREFIXES["gateway"] + gateway_id


def access(token_hash: str) -> str:
    """String: the Gateway ID that an access token opens."""
    return PREFIXES["access"] + token_hash


def webhooks(gateway_id: str) -> str:
    """Hash: webhook name -> webhook id."""
    return PREFIXES["webhooks"] + gateway_id


def webhook(webhook_id: str) -> str:
    """Hash: a Webhook with its sealed token and vault."""
    return PREFIXES["webhook"] + webhook_id


def token(token_hash: str) -> str:
    """String: the webhook id behind a URL token."""
    return PREFIXES["token"] + token_hash


def subscriptions(gateway_id: str) -> str:
    """Hash: subscription name -> subscription id."""
    return PREFIXES["subscriptions"] + gateway_id


def subscription(subscription_id: str) -> str:
    """Hash: a Subscription."""
    return PREFIXES["subscription"] + subscription_id


def routes(webhook_id: str) -> str:
    """Set: ids of the subscriptions that listen to a webhook."""
    return PREFIXES["routes"] + webhook_id


def matched(webhook_id: str) -> str:
    """Sorted set: ids of signing secrets by when they last matched, Unix ms."""
    return PREFIXES["matched"] + webhook_id


def rate(webhook_id: str) -> str:
    """String: events accepted in the current hour of a webhook."""
    return PREFIXES["rate"] + webhook_id


def refused(webhook_id: str) -> str:
    """Hash: what was refused at a webhook, by hour and reason."""
    return PREFIXES["refused"] + webhook_id


def event(event_id: str) -> str:
    """Hash: the life of an event."""
    return PREFIXES["event"] + event_id


def body(event_id: str) -> str:
    """String: the sealed request of an event."""
    return PREFIXES["body"] + event_id


def dead(gateway_id: str) -> str:
    """Sorted set: dead deliveries of a gateway by when they died, Unix ms."""
    return PREFIXES["dead"] + gateway_id


def retrying(gateway_id: str) -> str:
    """Sorted set: deliveries of a gateway that wait for a retry, by since when, Unix ms."""
    return PREFIXES["retrying"] + gateway_id


def minutes(gateway_id: str, hour: int) -> str:
    """Hash: what happened in the minutes of an hour, counted from the beginning of Unix time."""
    return f"{PREFIXES['minutes']}{gateway_id}:{hour}"


def batch(job_id: str) -> str:
    """Hash: the batch that an RQ job names."""
    return PREFIXES["batch"] + job_id


def members(job_id: str) -> str:
    """List: event ids of a batch."""
    return PREFIXES["members"] + job_id


def counts(gateway_id: str) -> str:
    """Hash: the ledger of a gateway."""
    return PREFIXES["counts"] + gateway_id


def log(gateway_id: str) -> str:
    """List: ids of the latest events of a gateway."""
    return PREFIXES["log"] + gateway_id


def delivery(delivery_id: str) -> str:
    """Hash: the life of a delivery."""
    return PREFIXES["delivery"] + delivery_id


def stream(subscription_id: str) -> str:
    """Stream: the deliveries that wait for a tunnel."""
    return PREFIXES["stream"] + subscription_id


def document(url_hash: str) -> str:
    """String: a certificate or a key set of a sender, sealed."""
    return PREFIXES["document"] + url_hash


def tunnel(gateway_id: str, tunnel_id: str) -> str:
    """Hash: the lease of a tunnel."""
    return f"{PREFIXES['tunnel']}{gateway_id}:{tunnel_id}"


def repos(gateway_id: str) -> str:
    """Hash: name of a Git repo -> repo id."""
    return PREFIXES["repos"] + gateway_id


def repo(repo_id: str) -> str:
    """Hash: a Git repo."""
    return PREFIXES["repo"] + repo_id


def secrets(gateway_id: str) -> str:
    """Hash: name of a Secret -> the Secret, sealed."""
    return PREFIXES["secrets"] + gateway_id


def tunnels(gateway_id: str) -> str:
    """Set: ids of the live tunnels of a gateway."""
    return PREFIXES["tunnels"] + gateway_id


def last_tunnel(gateway_id: str) -> str:
    """Hash: what is known of the tunnel of a gateway that left last."""
    return PREFIXES["last_tunnel"] + gateway_id


def lua_table() -> str:
    """The names above as a Lua table K, for the head of every script."""
    names = {
        **PREFIXES,
        "networks": NETWORKS,
        "due": DUE,
        "waiting": WAITING,
        "sweeper": SWEEPER,
        "lines": LINES,
        "fed": FED,
        "polls": POLLS,
        "canary": CANARY,
        "bell": BELL,
        "group": GROUP,
        "rq_job": rq_names.JOB_PREFIX,
        "rq_queue": rq_names.QUEUE_PREFIX,
        "rq_queues": rq_names.QUEUES,
        "rq_failed": rq_names.FAILED_PREFIX,
        "rq_results": rq_names.RESULTS_PREFIX,
        "rq_workers": rq_names.WORKERS,
        "rq_started": rq_names.STARTED_PREFIX,
    }
    return "local K = {" + ", ".join(f"{name} = '{key}'" for name, key in names.items()) + "}\n"
