"""What the commands say of deliveries, in words."""

from cli.answers import day_and_time
from cli.client import Json
from cli.durations import about, ago, unix_ms
from cli.reasons import attempt_words

REMOVED = "(removed)"

_WHY_NOT = {
    "not_dead": "not dead (any more)",
    "body_gone": "body deleted, nothing left to deliver",
    "unknown": "unknown",
}


def failed_row(delivery: Json, now_ms: int) -> tuple[object, ...]:
    """A row of the listing of the dead."""
    return (
        delivery["subscription_name"] or REMOVED,
        delivery["type"] or "-",
        delivery["note"] or "-",
        delivery["attempts"],
        ago(delivery["failed_at"], now_ms),
        delivery["event"],
    )


def retrying_row(delivery: Json, now_ms: int) -> tuple[object, ...]:
    """A row of the listing of those that are tried again."""
    return (
        delivery["subscription_name"] or REMOVED,
        delivery["type"] or "-",
        delivery["note"] or "-",
        delivery["attempts"],
        next_try(delivery, now_ms),
        delivery["event"],
    )


def next_try(delivery: Json, now_ms: int) -> str:
    """When it is tried again."""
    at = delivery["next_attempt_at"]
    if at is None:
        return "-"
    left_ms = unix_ms(at) - now_ms
    return f"in {about(left_ms)}" if left_ms > 0 else "now"


def facts(delivery: Json, now_ms: int) -> Json:
    """All there is to know of one."""
    return {
        "Delivery": delivery["id"],
        "Event": delivery["event"],
        "Type": delivery["type"] or "-",
        "Webhook": delivery["webhook_name"] or "(deleted)",
        "Subscription": delivery["subscription_name"] or REMOVED,
        "State": delivery["state"],
        "Attempts": delivery["attempts"],
        "Replays": delivery["generation"] - 1,
        "Last answer": delivery["note"] or "-",
        "Next attempt": next_try(delivery, now_ms),
        "Event received": day_and_time(delivery["received_at"]),
        "Failed": day_and_time(delivery["failed_at"]) if delivery["failed_at"] else "-",
        "Body": f"kept until {day_and_time(delivery['body_until'])}" if delivery["body_until"] else "deleted",
    }


def attempt_row(attempt: Json) -> tuple[object, ...]:
    """A row of the attempts of one."""
    took = f"{unix_ms(attempt['at']) - unix_ms(attempt['sent_at'])} ms" if attempt["sent_at"] else "-"
    answer = attempt_words(attempt["note"] or "")
    return attempt["attempt"], attempt["outcome"], answer, took, day_and_time(attempt["at"])


def counted(count: Json, what: str) -> str:
    """How many there are, and by what they failed: `12 failed deliveries (500: 10, timeout: 2)`."""
    number = count["count"]
    more = "" if count["is_complete"] else " or more"
    words = f"{number}{more} {what} {'delivery' if number == 1 else 'deliveries'}"
    notes = ", ".join(f"{note or 'no answer'}: {times}" for note, times in count["by_note"].items())
    return f"{words} ({notes})" if notes else words


def skipped(reasons: dict[str, int]) -> str:
    """How many were left as they are, and why."""
    return "; ".join(f"{number} {_WHY_NOT.get(reason, reason)}" for reason, number in reasons.items())
