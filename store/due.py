"""The due-set: what must be looked at, and when. One member for each thing that has a future.

| member | due means |
|---|---|
| `e:EVENT` | waiting: its batch may be lost; fanned out: its retention ends |
| `d:DELIVERY` | sent: the attempt's deadline passed; retrying: try again; exhausted: declare it dead |
| `g:REPO` | the Git repo is to be polled, or its poll may be lost |
| `t:GATEWAY:TUNNEL` | the lease ended |
| `w:GATEWAY:WEBHOOK` | the webhook was deleted; its events and deliveries are to be cancelled |
| `s:GATEWAY:SUBSCRIPTION` | the subscription was removed: likewise; or it ends unless a tunnel serves it |
"""


def event(event_id: str) -> str:
    """The member of an event."""
    return f"e:{event_id}"


def delivery(delivery_id: str) -> str:
    """The member of a delivery."""
    return f"d:{delivery_id}"


def repo(repo_id: str) -> str:
    """The member of a Git repo."""
    return f"g:{repo_id}"


def tunnel(gateway_id: str, tunnel_id: str) -> str:
    """The member of a tunnel's lease."""
    return f"t:{gateway_id}:{tunnel_id}"


def deleted_webhook(gateway_id: str, webhook_id: str) -> str:
    """The member of a deleted webhook."""
    return f"w:{gateway_id}:{webhook_id}"


def removed_subscription(gateway_id: str, subscription_id: str) -> str:
    """The member of a removed subscription."""
    return f"s:{gateway_id}:{subscription_id}"
