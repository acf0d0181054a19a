"""The way of one delivery, in plain sentences: every attempt, how it stands, and what to do next."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cli.answers import day_and_time
from cli.client import Json
from cli.durations import about, unix_ms
from cli.reasons import attempt_words
from domain.delivery import DeliveryState
from domain.reasons import advice_on, advice_on_refusal

_GAP: Final = " " * 14
_EXACT_MS: Final = 10_000
"""Up to here a duration is told in milliseconds."""


@dataclass(frozen=True)
class Way:
    """One delivery of an event.

    Attributes:
        delivery: as the control API tells it.
        event: the event that it brings.
        served: names of the subscriptions that a live tunnel serves.
        now_ms: Unix time in milliseconds.
    """

    delivery: Json
    event: Json
    served: frozenset[str]
    now_ms: int

    @property
    def name(self) -> str:
        """The name of its subscription."""
        return self.delivery["subscription_name"] or "a removed subscription"

    def steps(self) -> Iterator[str]:
        """What happened to it, in order."""
        yield f"To {self.name}: {self.delivery['id']}"
        told = self.delivery["history"]
        if missing := self.delivery["attempts"] - len(told) - self._is_out:
            yield f"{_GAP}{missing} earlier attempts are not kept in detail."
        for each in told:
            yield f"{self._clock(each['at'])}  Attempt {each['attempt']}: {_attempt(each)}"
        yield from self._stands()

    @property
    def _is_out(self) -> bool:
        """Whether an attempt is under way, which has no outcome yet."""
        return self.delivery["state"] == DeliveryState.SENT

    def _stands(self) -> Iterator[str]:
        """How it stands now, where its attempts do not say that."""
        delivery = self.delivery
        match delivery["state"]:
            case DeliveryState.QUEUED:
                waited = self._for(delivery["settled_at"] or delivery["created_at"])
                yield f"{_GAP}It waits for a connector, for {waited}{self._nobody()}."
            case DeliveryState.SENT:
                sent, past = self._clock(delivery["sent_at"]), self._for(delivery["sent_at"])
                yield f"{sent}  Attempt {delivery['attempts']} is under way, for {past}."
            case DeliveryState.RETRYING:
                yield f"{_GAP}{self._next()}"
            case DeliveryState.EXHAUSTED:
                yield f"{_GAP}That was the last attempt; it is about to be declared dead."
            case DeliveryState.DEAD:
                yield f"{_GAP}That was the last attempt: it is dead, and nobody tries again until you do."
            case DeliveryState.DISCARDED:
                yield f"{_GAP}Somebody gave it up, or its webhook or subscription was deleted."
            case DeliveryState.CANCELLED:
                yield f"{_GAP}Cancelled: its webhook or subscription was deleted."
            case DeliveryState.EXPIRED:
                yield f"{_GAP}Expired: the retention of its body ended before anybody took it."
            case _:
                pass

    def _for(self, moment: str) -> str:
        return about(self.now_ms - unix_ms(moment))

    def _nobody(self) -> str:
        return "" if self.name in self.served else f", and none that serves {self.name} is connected"

    def _next(self) -> str:
        at = self.delivery["next_attempt_at"]
        if at is None:
            return "Another attempt will follow."
        left_ms = unix_ms(at) - self.now_ms
        when = f"in {about(left_ms)}" if left_ms > 0 else "now"
        return f"Attempt {self.delivery['attempts'] + 1} follows {when}, at {day_and_time(at)}."

    def _clock(self, moment: str | None) -> str:
        """The time of day; the day, too, when it is not that of the event."""
        text = moment or self.delivery["created_at"]
        if text[:10] == self.event["received_at"][:10]:
            return text[11:23]
        return f"{text[5:10]} {text[11:19]}"[:12].ljust(12)

    def advice(self) -> Iterator[str]:
        """What to do next; nothing when all is well."""
        delivery = self.delivery
        if delivery["state"] == DeliveryState.QUEUED and self.name not in self.served:
            yield f"Start a connector for it: 'fleet connect {self.name}=URL'. Nothing is lost meanwhile."
        elif delivery["state"] == DeliveryState.REFUSED:
            if tip := advice_on_refusal(delivery["note"] or ""):
                yield tip
        elif delivery["state"] in {DeliveryState.RETRYING, DeliveryState.DEAD, DeliveryState.EXHAUSTED}:
            if tip := advice_on(delivery["note"] or ""):
                yield tip
            if delivery["state"] == DeliveryState.DEAD and self.event["body"] == "kept":
                yield f"Then try again: 'fleet deliveries retry {delivery['id']}'"
            elif delivery["state"] == DeliveryState.DEAD:
                yield "Its body is gone, so it cannot be retried; let the sender send the event again."


def _attempt(attempt: Json) -> str:
    """The outcome of an attempt, and how long it took."""
    note = attempt["note"] or ""
    took = f", after {_took(attempt)}" if attempt["sent_at"] else ""
    match attempt["outcome"]:
        case "delivered":
            return f"delivered, {attempt_words(note)}{took}."
        case "lapsed":
            return "no outcome: its connector went away, and another attempt follows."
        case "refused":
            return f"refused, {attempt_words(note)}{took}."
        case _:
            return f"failed, {attempt_words(note)}{took}."


def _took(attempt: Json) -> str:
    took_ms = unix_ms(attempt["at"]) - unix_ms(attempt["sent_at"])
    return f"{took_ms} ms" if took_ms < _EXACT_MS else about(took_ms)
