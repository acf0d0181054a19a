"""What the commands say of a repo, in words."""

import re
from typing import Final

from cli.answers import day_and_time
from cli.client import Json
from cli.durations import about, ago, unix_ms

EMPTY: Final = (
    "No repos yet; describe one as a GitRepo of Rancher Fleet, then 'fleet apply -f FILE' has it watched."
)

_SHORT_COMMIT: Final = 7
_COMMIT: Final = re.compile("[0-9a-f]{40}|[0-9a-f]{64}")
_STATES: Final = {"WebhookCommitNotVisible": "NOT SEEN", "RepositoryMoved": "MOVED"}
_UNREADABLE: Final = "(unreadable: its sealing key is gone)"


def row(repo: Json, now_ms: int) -> tuple[object, ...]:
    """A row of the listing, in few words."""
    status = repo["status"]
    return (
        repo["name"],
        _follows_in_short(repo),
        (status["commit"] or "-")[:_SHORT_COMMIT],
        ago(status["commitAt"], now_ms) if status["commit"] else "-",
        status["source"] or "-",
        _next_poll(repo, now_ms),
        state(repo),
    )


def state(repo: Json) -> str:
    """How it is, in words that nobody overlooks where something is wrong."""
    if repo["spec"] is None:
        return "UNREADABLE"
    polling, *warnings = repo["status"]["conditions"]
    if polling["status"] == "False":
        return "FAILS"
    if warnings:
        return _STATES.get(warnings[0]["type"], "WAITS")
    return "fine" if polling["status"] == "True" else "new"


def alarms(repos: list[Json]) -> list[str]:
    """A line for each thing that is wrong, with the reason and what to do."""
    return [f"{repo['name']}: {sentence}" for repo in repos for sentence in _faults(repo)]


def facts(repo: Json, now_ms: int) -> Json:
    """All there is to know of a repo."""
    status, spec, receiver = repo["status"], repo["spec"], repo["receiver"]
    polling = status["conditions"][0]
    return {
        "Name": repo["name"],
        "Id": repo["id"],
        "Repository": _UNREADABLE if spec is None else spec["repo"],
        "Follows": follows(repo),
        "Commit": status["commit"] or "none yet",
        "Announced": _announced(status),
        "Last poll": _seen(status["lastPollingTime"], "saw", status["pollingCommit"]),
        "Next poll": _next_poll(repo, now_ms, every=True),
        "Last push": _seen(status["lastWebhookTime"], "named", status["webhookCommit"]),
        "Polling": {"True": "fine", "False": f"FAILS: {polling['message']}"}.get(
            polling["status"], "not polled yet"
        ),
        **_warning(status),
        "Pushes": repo["pushes"],
        **_secrets(repo),
        "Webhook URL": url(receiver),
        "Created": day_and_time(repo["created_at"]),
    }


def follows(repo: Json) -> str:
    """What it stands at: a branch, or a tag or commit."""
    spec = repo["spec"]
    if spec is None:
        return _UNREADABLE
    if revision := spec.get("revision"):
        return f"revision {revision}"
    if branch := spec.get("branch"):
        return f"branch {branch}"
    found = repo["status"]["branch"]
    return f"the default branch, {found}" if found else "the default branch"


def url(receiver: Json | None) -> str:
    """Where the Git host reports pushes."""
    if receiver is None:
        return "none; 'fleet webhooks create git --sender git' makes one"
    return receiver["url"] or _UNREADABLE


def _faults(repo: Json) -> list[str]:
    if repo["spec"] is None:
        return [
            "What its owner wrote cannot be read: its sealing key is gone. Put it back, or apply it again."
        ]
    polling, *warnings = repo["status"]["conditions"]
    failed = [polling["message"]] if polling["status"] == "False" else []
    return [*failed, *(each["message"] for each in warnings)]


def _follows_in_short(repo: Json) -> str:
    spec: Json = repo["spec"] or {}
    revision: str = spec.get("revision", "")
    is_commit = _COMMIT.fullmatch(revision) is not None
    named = revision[:_SHORT_COMMIT] if is_commit else revision or spec.get("branch")
    return named or repo["status"]["branch"] or "-"


def _announced(status: Json) -> str:
    by = f", seen by {status['source']}" if status["source"] else ""
    return f"{day_and_time(status['commitAt'])}{by}"


def _seen(moment: str | None, verb: str, commit: str | None) -> str:
    if moment is None:
        return "never"
    return f"{day_and_time(moment)}, {verb} {commit}" if commit else day_and_time(moment)


def _next_poll(repo: Json, now_ms: int, *, every: bool = False) -> str:
    moment: str | None = repo["status"]["nextPollingTime"]
    spec: Json = repo["spec"] or {}
    is_off: bool = spec.get("disablePolling", False)
    if moment is None:
        return "off" if is_off else "now"
    left_ms = unix_ms(moment) - now_ms
    told = f"in {about(left_ms)}" if left_ms > 0 else "now"
    return f"{told}; every {repo['status']['interval']}" if every and not is_off else told


def _warning(status: Json) -> Json:
    messages = [each["message"] for each in status["conditions"][1:]]
    return {"Warning": " ".join(messages)} if messages else {}


def _secrets(repo: Json) -> Json:
    if repo["secrets"] is None:
        return {}
    webhook, client = repo["secrets"]["webhook"], repo["secrets"]["client"]
    return {"Webhook Secret": _secret(webhook), "Client Secret": _secret(client)}


def _secret(secret: Json) -> str:
    return secret["name"] if secret["exists"] else f"none ({secret['name']} does not exist)"
