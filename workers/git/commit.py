"""The event that tells of a commit: what subscribers get when a repo stands somewhere new."""

import json
from datetime import UTC, datetime

from domain.event import Request
from domain.git.address import shown
from domain.git.repo import RepoSpec
from workers.git.heads import is_commit
from workers.vouched import COMMIT


def commit_request(
    name: str, spec: RepoSpec, branch: str | None, commit: str, previous: str, source: str, now_ms: int
) -> Request:
    """The request that is delivered.

    Args:
        name: of the repo, "namespace/name".
        spec: what its owner wrote.
        branch: the one that was looked at; None when the server has no default branch.
        commit: where the repo stands.
        previous: where it stood; "" the first time.
        source: who asked for the poll, "webhook" or "polling".
        now_ms: Unix time in milliseconds.
    """
    body: dict[str, str | None] = {
        "type": COMMIT,
        "repo": name,
        "url": shown(spec.repo),
        **_ref(spec, branch),
        "commit": commit,
        "previous": previous or None,
        "source": source,
        "at": _written(now_ms),
    }
    headers = ((b"content-type", b"application/json"), (b"user-agent", b"Fleet-Gateway"))
    return Request("POST", b"", b"", headers, json.dumps(body, ensure_ascii=False).encode())


def _ref(spec: RepoSpec, branch: str | None) -> dict[str, str | None]:
    if not spec.revision:
        return {"branch": branch}
    return {"revision" if is_commit(spec.revision) else "tag": spec.revision}


def _written(now_ms: int) -> str:
    moment = datetime.fromtimestamp(now_ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
