"""Pushes of a repo: what the receiver makes of them, as far as its Secrets say, in words."""

from collections.abc import Collection, Mapping, Sequence

from domain.git.address import repo_key
from domain.git.credential import KEYS, keys_of
from domain.git.provider import Provider
from domain.git.public_hosts import provider_of
from domain.git.repo import RepoSpec, webhook_secret_of

Keys = Mapping[str, Collection[str] | None]
"""The names of the keys of Secrets, by the Secrets' names; None: its sealing key is gone."""


def pushes(name: str, spec: RepoSpec, keys: Keys) -> str:
    """What becomes of a push that names a repo: a line that begins with "checked", "believed" or "refused".

    Args:
        name: the repo's.
        spec: what its owner wrote.
        keys: the Secrets that there are; one that is missing here does not exist.
    """
    wanted = webhook_secret_of(name, spec)
    if repo_key(spec.repo) is None:
        return "refused: no Git host can name this address"
    if wanted not in keys:
        if spec.webhook_secret:
            return f"refused: there is no Secret {wanted}"
        return "believed without a check" if spec.allow_unauthenticated else "refused: no secret"
    found = keys[wanted]
    if found is None:
        return f"refused: the sealing key of the Secret {wanted} is gone"
    if KEYS.isdisjoint(found) and not needed(spec.repo):
        return f"refused: the Secret {wanted} lacks a key of a Git host ({', '.join(sorted(KEYS))})"
    lacking = missing(spec.repo, found)
    return f"refused: the Secret {wanted} lacks {' and '.join(lacking)}" if lacking else "checked"


def missing(url: str, found: Collection[str]) -> list[str]:
    """The keys that the Secret for the pushes of a repo still needs; none for somebody's own server.

    Args:
        url: the repo's address.
        found: the keys that it has.
    """
    ways = needed(url)
    if not ways or any(set(way) <= set(found) for way in ways):
        return []
    return [key for key in ways[0] if key not in found]


def needed(url: str) -> Sequence[Sequence[str]]:
    """The keys that vouch for the pushes of a repo, any of these groups; none for somebody's own server."""
    provider = provider_of(url)
    if provider is None:
        # Nobody knows of which kind somebody's own server is.
        return ()
    # Every Gitea and Forgejo calls itself a Gogs, too.
    also = keys_of(Provider.GOGS) if provider is Provider.GITEA else ()
    return (*keys_of(provider), *also)
