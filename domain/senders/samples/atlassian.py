"""Samples of Atlassian's products."""

from collections.abc import Mapping
from typing import Final

from domain.senders.samples.blanks import Json, Number
from domain.senders.samples.sample import Sample

_COMMIT: Final = "709d658dc5b6d6afcd46049c2f332ee3f515a67d"
_USER: Final[Json] = {
    "type": "user",
    "nickname": "octocat",
    "account_id": "557058:c0b72ad0-1cb5-4018-9cdc-0cde8492c443",
}


def _cloud(event: str, document: dict[str, Json]) -> Sample:
    repository: Json = {
        "type": "repository",
        "full_name": "octo-org/hello-world",
        "uuid": "{2f0a8a3c-7c1e-4a63-9d3e-7f6f1d0b9a55}",
        "is_private": True,
    }
    headers = {
        "User-Agent": "Bitbucket-Webhooks/2.0",
        "X-Event-Key": event,
        "X-Hook-UUID": "a37f7c20-3c1f-4a6c-9c3e-0d0c1f3f1f11",
        "X-Request-UUID": "{uuid}",
        "X-Attempt-Number": "1",
    }
    return Sample(event, {"actor": _USER, "repository": repository} | document, headers)


_BITBUCKET_CLOUD: Final = (
    _cloud(
        "repo:push",
        {
            "push": {
                "changes": [
                    {
                        "new": {"type": "branch", "name": "main", "target": {"hash": _COMMIT}},
                        "created": False,
                        "closed": False,
                        "forced": False,
                        "commits": [{"hash": _COMMIT, "message": "Greet everybody\n", "date": "{time}"}],
                    }
                ]
            }
        },
    ),
    _cloud(
        "pullrequest:created",
        {
            "pullrequest": {
                "id": 1,
                "title": "Update the README",
                "state": "OPEN",
                "source": {"branch": {"name": "patch-1"}},
                "destination": {"branch": {"name": "main"}},
                "created_on": "{time}",
            }
        },
    ),
)


def _server(event: str, document: dict[str, Json]) -> Sample:
    head: dict[str, Json] = {
        "eventKey": event,
        "date": "{time}",
        "actor": {"name": "octocat", "emailAddress": "octocat@example.com", "id": 1, "type": "NORMAL"},
    }
    headers = {
        "User-Agent": "Atlassian HttpClient 2.1.5 / Bitbucket-8.9.0",
        "X-Event-Key": event,
        "X-Request-Id": "{uuid}",
    }
    return Sample(event, head | document, headers, "application/json; charset=utf-8")


_SERVER_REPOSITORY: Final[Json] = {
    "slug": "hello-world",
    "id": 84,
    "name": "hello-world",
    "project": {"key": "OCTO", "id": 84, "type": "NORMAL"},
}
_BITBUCKET_SERVER: Final = (
    _server(
        "repo:refs_changed",
        {
            "repository": _SERVER_REPOSITORY,
            "changes": [
                {
                    "ref": {"id": "refs/heads/main", "displayId": "main", "type": "BRANCH"},
                    "fromHash": "ecddabb624f6f5ba43816f5926e580a5f680a932",
                    "toHash": _COMMIT,
                    "type": "UPDATE",
                }
            ],
        },
    ),
    _server(
        "pr:opened",
        {
            "pullRequest": {
                "id": 1,
                "title": "Update the README",
                "state": "OPEN",
                "createdDate": Number.UNIX_MS,
                "fromRef": {"id": "refs/heads/patch-1", "repository": _SERVER_REPOSITORY},
                "toRef": {"id": "refs/heads/main", "repository": _SERVER_REPOSITORY},
            }
        },
    ),
)


def _jira(event: str, document: dict[str, Json]) -> Sample:
    head: dict[str, Json] = {
        "timestamp": Number.UNIX_MS,
        "webhookEvent": event,
        "issue": {
            "id": "{number}",
            "key": "OCTO-1",
            "fields": {
                "summary": "The greeting is too short",
                "issuetype": {"name": "Bug"},
                "priority": {"name": "Medium"},
                "status": {"name": "To Do"},
                "created": "{time_ms}",
            },
        },
    }
    headers = {
        "User-Agent": "Atlassian Webhook HTTP Client",
        "X-Atlassian-Webhook-Identifier": "{uuid}",
        "X-Atlassian-Webhook-Flow": "Primary",
    }
    return Sample(event, head | document, headers, "application/json; charset=UTF-8")


_JIRA: Final = (
    _jira("jira:issue_created", {"issue_event_type_name": "issue_created"}),
    _jira(
        "jira:issue_updated",
        {
            "issue_event_type_name": "issue_generic",
            "changelog": {
                "id": "{number}",
                "items": [{"field": "status", "fromString": "To Do", "toString": "In Progress"}],
            },
        },
    ),
    _jira(
        "comment_created",
        {"comment": {"id": "{number}", "body": "I will look at it.", "created": "{time_ms}"}},
    ),
)


def _trello(event: str, data: dict[str, Json]) -> Sample:
    board: Json = {"id": "5abbe4b7ddc1b351ef961414", "name": "Hello World", "shortLink": "c9Xf0AbC"}
    return Sample(
        event,
        {
            "action": {
                "id": "{id}",
                "idMemberCreator": "5abbe4b7ddc1b351ef961411",
                "type": event,
                "date": "{time_ms}",
                "data": {"board": board} | data,
            },
            "model": board,
        },
        {"User-Agent": "Trello"},
    )


_CARD: Final[Json] = {"id": "{id}", "idShort": 1, "name": "Greet everybody"}

ATLASSIAN: Final[Mapping[str, tuple[Sample, ...]]] = {
    "bitbucket-cloud": _BITBUCKET_CLOUD,
    "bitbucket-server": _BITBUCKET_SERVER,
    "jira": _JIRA,
    "trello": (
        _trello("createCard", {"card": _CARD, "list": {"id": "5abbe4b7ddc1b351ef961415", "name": "To Do"}}),
        _trello("commentCard", {"card": _CARD, "text": "I will look at it."}),
    ),
}
