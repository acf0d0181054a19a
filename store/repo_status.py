"""The status of a Git repo: what it stands at, and how that was found out."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.git.polling import DEFAULT_INTERVAL_MS, HEARD_INTERVAL_MS
from store.calls import text


@dataclass(frozen=True, slots=True)
class RepoStatus:
    """What a repo stands at.

    Attributes:
        commit: the commit that subscribers were last told of; "" before the first.
        commit_at: when they were, Unix ms.
        source: who saw it, "webhook" or "polling"; "" before the first.
        branch: the branch that was found, where the owner has named none.
        polling_commit: the head as the last poll saw it; "" before the first.
        polled_at: when that was, Unix ms.
        webhook_commit: the commit that the last push named; "" before the first.
        webhook_at: when that was, Unix ms.
        error: why the last poll failed, a sentence; "" when it did not.
        warning: "not_visible" when the commit of the last push was never seen, or why the head could not be
            announced (see `store.polls.Ended`); "" as a rule.
        moved_to: where its server says that the repository is now; "" when it says nothing of the kind.
        interval_ms: the pause between two polls that succeed, in milliseconds.
        is_asked: whether a poll waits for its turn or is under way.
    """

    commit: str = ""
    commit_at: int | None = None
    source: str = ""
    branch: str = ""
    polling_commit: str = ""
    polled_at: int | None = None
    webhook_commit: str = ""
    webhook_at: int | None = None
    error: str = ""
    warning: str = ""
    moved_to: str = ""
    interval_ms: int = DEFAULT_INTERVAL_MS
    is_asked: bool = False


def status_of(fields: Mapping[str, bytes]) -> RepoStatus:
    """What a repo stands at, from the fields of its hash."""
    return RepoStatus(
        commit=_text(fields, "commit"),
        commit_at=_moment(fields, "commit_at"),
        source=_text(fields, "commit_source"),
        branch=_text(fields, "branch"),
        polling_commit=_text(fields, "polling_commit"),
        polled_at=_moment(fields, "polled_at"),
        webhook_commit=_text(fields, "webhook_commit"),
        webhook_at=_moment(fields, "webhook_at"),
        error=_text(fields, "error"),
        warning=_text(fields, "warning"),
        moved_to=_text(fields, "moved_to"),
        interval_ms=_interval_ms(fields),
        is_asked=bool(fields.get("ticket") or fields.get("poll")),
    )


def _interval_ms(fields: Mapping[str, bytes]) -> int:
    if own := fields.get("interval"):
        return int(own)
    return HEARD_INTERVAL_MS if fields.get("heard") else DEFAULT_INTERVAL_MS


def _text(fields: Mapping[str, bytes], name: str) -> str:
    return text(fields.get(name))


def _moment(fields: Mapping[str, bytes], name: str) -> int | None:
    value = fields.get(name)
    return int(value) if value else None
