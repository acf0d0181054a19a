"""What pages say of a repo: what it follows, how it is, and where its pushes stand."""

import re
from dataclasses import dataclass
from typing import Final

from relay.server.dashboard.webhook_words import Kind
from relay.server.inner_api import Json

_SHORT_COMMIT: Final = 7
_COMMIT: Final = re.compile("[0-9a-f]{40}|[0-9a-f]{64}")
_WARNINGS: Final = {"WebhookCommitNotVisible": "not seen", "RepositoryMoved": "moved"}


@dataclass(frozen=True, slots=True)
class Health:
    """How a repo is.

    Attributes:
        kind: how good that is.
        label: in a word.
        sentences: what is wrong, and what to do.
    """

    kind: Kind
    label: str
    sentences: tuple[str, ...] = ()


def shown(repo: Json) -> Json:
    """A repo with what is said of it."""
    return {
        **repo,
        "health": health(repo),
        "follows": follows(repo),
        "commit": (repo["status"]["commit"] or "")[:_SHORT_COMMIT],
        "pushes_kind": _pushes_kind(repo["pushes"]),
        "is_off": repo["spec"] is not None and "disablePolling" in repo["spec"],
    }


def health(repo: Json) -> Health:
    """How it is, in words that nobody overlooks where something is wrong."""
    if repo["spec"] is None:
        sentence = (
            "What its owner wrote cannot be read: its sealing key is gone. Put it back, or apply it again."
        )
        return Health("bad", "unreadable", (sentence,))
    polling, *warnings = repo["status"]["conditions"]
    told = tuple(str(each["message"]) for each in warnings)
    if polling["status"] == "False":
        return Health("bad", "fails", (str(polling["message"]), *told))
    if warnings:
        return Health("warn", _WARNINGS.get(warnings[0]["type"], "waits"), told)
    return Health("ok", "fine") if polling["status"] == "True" else Health("mute", "not polled yet")


def follows(repo: Json) -> tuple[str, str]:
    """What it stands at: which kind of thing, and its name."""
    spec: Json = repo["spec"] or {}
    if revision := str(spec.get("revision", "")):
        is_commit = _COMMIT.fullmatch(revision) is not None
        return ("commit", revision[:_SHORT_COMMIT]) if is_commit else ("revision", revision)
    if branch := spec.get("branch"):
        return "branch", str(branch)
    return "default branch", repo["status"]["branch"] or ""


def _pushes_kind(pushes: str) -> Kind:
    if pushes == "checked":
        return "ok"
    return "warn" if pushes.startswith("believed") else "bad"
