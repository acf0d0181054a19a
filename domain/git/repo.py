"""A repo: a Git repository that a gateway watches, as its owner describes it."""

from dataclasses import dataclass, field
from typing import Final

GLOBAL_SECRET: Final = "cattle-fleet-system/gitjob-webhook"  # noqa: S105 - a name, not a secret
"""The Secret that vouches for pushes of the repos that name none (where Rancher Fleet has it)."""

CREDENTIALS_SECRET: Final = "gitcredential"  # noqa: S105 - likewise
"""The Secret, in a repo's namespace, that opens its Git server when the repo names none (Rancher Fleet's)."""


@dataclass(frozen=True, slots=True)
class RepoSpec:
    """What the owner wants watched.

    Attributes:
        repo: the URL of the repository, as the owner wrote it; it may hold a password.
        branch: the branch to follow; "" with no revision: the server's default branch.
        revision: a tag or a commit to stand at instead; it wins over the branch.
        polling_interval_ms: pause between polls; None: ours, longer once a webhook came.
        disable_polling: never poll on our own account; webhooks, changes and commands still do.
        webhook_secret: name of the Secret that vouches for its pushes, in its namespace; "": the global one.
        client_secret: name of the Secret that opens its server, likewise; "": CREDENTIALS_SECRET, if there.
        paths: folders that matter; a push that touches none of them changes nothing. Empty: all do.
        allow_unauthenticated: believe pushes when no secret is set up at all.
        ca_bundle: PEM certificates to trust at its server besides those of the system.
        insecure_skip_tls: believe any certificate of its server.
    """

    repo: str = field(repr=False)
    branch: str = ""
    revision: str = ""
    polling_interval_ms: int | None = None
    disable_polling: bool = False
    webhook_secret: str = ""
    client_secret: str = ""
    paths: tuple[str, ...] = ()
    allow_unauthenticated: bool = False
    ca_bundle: str = ""
    insecure_skip_tls: bool = False


@dataclass(frozen=True, slots=True)
class Demand:
    """Who has to vouch for the pushes of a repo.

    Attributes:
        secret: name of the Secret that does, "namespace/name".
        is_own: whether the repo names it itself; then it has to be there.
        is_open: whether a push is believed when no Secret is set up at all.
    """

    secret: str
    is_own: bool
    is_open: bool


def demand_of(name: str, spec: RepoSpec) -> Demand:
    """Who has to vouch for the pushes of a repo of that name."""
    return Demand(webhook_secret_of(name, spec), bool(spec.webhook_secret), spec.allow_unauthenticated)


def namespace_of(name: str) -> str:
    """The namespace in the name of a repo or Secret, "namespace/name"."""
    return name.partition("/")[0]


def webhook_secret_of(name: str, spec: RepoSpec) -> str:
    """The name of the Secret that vouches for the pushes of a repo of that name."""
    return f"{namespace_of(name)}/{spec.webhook_secret}" if spec.webhook_secret else GLOBAL_SECRET


def client_secret_of(name: str, spec: RepoSpec) -> str:
    """The name of the Secret that opens the server of a repo of that name."""
    return f"{namespace_of(name)}/{spec.client_secret or CREDENTIALS_SECRET}"
