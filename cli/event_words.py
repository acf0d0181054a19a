"""What the commands say of an event, in words."""

from cli.client import Json
from cli.durations import ago
from domain.event import Rejection
from domain.reasons import why_not
from domain.senders import SENDERS
from workers.vouched import COMMIT, PUSH

DELETED = "(deleted)"
LEFT_HOME = "Left to the private side: the gateway has no secret for it, and checked no signature."


def row(event: Json, now_ms: int) -> tuple[object, ...]:
    """A row of the listing."""
    return webhook(event), kind(event), in_short(event), ago(event["received_at"], now_ms), event["id"]


def webhook(event: Json) -> str:
    """The name of its webhook."""
    return event["webhook_name"] or DELETED


def kind(event: Json) -> str:
    """Its type, how many came together, and of a commit the repo."""
    words = event["type"] or "-"
    if event["events_in_body"] > 1:
        words += f" ({event['events_in_body']} events)"
    if event["type"] == COMMIT and event["note"]:
        words += f" {event['note'].partition(' ')[0]}"
    return f"{words} (test)" if event["is_test"] else words


def in_short(event: Json) -> str:
    """What became of it, in few words. A reason alone says that it was rejected."""
    return _spaced(event["rejected_because"] or "") or state(event)


def state(event: Json) -> str:
    """The state in one line: why it was rejected, or how many of its deliveries are where."""
    if event["rejected_because"]:
        return f"{event['state']}: {_spaced(event['rejected_because'])}"
    if (event["type"], event["state"]) == (PUSH, "unmatched"):
        # As it should be: who wants commits, wants no payloads of their hosts.
        return "nobody asked for it"
    states = [each["state"] for each in event["deliveries"]]
    told = ", ".join(f"{states.count(each)} {_spaced(each)}" for each in dict.fromkeys(states))
    return told or _spaced(event["state"])


def _spaced(name: str) -> str:
    """A state or a reason as people write it: `wrong_signature` is a wrong signature."""
    return name.replace("_", " ")


def passed_over(event: Json) -> list[str]:
    """Which subscriptions that listen did not get it, and why."""
    return [
        f"{each['name'] or 'a removed subscription'}: {why_not(each, event['type'])}"
        for each in event["passed_over"]
    ]


def vouched(event: Json) -> str:
    """What verified it, and with which secret."""
    if event["left_home"]:
        return "nothing here: it is left to the private side"
    by = event["verified_by"] or "nothing"
    return f"{by}, secret {event['secret']}" if event["secret"] else by


def hints(event: Json) -> Json:
    """Who else seems to have called, and how many events came together; nothing as a rule."""
    facts: Json = {}
    if event["events_in_body"] > 1:
        facts["Events in body"] = event["events_in_body"]
    if event["note"]:
        facts["Commit" if event["type"] == COMMIT else "Note"] = event["note"]
    if looks := looks_like(event):
        facts["Looks like"] = looks
    return facts


def looks_like(event: Json) -> str:
    """Who seems to have called a webhook of another sender, and what to do if so; "" as a rule."""
    key = event["seems_to_be"]
    if not key:
        return ""
    title = SENDERS[key].title if key in SENDERS else key
    words = f"a request of {title}"
    if event["webhook_name"]:
        hint = f"fleet webhooks update {event['webhook_name']} --sender {key}"
        words += f". If {title} calls this webhook: '{hint}'"
    return words


def finding(event: Json) -> Json:
    """Why its signature is wrong, or how to find out."""
    reason = event["rejected_because"]
    if event["finding"]:
        return {"What is wrong": event["finding"]["sentence"]}
    if event["webhook_name"] and reason in set(Rejection) and Rejection(reason).is_of_signature:
        found = f"'fleet doctor signature {event['webhook_name']}' finds out at the next request"
        return {"What is wrong": found}
    return {}
