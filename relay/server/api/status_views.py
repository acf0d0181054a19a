"""Views of how a gateway stands: its tunnels, counters, backlogs and charts."""

from typing import Final

from domain.delivery import FINAL, DeliveryState
from domain.event import EventState
from domain.ledger import DELIVERY_CREATED, DELIVERY_IN_FLIGHT, EVENT_ACCEPTED, differences
from relay.server.api.views import View, moment, moment_or_none
from store.activity import Minute
from store.standing import Standing
from store.streams import Backlog
from store.tunnels import LastTunnel, TunnelFacts

_ENDS: Final = (DeliveryState.DEAD, *sorted(FINAL))


def of_standing(standing: Standing) -> View:
    """How a gateway stands."""
    counts = standing.counts
    return {
        "events": {
            "accepted": counts.get(EVENT_ACCEPTED, 0),
            **{state.value: counts.get(f"event:{state}", 0) for state in EventState},
            "oldest_waiting_at": moment_or_none(standing.oldest_waiting_at),
        },
        "deliveries": {
            "created": counts.get(DELIVERY_CREATED, 0),
            **{state.value: counts.get(f"delivery:{state}", 0) for state in _ENDS},
            "in_flight": counts.get(DELIVERY_IN_FLIGHT, 0),
            "retrying": standing.retrying,
            "next_retry_at": moment_or_none(standing.next_retry_at),
        },
        "subscriptions": [_of_backlog(each) for each in standing.backlogs],
        "chart": {
            "hour": [_of_minute(each) for each in standing.chart.hour],
            "day": [_of_minute(each) for each in standing.chart.day],
        },
        "paused_webhooks": list(standing.paused),
        "suspended": standing.suspension.is_on,
        "balanced": not differences(counts, None),
    }


def of_tunnel(tunnel: TunnelFacts) -> View:
    """A tunnel that has a connection."""
    return {
        "id": tunnel.id,
        "name": tunnel.name,
        "address": tunnel.address,
        "version": tunnel.version,
        "connected_at": moment(tunnel.connected_at),
        "seen_at": moment(tunnel.seen_at),
        "round_trip_ms": tunnel.round_trip_ms,
        "subscriptions": list(tunnel.subscriptions),
    }


def of_last_tunnel(tunnel: LastTunnel) -> View:
    """The tunnel that left last."""
    return {
        "id": tunnel.id,
        "name": tunnel.name,
        "address": tunnel.address,
        "version": tunnel.version,
        "connected_at": moment(tunnel.connected_at),
        "left_at": moment(tunnel.left_at),
    }


def _of_minute(minute: Minute) -> View:
    return {
        "at": moment(minute.at),
        "accepted": minute.accepted,
        "delivered": minute.delivered,
        "failed": minute.failed,
    }


def _of_backlog(backlog: Backlog) -> View:
    return {
        "id": backlog.subscription,
        "name": backlog.name,
        "waiting": backlog.waiting,
        "in_tunnel": backlog.in_tunnel,
        "oldest_at": moment_or_none(backlog.oldest_at),
    }
