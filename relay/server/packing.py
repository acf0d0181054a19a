"""Packing: a delivery that was taken becomes a parcel, its seal opened on the way."""

from domain.errors import SealBrokenError
from relay.server.context import RelayContext
from relay.tunnel.fields import printable
from relay.tunnel.messages import MAX_EVENT_TYPE_CHARS, MAX_NAME_CHARS, Parcel
from store.deliveries import Taken
from store.sealing import event_place


def parcel_of(context: RelayContext, taken: Taken, sealed: bytes | None) -> Parcel | None:
    """The parcel of a delivery; None when its body is gone or cannot be opened."""
    delivery = taken.delivery
    if sealed is None:
        return None
    try:
        envelope = context.sealer.open(sealed, event_place(taken.gateway, taken.webhook, delivery.event))
    except SealBrokenError:
        return None
    return Parcel(
        delivery.id,
        delivery.attempt,
        delivery.tries,
        delivery.generation,
        delivery.event,
        printable(taken.event_type, MAX_EVENT_TYPE_CHARS),
        delivery.subscription,
        printable(taken.webhook_name, MAX_NAME_CHARS),
        taken.sender,
        taken.scheme,
        taken.received_at,
        delivery.timeout_s,
        envelope,
    )
