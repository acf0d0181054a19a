"""Views of repos and their Secrets, in Rancher Fleet's words where it has any. No value of a Secret."""

from typing import Final

from domain.git.duration import written
from domain.git.manifest import manifest_of
from domain.git.repo import RepoSpec, client_secret_of, webhook_secret_of
from relay.server.api.pushes import Keys, missing, pushes
from relay.server.api.views import View, moment
from store.repo_secrets import SecretData
from store.repo_status import RepoStatus
from store.repos import StoredRepo

_NOT_VISIBLE: Final = "not_visible"
_NO_RECEIVER: Final = "no_receiver"
_PAUSED: Final = "paused"


def of_repo(stored: StoredRepo, spec: RepoSpec | None, next_at: int | None, keys: Keys) -> View:
    """A repo: what its owner wrote, what it stands at, and which Secrets it uses.

    Args:
        stored: the repo.
        spec: what its owner wrote; None: its sealing key is gone.
        next_at: when it is polled next, Unix ms; None: when something happens to it.
        keys: the Secrets of its gateway that it may need.
    """
    return {
        "id": stored.id,
        "name": stored.name,
        "spec": None if spec is None else manifest_of(stored.name, spec)["spec"],
        "status": _status(stored.status, spec, next_at),
        "secrets": None if spec is None else _secrets(stored.name, spec, keys),
        "pushes": "unreadable: its sealing key is gone" if spec is None else pushes(stored.name, spec, keys),
        "created_at": moment(stored.created_at),
    }


def of_secret(name: str, secret: SecretData | None) -> View:
    """A Secret: the names and sizes of what is in it.

    Args:
        name: "namespace/name".
        secret: the Secret; None: its sealing key is gone.
    """
    if secret is None:
        return {"name": name, "type": None, "keys": None}
    keys = [{"name": key, "bytes": len(value)} for key, value in sorted(secret.data.items())]
    return {"name": name, "type": secret.type or "Opaque", "keys": keys}


def _secrets(name: str, spec: RepoSpec, keys: Keys) -> View:
    webhook, client = webhook_secret_of(name, spec), client_secret_of(name, spec)
    lacking = [] if keys.get(webhook, ()) is None else missing(spec.repo, keys.get(webhook) or ())
    return {
        "webhook": {"name": webhook, "exists": webhook in keys, "missing": lacking},
        "client": {"name": client, "exists": client in keys},
    }


def _status(status: RepoStatus, spec: RepoSpec | None, next_at: int | None) -> View:
    return {
        "commit": status.commit or None,
        "commitAt": _moment(status.commit_at),
        "source": status.source or None,
        "branch": status.branch or None,
        "pollingCommit": status.polling_commit or None,
        "lastPollingTime": _moment(status.polled_at),
        "webhookCommit": status.webhook_commit or None,
        "lastWebhookTime": _moment(status.webhook_at),
        "nextPollingTime": _moment(next_at),
        "interval": written(status.interval_ms),
        "conditions": [_polling(status, spec), *_warnings(status), *_moved(status)],
    }


def _polling(status: RepoStatus, spec: RepoSpec | None) -> View:
    if status.error:
        return _condition("GitPolling", "False", status.error)
    if status.polled_at is not None:
        return _condition("GitPolling", "True", "")
    if spec is not None and spec.disable_polling:
        return _condition(
            "GitPolling", "Unknown", "Polling is off (disablePolling), and nothing was asked for yet."
        )
    return _condition("GitPolling", "Unknown", "It was not polled yet.")


def _warnings(status: RepoStatus) -> list[View]:
    if not status.warning:
        return []
    if status.warning == _NOT_VISIBLE:
        sentence = (
            f"A push has named {status.webhook_commit[:12]}, which the server did not show within 30 seconds."
        )
        return [_condition("WebhookCommitNotVisible", "True", sentence)]
    if status.warning == _NO_RECEIVER:
        sentence = (
            "The gateway has no webhook for Git, where subscriptions could listen;"
            " 'fleet webhooks create git --sender git' makes one."
        )
    elif status.warning == _PAUSED:
        sentence = (
            "A new commit waits: the webhook for Git is paused. 'fleet webhooks resume' lets it be announced."
        )
    else:
        sentence = (
            f"A new commit waits: the limit {status.warning} is reached. It is announced when there is room;"
            " 'fleet gateways limits' on the server shows the limits."
        )
    return [_condition("CommitNotAnnounced", "True", sentence)]


def _moved(status: RepoStatus) -> list[View]:
    if not status.moved_to:
        return []
    sentence = (
        f"Its server says that the repository is at {status.moved_to} now: write that into `repo`. Until then"
        " pushes that name the new address are not taken for it."
    )
    return [_condition("RepositoryMoved", "True", sentence)]


def _condition(kind: str, status: str, message: str) -> View:
    return {"type": kind, "status": status, "message": message}


def _moment(unix_ms: int | None) -> str | None:
    return None if unix_ms is None else moment(unix_ms)
