"""A shot: a sample that was posted, what became of it, and whether that was to be expected."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from cli.client import Json
from cli.posting import Posted

_NOT_PASSED: Final = {"waiting", "rejected", "set_aside", "expired"}
_GOOD: Final = {HTTPStatus.OK, HTTPStatus.NO_CONTENT}


@dataclass
class Shot:
    """One request that was posted, and what became of it.

    Attributes:
        sample: what the relay made up.
        posted: what the public door answered.
        is_second: whether it was sent before.
        story: what became of the event, as far as it is known.
        names: of the subscriptions that the story speaks of, by their ids.
    """

    sample: Json
    posted: Posted
    is_second: bool
    story: Json = field(default_factory=dict[str, object])
    names: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def is_handshake(self) -> bool:
        """Whether the public door answered by itself, with nothing to keep."""
        return self.posted.status in _GOOD and self.posted.event is None

    @property
    def complaint(self) -> str | None:
        """What is wrong with what happened; None when nothing is."""
        if self.sample["because"] == "no_secret":
            return "the webhook has no secret yet, so nothing passes; 'fleet webhooks set-secret' stores one"
        return self._of_refused() if self.sample["expect"] == "rejected" else self._of_accepted()

    def _of_refused(self) -> str | None:
        if self.sample["decided_by"] == "ingress":
            is_refused = self.posted.status == HTTPStatus.UNAUTHORIZED
            return None if is_refused else "the ingress should have refused it"
        state, reason = self.story.get("state"), self.story.get("rejected_because")
        because = self.sample["because"]
        is_rejected = (state, reason) == ("rejected", because)
        return None if is_rejected else f"a worker should have rejected it ({because})"

    def _of_accepted(self) -> str | None:
        if self.is_handshake:
            return None
        state, scheme = self.story.get("state"), self.sample["signed_by"]
        # What no subscription wants is not remembered, so it repeats nothing.
        repeats = self.is_second and self.sample["again"] == "duplicate" and state != "unmatched"
        if state is None or state in _NOT_PASSED:
            return "it should have passed"
        if self.story["verified_by"] != scheme:
            return f"{scheme or 'nothing'} should have verified it"
        if repeats is not (state == "duplicate"):
            return f"it should {'' if repeats else 'not '}count as a duplicate"
        return None

    @property
    def waits_for(self) -> str:
        """What has to happen before there is more to tell; "" when nothing has."""
        if self.story.get("state") == "waiting":
            return "a worker"
        if queued := _subscriptions(self.story, "queued", self.names):
            return f"a connector that takes it for {queued}"
        if sent := _subscriptions(self.story, "sent", self.names):
            return f"the answer of {sent}"
        return ""

    def sending(self, webhook: str, how: str) -> Iterator[str]:
        """What was sent, and what was answered, in a line each.

        Args:
            webhook: what the person called the webhook.
            how: how it was signed, in words.
        """
        sample, event = self.sample, self.posted.event
        named = f" ({sample['event_id']})" if sample["event_id"] else ""
        verb = "Sent again" if self.is_second else "Sent"
        yield f"{verb}: {sample['event'] or 'an event'}{named} to webhook {webhook}, {how}."
        said = f"accepted as {event}." if event else self.posted.document.get("detail", "")
        yield f"Answered {self.posted.status}{f': {said}' if said else '.'}"

    def ending(self, absence: str = "") -> Iterator[str]:
        """What became of it, in a line; nothing where the answer says it all.

        Args:
            absence: why no worker has looked at it, where none has.
        """
        if absence:
            yield absence
        elif self.story:
            yield _became(self.story, self.names)
        elif self.is_handshake:
            yield "The public door answered this by itself; there is nothing to keep."

    def facts(self) -> Json:
        """The same for programs."""
        told = ("event", "event_id", "signed_by", "expect", "decided_by", "because")
        return {
            **{name: self.sample[name] for name in told},
            "status": self.posted.status,
            "id": self.posted.event,
            "story": self.story or None,
        }


def _subscriptions(story: Json, state: str, names: dict[str, str]) -> str:
    """Names of the subscriptions whose deliveries are in a state."""
    deliveries: list[Json] = story.get("deliveries") or []
    found: list[str] = [each["subscription"] for each in deliveries if each["state"] == state]
    return ", ".join(names.get(each, each) for each in found)


def _became(story: Json, names: dict[str, str]) -> str:
    unverified = "Left to the private side" if story["left_home"] else "Not verified"
    vouched = f"Verified by {story['verified_by']}" if story["verified_by"] else unverified
    match story["state"]:
        case "rejected":
            note = f" ({story['note']})" if story["note"] else ""
            return f"Rejected: {story['rejected_because']}{note}."
        case "duplicate":
            return f"{vouched}; a duplicate, so it is not delivered again."
        case "unmatched":
            return f"{vouched}; unmatched: no subscription wants it."
        case state:
            states = [each["state"] for each in story["deliveries"]]
            counted = ", ".join(f"{states.count(each)} {each}" for each in dict.fromkeys(states))
            told = f"{vouched}; {counted or state}"
            if not (queued := _subscriptions(story, "queued", names)):
                return f"{told}."
            first = queued.split(", ")[0]
            return (
                f"{told}: no connector took it for {queued};"
                f" 'fleet connect {first}=http://127.0.0.1:3000/' brings it."
            )
