"""Meters: what the ingress tells of itself in numbers."""

from typing import Final

REFUSALS: Final = {
    "unknown": "no webhook has this address",
    "method": "the webhook takes no such method",
    "plain_http": "the webhook wants https",
    "not_allowed": "the sender's address may not send here",
    "too_large": "the body is too large",
    "malformed": "the request cannot be read",
    "paused": "its owner has paused the webhook",
    "limited": "the events of this hour are spent",
    "unsigned": "the signature is missing or wrong, and is checked at the ingress",
    "wrong_token": "the token of a handshake is wrong",
    "unvouched": "no repo's Secret vouches for a push",
    "unprepared": "the Secrets of repos are broken or misconfigured",
    "unreadable": "the payload of a push lacks something",
    "redis_full": "Redis is above the high water mark",
    "redis_away": "Redis does not answer, or refuses",
    "overloaded": "too many requests wait for Redis, or too many bodies are held",
    "unusable": "the webhook's secrets cannot be opened, or its parameters do not fit",
    "stale": "the webhook changed twice while the request was looked at",
    "lost": "the body did not reach Redis in time",
    "full": "too many events wait on the server",
    "queue_share": "too many events of the gateway wait",
    "stored_events": "too many events of the gateway are stored",
    "stored_mib": "too many bytes of the gateway are stored",
    "deliveries": "too many deliveries of the gateway are in flight",
    "push_failed": "the repos of a push could not be told",
    "busy": "too many connections",
    "slow": "the head or the body took too long",
    "long_head": "the head or the framing is too long",
    "upgrade": "another protocol was asked for",
}
"""Why a request is refused -> what that means. Words of ours only: they become labels."""


class Meters:
    """Is told what happens and counts nothing; the composition root gives one that does. Must not block."""

    def clock_s(self) -> float:
        """Seconds on a clock that never goes back, for durations."""
        return 0.0

    def accepted(self, webhook: str, size: int, began_s: float) -> None:
        """An event was accepted.

        Args:
            webhook: the id of its webhook.
            size: bytes of its body.
            began_s: when the request was complete, by `clock_s`.
        """

    def limited(self, webhook: str) -> None:
        """A request was refused because the events of the hour are spent."""

    def answered(self, status: int, reason: str) -> None:
        """A request was answered with an HTTP status; reason: one of REFUSALS, "" when it was not refused."""
