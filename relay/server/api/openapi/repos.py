"""Git repos, described: in Rancher Fleet's words where it has any."""

from typing import Final

from relay.server.api.openapi.operation import Operation, Part, Query
from relay.server.api.openapi.paging import NAMED_PAGES, NEXT
from relay.server.api.openapi.schemas import (
    Schema,
    flag,
    id_of,
    many,
    maybe,
    moment,
    record,
    ref,
    text,
    whole,
    word,
)

CHANGES: Final = ("created", "changed", "unchanged")
REHEARSAL: Final = (
    Query("dry_run", word("`true`: nothing is done, and the answer says what would be.", ("true", "false"))),
    Query("after", whole("In a rehearsal: how many of its kind would have been made before it.")),
)
IGNORED: Final = many("Fields that mean nothing here.", text("The dotted name of a field."))

_SPEC: Final[Schema] = {
    "type": "object",
    "properties": {
        "repo": text("The URL of the repository; a password in it is never shown."),
        "branch": text("The branch to follow."),
        "revision": text("A tag or commit to stand at instead."),
        "pollingInterval": text("The pause between two polls, such as `1m`."),
        "disablePolling": flag("Poll only when something happens."),
        "webhookSecret": text("The Secret that vouches for its pushes, in its namespace."),
        "clientSecretName": text("The Secret that opens its server, likewise."),
        "paths": many("Folders that matter.", text("A folder.")),
        "allowUnauthenticated": flag("Believe pushes when no Secret is set up at all."),
        "caBundle": text("Certificates to trust at its server, PEM in base64."),
        "insecureSkipTLSVerify": flag("Believe any certificate of its server."),
    },
    "additionalProperties": True,
    "description": "The `spec` of a GitRepo; what is empty is left out.",
}
_CONDITION: Final = record(
    "What is well or wrong.",
    {
        "type": text("Its name, such as `GitPolling`."),
        "status": word("Whether it holds.", ("True", "False", "Unknown")),
        "message": text("A sentence; may be empty."),
    },
)
_COMMIT: Final = maybe(text("A commit."))
_STATUS: Final = record(
    "What a repo stands at.",
    {
        "commit": {**_COMMIT, "description": "The commit that subscribers were last told of."},
        "commitAt": maybe(moment("When they were.")),
        "source": maybe(word("Who saw it.", ("webhook", "polling"))),
        "branch": maybe(text("The branch that was found where none is named.")),
        "pollingCommit": {**_COMMIT, "description": "What the last poll saw."},
        "lastPollingTime": maybe(moment("When that was.")),
        "webhookCommit": {**_COMMIT, "description": "What the last push named."},
        "lastWebhookTime": maybe(moment("When that was.")),
        "nextPollingTime": maybe(moment("When it is polled next; null: when something happens to it.")),
        "interval": text("The pause between two polls."),
        "conditions": many("How it is.", _CONDITION),
    },
)
_USED: Final[dict[str, Schema]] = {
    "name": text("`namespace/name`."),
    "exists": flag("Whether it is there."),
}
_SECRETS: Final = record(
    "The Secrets that it uses.",
    {
        "webhook": record(
            "The one that vouches for its pushes.",
            {**_USED, "missing": many("Keys that it lacks.", text("The name of a key."))},
        ),
        "client": record("The one that opens its server.", _USED),
    },
)
REPO: Final[dict[str, Schema]] = {
    "id": id_of("rep", "Its id."),
    "name": text("`namespace/name`."),
    "spec": maybe({**_SPEC, "description": "What its owner wrote; null: its sealing key is gone."}),
    "status": _STATUS,
    "secrets": {"anyOf": [_SECRETS, {"type": "null"}], "description": "Null: its sealing key is gone."},
    "pushes": text("What becomes of a push that names it, in words that begin with `checked` or otherwise."),
    "created_at": moment("When it was described first."),
}
_RECEIVER: Final[Schema] = {
    "anyOf": [ref("GitReceiver"), {"type": "null"}],
    "description": "Where its host reports pushes; null: it was deleted.",
}

_WHOLE: Final[dict[str, Schema]] = {**REPO, "receiver": _RECEIVER}
_PATH: Final = "/repos/{namespace}/{name}"

PART: Final = Part(
    "repos",
    "Git repositories that are watched; a new commit is an event.",
    (
        Operation(
            "GET",
            "/repos",
            "list_repos",
            "Lists them, in the order of their names.",
            {200: "Repos"},
            query=NAMED_PAGES,
        ),
        Operation(
            "PUT",
            _PATH,
            "put_repo",
            "Has a repo watched as the body describes it.",
            {201: "ChangedRepo", 200: "ChangedOrRehearsedRepo"},
            body="GitRepo",
            query=REHEARSAL,
            refusals=("name_taken", "limit_reached", "changed_meanwhile"),
            has_location=True,
        ),
        Operation("GET", _PATH, "show_repo", "Shows one.", {200: "Repo"}),
        Operation("DELETE", _PATH, "delete_repo", "Deletes it: nobody looks at it any more.", {204: ""}),
        Operation("POST", f"{_PATH}/sync", "sync_repo", "Polls it now.", {202: "Repo"}),
    ),
    {
        "GitRepo": {
            "type": "object",
            "description": "A GitRepo of Rancher Fleet (`fleet.cattle.io/v1alpha1`), or its `spec` alone.",
            "additionalProperties": True,
        },
        "GitReceiver": record(
            "The webhook for pushes.",
            {
                "id": id_of("whk", "Its id."),
                "name": text("Its name."),
                "url": maybe(text("Where a host reports pushes; null: its sealing key is gone.")),
            },
        ),
        "ListedRepo": record("A repo in a listing.", REPO),
        "Repo": record("A Git repository that is watched.", _WHOLE),
        "Repos": record(
            "A page of repos.",
            {"repos": many("By name.", ref("ListedRepo")), "next": NEXT, "receiver": _RECEIVER},
        ),
        "ChangedRepo": record(
            "A repo that was described.",
            {**_WHOLE, "change": word("What became of it.", CHANGES), "ignored": IGNORED},
        ),
        "RehearsedRepo": record(
            "What would become of a repo.",
            {
                "name": text("`namespace/name`."),
                "receiver": _RECEIVER,
                "change": word("What would become of it.", CHANGES),
                "ignored": IGNORED,
            },
        ),
        "ChangedOrRehearsedRepo": {
            "anyOf": [ref("ChangedRepo"), ref("RehearsedRepo")],
            "description": "The repo, or in a rehearsal what would become of it.",
        },
    },
)
