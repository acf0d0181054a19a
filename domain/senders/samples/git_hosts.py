"""Samples of Git hosts: a push, and what people do around it."""

from collections.abc import Mapping
from typing import Final

from domain.senders.samples.blanks import Json, Number
from domain.senders.samples.sample import Sample

_BEFORE: Final = "6113728f27ae82c7b1a177c8d03f9e96e0adf246"
_AFTER: Final = "59b20b8d5c6ff8d09518216e87a9dc9ac3cb2a31"

_GITHUB_HEADERS: Final = {
    "User-Agent": "GitHub-Hookshot/044aadd",
    "Accept": "*/*",
    "X-GitHub-Delivery": "{uuid}",
    "X-GitHub-Hook-ID": "292430182",
    "X-GitHub-Hook-Installation-Target-Type": "repository",
}
_GITHUB_COMMON: Final[dict[str, Json]] = {
    "repository": {
        "id": 1296269,
        "name": "hello-world",
        "full_name": "octo-org/hello-world",
        "private": False,
        "html_url": "https://github.example.com/octo-org/hello-world",
        "clone_url": "https://github.example.com/octo-org/hello-world.git",
        "default_branch": "main",
    },
    "organization": {"login": "octo-org", "id": 6811672},
    "sender": {"login": "octocat", "id": 583231, "type": "User"},
}


def _github(event: str, document: dict[str, Json]) -> Sample:
    return Sample(event, document | _GITHUB_COMMON, {**_GITHUB_HEADERS, "X-GitHub-Event": event})


_GITHUB: Final = (
    _github(
        "push",
        {
            "ref": "refs/heads/main",
            "before": _BEFORE,
            "after": _AFTER,
            "created": False,
            "deleted": False,
            "forced": False,
            "compare": "https://github.example.com/octo-org/hello-world/compare/main",
            "commits": [
                {
                    "id": _AFTER,
                    "message": "Greet the café, too",
                    "timestamp": "{time}",
                    "author": {"name": "octocat", "email": "octocat@example.com"},
                    "added": [],
                    "removed": [],
                    "modified": ["README.md"],
                }
            ],
            "pusher": {"name": "octocat", "email": "octocat@example.com"},
        },
    ),
    _github(
        "pull_request",
        {
            "action": "opened",
            "number": 42,
            "pull_request": {
                "id": Number.NUMBER,
                "number": 42,
                "state": "open",
                "title": "Update the README",
                "draft": False,
                "user": {"login": "octocat", "id": 583231},
                "created_at": "{time}",
                "head": {"ref": "patch-1", "sha": _AFTER},
                "base": {"ref": "main", "sha": _BEFORE},
            },
        },
    ),
    _github(
        "issues",
        {
            "action": "opened",
            "issue": {
                "id": Number.NUMBER,
                "number": 7,
                "title": "The greeting is too short",
                "state": "open",
                "labels": [{"name": "bug", "color": "d73a4a"}],
                "created_at": "{time}",
            },
        },
    ),
    _github(
        "workflow_run",
        {
            "action": "completed",
            "workflow_run": {
                "id": Number.NUMBER,
                "name": "Tests",
                "head_branch": "main",
                "head_sha": _AFTER,
                "status": "completed",
                "conclusion": "success",
                "updated_at": "{time}",
            },
        },
    ),
)

_GITLAB_PROJECT: Final[Json] = {
    "id": 15,
    "name": "Hello World",
    "path_with_namespace": "octo-org/hello-world",
    "web_url": "https://gitlab.example.com/octo-org/hello-world",
    "default_branch": "main",
}


def _gitlab(event: str, document: dict[str, Json]) -> Sample:
    headers = {
        "User-Agent": "GitLab/18.0.0",
        "Idempotency-Key": "{uuid}",
        "X-Gitlab-Event": event,
        "X-Gitlab-Webhook-UUID": "13792a34-cac6-4fda-95a8-c58e00a3954e",
        "X-Gitlab-Instance": "https://gitlab.example.com",
        "X-Gitlab-Event-UUID": "{uuid}",
    }
    return Sample(event, document | {"project": _GITLAB_PROJECT}, headers)


_GITLAB: Final = (
    _gitlab(
        "Push Hook",
        {
            "object_kind": "push",
            "event_name": "push",
            "before": _BEFORE,
            "after": _AFTER,
            "ref": "refs/heads/main",
            "checkout_sha": _AFTER,
            "user_username": "octocat",
            "commits": [{"id": _AFTER, "message": "Greet everybody\n", "timestamp": "{time}"}],
            "total_commits_count": 1,
        },
    ),
    _gitlab(
        "Merge Request Hook",
        {
            "object_kind": "merge_request",
            "event_type": "merge_request",
            "user": {"id": 1, "username": "octocat"},
            "object_attributes": {
                "id": Number.NUMBER,
                "iid": 1,
                "title": "Update the README",
                "state": "opened",
                "action": "open",
                "source_branch": "patch-1",
                "target_branch": "main",
                "created_at": "{time}",
            },
        },
    ),
    _gitlab(
        "Pipeline Hook",
        {
            "object_kind": "pipeline",
            "object_attributes": {
                "id": Number.NUMBER,
                "ref": "main",
                "sha": _AFTER,
                "status": "success",
                "duration": 63,
                "finished_at": "{time}",
            },
        },
    ),
)

_GITEA_PUSH: Final[Json] = {
    "ref": "refs/heads/main",
    "before": _BEFORE,
    "after": _AFTER,
    "compare_url": "https://git.example.com/octo-org/hello-world/compare/main",
    "commits": [
        {
            "id": _AFTER,
            "message": "Greet everybody\n",
            "author": {"name": "octocat", "email": "octocat@example.com", "username": "octocat"},
            "timestamp": "{time}",
        }
    ],
    "repository": {"id": 140, "name": "hello-world", "full_name": "octo-org/hello-world", "private": False},
    "pusher": {"id": 1, "login": "octocat", "email": "octocat@example.com"},
    "sender": {"id": 1, "login": "octocat", "email": "octocat@example.com"},
}


def _aliases(*senders: str) -> dict[str, str]:
    """The headers of a host and of those it is descended from, whose receivers it wants to please."""
    return {
        name: value
        for sender in senders
        for name, value in ((f"X-{sender}-Delivery", "{uuid}"), (f"X-{sender}-Event", "push"))
    }


GIT_HOSTS: Final[Mapping[str, tuple[Sample, ...]]] = {
    "github": _GITHUB,
    "gitlab": _GITLAB,
    "gogs": (Sample("push", _GITEA_PUSH, _aliases("Gogs")),),
    "gitea": (Sample("push", _GITEA_PUSH, _aliases("Gitea", "Gogs", "GitHub")),),
    "forgejo": (Sample("push", _GITEA_PUSH, _aliases("Forgejo", "Gitea", "Gogs", "GitHub")),),
}
