"""Facts of events, made up for tests."""

from domain.event import Request
from domain.expression.facts import Facts

JSON_TYPE = (b"content-type", b"application/json")
FORM_TYPE = (b"content-type", b"application/x-www-form-urlencoded")


def facts_of(body: bytes = b"{}", *headers: tuple[bytes, bytes], **change: object) -> Facts:
    """The facts of a verified push to a webhook of GitHub, with this body."""
    told: dict[str, object] = {
        "event": "evt_1",
        "event_type": "push",
        "event_types": ("push",),
        "webhook": "hook",
        "sender": "github",
        "is_verified": True,
        "received_at": 1_800_000_000_000,
        **change,
    }
    return Facts(request=Request("POST", b"", b"", headers or (JSON_TYPE,), body), **told)  # type: ignore[arg-type]
