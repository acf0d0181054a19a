"""The way of an event in words, as far as it has got: a line for each step, each told once."""

from collections.abc import Iterator
from typing import Final

from cli.client import Json
from cli.durations import unix_ms
from domain.passed_over import Because
from domain.reasons import INVALID_AT_HOME, advice_on_refusal, why_not

_REFUSED: Final = (
    "It arrived, and was refused there as it should be: the secret is at home only, so nobody here can sign"
    " a test."
)
_UNDER_WAY: Final = {"queued", "sent", "retrying", "exhausted"}
_ACCEPTED: Final = 300
_ENDS: Final = {
    "delivered": "delivered ({note})",
    "refused": "refused for ever ({note})",
    "retry": "attempt {attempt} failed ({note}); another one follows",
    "exhausted": "attempt {attempt} failed ({note}); none is left",
    "lapsed": "attempt {attempt} lost its connector; another one follows",
}


class Way:
    """What has been told of one test, and what happens next."""

    def __init__(self, webhook: str, sent: Json) -> None:
        """The way of a test.

        Args:
            webhook: what the person called the webhook.
            sent: what the relay says about the test that it sent.
        """
        self._webhook = webhook
        self._sent = sent
        self._told: set[str] = set()

    def news(self, story: Json) -> Iterator[str]:
        """The steps that were not told before, in their order."""
        for line in self._steps(story):
            if line not in self._told:
                self._told.add(line)
                yield line

    def is_at_its_end(self, story: Json) -> bool:
        """Whether everybody who wants it has got it, and somebody did; or the door answered by itself."""
        if self._sent["event"] is None:
            return self._sent["status"] < _ACCEPTED
        return bool(story["deliveries"]) and all(_is_good(each, story) for each in story["deliveries"])

    def waits_for(self, story: Json) -> str:
        """What has to happen next; "" when nothing more will."""
        if story["state"] == "waiting":
            return "a worker"
        waits = {
            "sent": "the answer of {}",
            "queued": "a connector that takes it for {}",
            "exhausted": "the last word on {}",
            "retrying": "the next attempt for {}",
        }
        for state, words in waits.items():
            if names := [_name(each) for each in story["deliveries"] if each["state"] == state]:
                return words.format(", ".join(names))
        return ""

    def ending(self, story: Json, absence: str = "") -> str:
        """How it ended, in a line, with what to do if it has not arrived.

        Args:
            story: what is known of the event.
            absence: why no worker has looked at it, where none has.
        """
        if self._sent["event"] is None:
            is_shaken = self._sent["status"] < _ACCEPTED
            return "The public door answered this by itself." if is_shaken else "Nothing was kept."
        show = f"'fleet events show {story['id']}' tells it again."
        if self.is_at_its_end(story):
            return f"{_REFUSED if _is_refused_at_home(story) else 'It arrived.'} {show}"
        match story["state"]:
            case "waiting":
                return f"{absence} {show}"
            case "rejected":
                return f"It was rejected; 'fleet doctor signature {self._webhook}' finds out what is wrong."
            case "unmatched":
                return (
                    "Nobody gets it. 'fleet subscriptions list' shows who wants what;"
                    f" 'fleet subscriptions add NAME --webhook {self._webhook}' subscribes to all of it,"
                    f" and 'fleet webhooks test {self._webhook} --event TYPE' sends another event."
                )
            case _:
                return f"{_undelivered(story)} {show}"

    def _steps(self, story: Json) -> Iterator[str]:
        sent = self._sent
        yield f"Sent: {sent['type'] or 'an event'} to webhook {self._webhook}, {_how(sent)}."
        if sent["event"] is None:
            yield f"The door answered {sent['status']}{_detail(sent['answer'])}"
            return
        yield f"The door answered {sent['status']}: accepted as {sent['event']}."
        if story["decided_at"] is not None:
            yield from _decision(story)
        for each in story["deliveries"]:
            yield from _delivery(each, story)


def _how(sent: Json) -> str:
    if sent["signed_by"] is None:
        return "unsigned, as there is no secret to sign with"
    return f"signed by {sent['signed_by']}{' with a trial key' if sent['trial_key'] else ''}"


def _detail(answer: Json) -> str:
    return f": {answer['detail']}" if "detail" in answer else "."


def _after(story: Json, moment: str) -> str:
    """How long after its receipt something happened."""
    return f"+{max(0, unix_ms(moment) - unix_ms(story['received_at']))} ms"


def _decision(story: Json) -> Iterator[str]:
    after = _after(story, story["decided_at"])
    if story["state"] == "rejected":
        yield f"{after}: rejected: {story['rejected_because']}."
        return
    secret = f" with secret {story['secret']}" if story["secret"] else ""
    unverified = "left to the private side to be verified" if story["left_home"] else "not verified"
    by = f"verified by {story['verified_by']}{secret}" if story["verified_by"] else unverified
    names = ", ".join(_name(each) for each in story["deliveries"])
    if story["state"] in {"duplicate", "expired", "set_aside"}:
        yield f"{after}: {by}; {story['state']}."
    else:
        yield f"{after}: {by}; wanted by {names or 'no subscription'}."
        for each in story["passed_over"]:
            yield f"{after}: not wanted by {each['name'] or each['subscription']}{_because(each, story)}."


def _because(passed: Json, story: Json) -> str:
    if passed["because"] != Because.EVENT_TYPE:
        return f": {why_not(passed, story['type'])}"
    return f", which takes {', '.join(passed['events']) or 'all but git.push'}"


def _delivery(delivery: Json, story: Json) -> Iterator[str]:
    name = _name(delivery)
    for each in delivery["history"]:
        if each["sent_at"] is not None:
            yield _with_connector(story, name, each["attempt"], each["sent_at"])
        said = _ENDS[each["outcome"]].format(attempt=each["attempt"], note=each["note"] or "no reason given")
        yield f"{_after(story, each['at'])}: {name}: {said}."
    if delivery["state"] == "sent" and delivery["sent_at"] is not None:
        yield _with_connector(story, name, delivery["attempts"], delivery["sent_at"])


def _with_connector(story: Json, name: str, attempt: int, sent_at: str) -> str:
    return f"{_after(story, sent_at)}: {name}: attempt {attempt} is with its connector."


def _is_good(delivery: Json, story: Json) -> bool:
    """Whether a delivery has ended as it should."""
    is_of_signature = delivery["state"] == "refused" and delivery["note"].startswith(INVALID_AT_HOME)
    return delivery["state"] == "delivered" or (story["left_home"] and is_of_signature)


def _is_refused_at_home(story: Json) -> bool:
    return story["left_home"] and any(each["state"] == "refused" for each in story["deliveries"])


def _undelivered(story: Json) -> str:
    """Which deliveries did not arrive, and what to do about the first."""
    states = [each["state"] for each in story["deliveries"]]
    if not states:
        return f"It is {story['state']}."
    if queued := [_name(each) for each in story["deliveries"] if each["state"] == "queued"]:
        return (
            f"No connector took it for {', '.join(queued)};"
            f" 'fleet connect {queued[0]}=http://127.0.0.1:3000/' brings it."
        )
    if _UNDER_WAY.intersection(states):
        return "It is still under way."
    tips = (
        advice_on_refusal(each["note"] or "") for each in story["deliveries"] if each["state"] == "refused"
    )
    return f"It did not arrive everywhere. {next(filter(None, tips), '')}".rstrip()


def _name(delivery: Json) -> str:
    return delivery["subscription_name"] or delivery["subscription"]
