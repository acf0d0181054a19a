"""The state of a gateway's access tokens, in words."""

from cli.durations import about
from domain.gateway import Gateway


def state(gateway: Gateway, now_ms: int) -> str:
    """What the tokens of a gateway open, in words."""
    if gateway.revoked:
        return "revoked"
    old = gateway.old_until
    words = [_of_newest(gateway.expires_at, now_ms)]
    if old is not None and old > now_ms:
        words.append(f"old token open for {about(old - now_ms)}")
    return ", ".join(words)


def _of_newest(expires_at: int | None, now_ms: int) -> str:
    if expires_at is None:
        return "valid"
    return "expired" if expires_at <= now_ms else f"expires in {about(expires_at - now_ms)}"
