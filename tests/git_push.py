"""Pushing over http with dulwich, as a developer does: the server's hooks run."""

import urllib3
from dulwich.client import HttpGitClient
from dulwich.pack import pack_objects_to_data

from tests.git_repo import new_objects

ZERO = "0" * 40


class Pusher:
    """Pushes new commits to one repository. Each goes on top of the last one that it pushed to that branch.

    Args:
        url: of the repository, such as f"{server.url}/app.git".
        user, password: for basic auth, if the server wants any.
        known: heads of branches that were there before.
        ca: PEM file of a CA to trust.
    """

    def __init__(
        self,
        url: str,
        user: str | None = None,
        password: str | None = None,
        known: dict[str, str] | None = None,
        ca: str | None = None,
    ) -> None:
        # A pool of our own: dulwich's would ask the environment for proxies.
        self._connections = urllib3.PoolManager(ca_certs=ca)
        self._client = HttpGitClient(url, pool_manager=self._connections, username=user, password=password)
        self.heads = dict(known or {})

    def push(self, branch: str = "main", *, parent: str | None = None) -> str:
        """Push one new commit to a branch. When this returns the post-receive hook has, too."""
        objects = new_objects(parent or self.heads.get(branch))
        commit = objects[-1].id.decode()
        self._send({f"refs/heads/{branch}": commit}, objects)
        self.heads[branch] = commit
        return commit

    def set(self, **refs: str) -> None:
        """Let refs name commits that the server has."""
        self._send(refs, ())

    def delete(self, ref: str) -> None:
        """Take a whole ref, such as refs/heads/main, away."""
        self._send({ref: ZERO}, ())

    def close(self) -> None:
        self._connections.clear()

    def _send(self, refs: dict[str, str], objects) -> None:
        result = self._client.send_pack(
            "",
            lambda _old: {name.encode(): commit.encode() for name, commit in refs.items()},
            lambda *_args, **_options: pack_objects_to_data([(item, None) for item in objects]),
        )
        refused = {name: error for name, error in (result.ref_status or {}).items() if error}
        assert not refused, refused
