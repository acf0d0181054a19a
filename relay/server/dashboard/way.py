"""The way of a test: what happened to one event so far, step by step, and what it waits for."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from domain.passed_over import Because
from domain.reasons import advice_on_refusal, why_not, wish_for
from relay.server.inner_api import Json

Mark = Literal["done", "under_way", "failed"]

OPEN: Final = frozenset({"queued", "sent", "retrying", "exhausted"})
"""States of a delivery in which there is more to come."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Attributes:
        mark: how it went.
        title: what it is, in a few words.
        detail: what there is to know or to do.
        at: when, by RFC 3339; None: not known, or not yet.
        command: what somebody could type; "" when nothing helps.
        path: page where something can be done about it; "" when there is none.
        link: what the link to it is called.
    """

    mark: Mark
    title: str
    detail: str = ""
    at: str | None = None
    command: str = ""
    path: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """All steps so far; `is_over` when nothing more will come by itself."""

    steps: tuple[Step, ...]
    is_over: bool

    @property
    def mark(self) -> Mark:
        """How the whole went: as badly as its worst step."""
        marks = [step.mark for step in self.steps]
        if not self.is_over:
            return "under_way"
        return "failed" if "failed" in marks else "done"


def way(sent: Json, story: Json | None, state: Json) -> Way:
    """The way of a test event.

    Args:
        sent: what POST /webhooks/{wanted}/test has answered.
        story: what GET /events/{wanted} answers; None: nothing was kept, so that there is no event.
        state: what GET /status answers; {} when it was not asked.
    """
    steps = list(_door(sent))
    if story is None:
        return Way(tuple(steps), is_over=True)
    steps += _story(story, state)
    is_open = story["state"] == "waiting" or any(each["state"] in OPEN for each in story["deliveries"])
    return Way(tuple(steps), is_over=not is_open)


def _door(sent: Json) -> Iterator[Step]:
    by = sent["signed_by"]
    signed = f"signed by {by}" if by else "unsigned, because there is nothing to sign with"
    yield Step("done", f"Sent {sent['type'] or 'an event'}", signed, sent["sent_at"])
    status: object = sent["status"]
    answer: Json = sent["answer"] or {}
    if sent["event"]:
        yield Step("done", f"The door answered {status}", f"kept as {sent['event']}")
        return
    said = answer.get("detail") or answer.get("error") or "It was not kept: there is nothing to follow."
    yield Step("failed", f"The door answered {status}", str(said))


def _story(story: Json, state: Json) -> Iterator[Step]:
    found, decided_at = story["state"], story["decided_at"]
    if found == "waiting":
        yield _waits(state)
        return
    if found in _ENDS:
        yield Step("failed", _ENDS[found], _because(story), decided_at)
        return
    yield _verified(story)
    if found == "duplicate":
        yield Step("done", "A duplicate", "It was seen before, so it is not delivered again.", decided_at)
        return
    yield from _matched(story)
    for delivery in story["deliveries"]:
        yield _delivery(delivery)


def _waits(state: Json) -> Step:
    if not state.get("suspended"):
        return Step("under_way", "Waits for a worker", "which checks its signature. Is one running?")
    if state["server"] is None:
        told = "They begin nothing until whoever runs the server resumes them."
        return Step("under_way", "Workers are suspended", told)
    told = "They begin nothing until somebody resumes them: 'fleet queues resume', or on"
    return Step("under_way", "Workers are suspended", told, path="/dashboard/queues", link="Queues")


_ENDS: Final = {
    "rejected": "Rejected",
    "expired": "Expired before a worker came to it",
    "set_aside": "Set aside",
}


def _because(story: Json) -> str:
    finding: Json = story["finding"] or {}
    told: list[object] = [story["rejected_because"], finding.get("sentence"), story["note"]]
    return ". ".join(str(each) for each in told if each)


def _verified(story: Json) -> Step:
    by, at = story["verified_by"], story["decided_at"]
    if story["left_home"]:
        told = "The gateway has no secret, so a test is not signed: who verifies it at home refuses it."
        return Step("done", "Left to the private side", told, at)
    if not by:
        return Step("done", "Taken without a check", "The webhook has no secret: anybody can send.", at)
    return Step("done", "Verified", f"by {by}" + (f", with {story['secret']}" if story["secret"] else ""), at)


def _matched(story: Json) -> Iterator[Step]:
    deliveries = story["deliveries"]
    for each in story.get("passed_over", ()):
        name = each.get("name") or each["subscription"]
        has_failed = each["because"] == Because.EXPRESSION_FAILED
        yield Step("failed" if has_failed else "done", f"Not wanted by {name}", _why_not(each, story))
    if not deliveries:
        yield Step(
            "failed",
            "No subscription wants it",
            "so it goes nowhere. To get such events from now on:",
            command=wish_for(story["webhook_name"] or "WEBHOOK", story["type"] or ""),
        )


def _why_not(passed: Json, story: Json) -> str:
    if passed["because"] == Because.EVENT_TYPE:
        return f"which takes {', '.join(passed['events']) or 'all but git.push'} only"
    return f"because {why_not(passed, story['type'])}"


def _delivery(delivery: Json) -> Step:
    name = delivery.get("subscription_name") or delivery["subscription"]
    note, tries = delivery["note"] or "", delivery["attempts"]
    match delivery["state"]:
        case "queued":
            return Step(
                "under_way",
                f"Waits for {name}",
                "No connector has taken it so far. On the private side:",
                command=f"fleet connect {name}=http://127.0.0.1:3000/",
            )
        case "sent":
            return Step("under_way", f"Sent to {name}", "The connector works on it.", delivery["sent_at"])
        case "retrying" | "exhausted":
            told = f"Attempt {tries}: {note}. It is tried again by itself."
            return Step("under_way", f"{name} failed", told, delivery["settled_at"])
        case "delivered":
            return Step("done", f"Delivered to {name}", f"It answered {note}.", delivery["settled_at"])
        case "dead":
            told = f"{tries} attempts, the last one: {note}."
            return Step("failed", f"{name} failed for good", told, delivery["settled_at"])
        case state:
            tip = advice_on_refusal(note) if state == "refused" else ""
            told = f"{note}. {tip}" if tip else note
            return Step("failed", f"{name}: {state}", told, delivery["settled_at"])
