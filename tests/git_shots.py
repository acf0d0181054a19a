"""What Git hosts send, as far as a receiver reads it, and how they prove who they are."""

import json
from base64 import b64encode
from dataclasses import dataclass, field, replace

from tests.questions import mac

OLD, NEW = "a" * 40, "b" * 40
NOTHING = "0" * 40
WEB = "https://git.example.com/o/r"
SSH = "git@git.example.com:o/r.git"
PROVIDERS = ("github", "gogs", "gitea", "gitlab", "bitbucket", "bitbucket-server", "azure")


@dataclass(frozen=True)
class Shot:
    """One request of a Git host."""

    provider: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    def vouched(self, secret: str) -> "Shot":
        """The same with the credential of its provider."""
        return replace(self, headers={**self.headers, **credential(self.provider, self.body, secret)})

    def saying(self, **headers: str) -> "Shot":
        """The same with other headers; `_` in their names is `-`."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return replace(self, headers={**self.headers, **more})


def keys(provider: str, secret: str) -> dict[str, bytes]:
    """What a Secret holds that vouches for a provider's pushes."""
    if provider == "azure":
        return {"azure-username": b"hook", "azure-password": secret.encode()}
    return {provider: secret.encode()}


def credential(provider: str, body: bytes, secret: str) -> dict[str, str]:
    """The header that proves that its sender knows the secret."""
    digest = mac(secret.encode(), body).hex()
    return {
        "github": {"X-Hub-Signature-256": f"sha256={digest}"},
        "gogs": {"X-Gogs-Signature": digest},
        "gitea": {"X-Gitea-Signature": digest},
        "gitlab": {"X-Gitlab-Token": secret},
        "bitbucket": {"X-Hook-UUID": secret},
        "bitbucket-server": {"X-Hub-Signature": f"sha256={digest}"},
        "azure": {"Authorization": "Basic " + b64encode(f"hook:{secret}".encode()).decode()},
    }[provider]


def push(
    provider: str = "github",
    url: str = WEB,
    ssh: str = SSH,
    ref: str = "refs/heads/main",
    commit: str = NEW,
    before: str = OLD,
) -> Shot:
    """A push of one ref, with no credential."""
    made = {
        "github": _like_github,
        "gogs": _like_github,
        "gitea": _like_github,
        "gitlab": _of_gitlab,
        "bitbucket": _of_bitbucket,
        "bitbucket-server": _of_bitbucket_server,
        "azure": _of_azure,
    }[provider](url, ssh, ref, commit, before)
    return shot(provider, made)


def shot(provider: str, content: object) -> Shot:
    """A request with that JSON, which says that it is a push."""
    return Shot(provider, json.dumps(content).encode(), dict(_LABELS[provider]))


_LABELS = {
    "github": {"X-GitHub-Event": "push"},
    "gogs": {"X-Gogs-Event": "push", "X-GitHub-Event": "push"},
    "gitea": {"X-Gitea-Event": "push"},
    "gitlab": {"X-Gitlab-Event": "Push Hook"},
    # Without a UUID it would be a Bitbucket Server's; with an empty one it has no credential.
    "bitbucket": {"X-Hook-UUID": "nobody", "X-Event-Key": "repo:push"},
    "bitbucket-server": {"X-Event-Key": "repo:refs_changed"},
    "azure": {"X-Vss-ActivityId": "0d9d5a5c"},
}


def _like_github(url: str, ssh: str, ref: str, commit: str, before: str) -> object:
    repository = {"html_url": url, "ssh_url": ssh, "default_branch": "main"}
    is_gone = commit == NOTHING
    return {"ref": ref, "before": before, "after": commit, "deleted": is_gone, "repository": repository}


def _of_gitlab(url: str, ssh: str, ref: str, commit: str, before: str) -> object:
    return {
        "object_kind": "push",
        "ref": ref,
        "before": before,
        "after": commit,
        "checkout_sha": None if commit == NOTHING else commit,
        "project": {"web_url": url, "git_ssh_url": ssh, "default_branch": "main"},
    }


def _of_bitbucket(url: str, _ssh: str, ref: str, commit: str, before: str) -> object:
    kind, _, name = ref.removeprefix("refs/").partition("/")

    def at(target: str) -> object:
        named = {"type": "branch" if kind == "heads" else "tag", "name": name}
        return None if target == NOTHING else {**named, "target": {"hash": target}}

    change = {"new": at(commit), "old": at(before)}
    return {"repository": {"links": {"html": {"href": url}}}, "push": {"changes": [change]}}


def _of_bitbucket_server(url: str, ssh: str, ref: str, commit: str, before: str) -> object:
    clone = [{"name": "http", "href": url}, {"name": "ssh", "href": ssh}]
    kind = "DELETE" if commit == NOTHING else "UPDATE"
    change = {"refId": ref, "fromHash": before, "toHash": commit, "type": kind}
    return {"repository": {"links": {"clone": clone}}, "changes": [change]}


def _of_azure(url: str, _ssh: str, ref: str, commit: str, before: str) -> object:
    update = {"name": ref, "oldObjectId": before, "newObjectId": commit}
    repository = {"remoteUrl": url, "defaultBranch": "refs/heads/main"}
    return {"eventType": "git.push", "resource": {"repository": repository, "refUpdates": [update]}}
