"""Parcels as binary frames: length of the meta (4 bytes, big endian), the meta as JSON, the envelope."""

from json import JSONEncoder
from typing import Final

from relay.tunnel.fields import parse
from relay.tunnel.messages import MAX_EVENT_TYPE_CHARS, MAX_META_BYTES, MAX_NAME_CHARS, Parcel, ProtocolError

_LENGTH_BYTES: Final = 4
_encode = JSONEncoder(separators=(",", ":")).encode


def encode(parcel: Parcel) -> bytes:
    """The frame of a parcel."""
    meta = _encode(
        {
            "delivery": parcel.delivery,
            "attempt": parcel.attempt,
            "tries": parcel.tries,
            "generation": parcel.generation,
            "event": parcel.event,
            "event_type": parcel.event_type,
            "subscription": parcel.subscription,
            "webhook": parcel.webhook,
            "sender": parcel.sender,
            "scheme": parcel.scheme,
            "received_at": parcel.received_at,
            "timeout_s": parcel.timeout_s,
        }
    ).encode()
    return len(meta).to_bytes(_LENGTH_BYTES) + meta + parcel.envelope


def decode(frame: bytes) -> Parcel:
    """The parcel in a frame.

    Raises:
        ProtocolError: it is none.
    """
    length = int.from_bytes(frame[:_LENGTH_BYTES])
    start = _LENGTH_BYTES + length
    if length > MAX_META_BYTES or start > len(frame):
        raise ProtocolError("A parcel is cut off.")
    fields = parse(frame[_LENGTH_BYTES:start])
    parcel = Parcel(
        fields.id("delivery", "dlv"),
        fields.integer("attempt", 1),
        fields.integer("tries", 1),
        fields.integer("generation", 1),
        fields.id("event", "evt"),
        fields.text("event_type", MAX_EVENT_TYPE_CHARS),
        fields.id("subscription", "sub"),
        fields.text("webhook", MAX_NAME_CHARS),
        fields.text("sender", MAX_NAME_CHARS),
        fields.text("scheme", MAX_NAME_CHARS),
        fields.integer("received_at", 0),
        fields.integer("timeout_s", 1),
        frame[start:],
    )
    fields.end()
    return parcel
