"""Secrets of repos, described."""

from typing import Final

from relay.server.api.openapi.operation import Operation, Part
from relay.server.api.openapi.paging import NAMED_PAGES, NEXT
from relay.server.api.openapi.repos import CHANGES, IGNORED, REHEARSAL
from relay.server.api.openapi.schemas import Schema, many, maybe, record, ref, text, whole, word

_KEY: Final = record("A value.", {"name": text("Its name."), "bytes": whole("Its size.")})
_SECRET: Final[dict[str, Schema]] = {
    "name": text("`namespace/name`."),
    "type": maybe(text("Its type in Kubernetes; null: its sealing key is gone.")),
    "keys": maybe(many("What is in it; null: its sealing key is gone.", _KEY)),
}
_PATH: Final = "/secrets/{namespace}/{name}"

PART: Final = Part(
    "repo secrets",
    "What vouches for pushes or opens a host. No answer ever holds a value.",
    (
        Operation(
            "GET",
            "/secrets",
            "list_repo_secrets",
            "Lists them, in the order of their names.",
            {200: "RepoSecrets"},
            query=NAMED_PAGES,
        ),
        Operation(
            "PUT",
            _PATH,
            "put_repo_secret",
            "Keeps a Secret in place of the one before.",
            {201: "ChangedRepoSecret", 200: "ChangedRepoSecret"},
            body="KubernetesSecret",
            query=REHEARSAL,
            refusals=("limit_reached",),
            has_location=True,
        ),
        Operation(
            "GET", _PATH, "show_repo_secret", "Shows what is in it by name and size.", {200: "RepoSecret"}
        ),
        Operation(
            "DELETE",
            _PATH,
            "delete_repo_secret",
            "Deletes it: what it vouches for or opens is refused from now on.",
            {204: ""},
        ),
    ),
    {
        "KubernetesSecret": {
            "type": "object",
            "description": "A Secret of Kubernetes (`v1`), or only its `type`, `data` and `stringData`.",
            "additionalProperties": True,
        },
        "RepoSecret": record("A Secret, without its values.", _SECRET),
        "RepoSecrets": record(
            "A page of Secrets.", {"secrets": many("By name.", ref("RepoSecret")), "next": NEXT}
        ),
        "ChangedRepoSecret": record(
            "A Secret that was kept, or in a rehearsal would be.",
            {**_SECRET, "change": word("What became of it.", CHANGES), "ignored": IGNORED},
        ),
    },
)
