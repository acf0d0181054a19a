"""Somebody who has repositories watched, and the resources that say so, as Rancher Fleet has them."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from domain.git.repo import GLOBAL_SECRET
from tests.command_line import Done, Fleet
from tests.system.git_stack import Hosted


@dataclass
class Owner:
    """Somebody who has repositories watched, from the command line."""

    fleet: Fleet
    folder: Path
    secret: str

    async def run(self, *arguments: str) -> Done:
        return await asyncio.to_thread(self.fleet, *arguments)

    async def apply(self, *documents: dict[str, Any]) -> None:
        """Apply resources from a file."""
        file = self.folder / "resources.yaml"
        file.write_text(yaml.safe_dump_all(documents, allow_unicode=True), encoding="utf-8")
        done = await self.run("apply", "-f", str(file))
        assert done.code == 0, done.err

    async def watch(self, hosted: Hosted, **spec: object) -> None:
        """Have a repository watched, by a secret that its hook knows."""
        vouching = secret(GLOBAL_SECRET, github=self.secret)
        await self.apply(vouching, git_repo(hosted.name, **{"repo": hosted.url, **spec}))

    async def watch_first(self, hosted: Hosted, **spec: object) -> str:
        """Have a repository watched, and be told of the commit that it has: which is returned."""
        head = await asyncio.to_thread(hosted.repo.commit)
        hosted.pusher.heads["main"] = head
        await self.watch(hosted, **spec)
        await hosted.hears(head)
        return head


def git_repo(name: str, **spec: object) -> dict[str, Any]:
    """A GitRepo as Rancher Fleet has it."""
    return {
        "apiVersion": "fleet.cattle.io/v1alpha1",
        "kind": "GitRepo",
        "metadata": _named(name),
        "spec": spec,
    }


def secret(name: str, kind: str = "Opaque", **values: str) -> dict[str, Any]:
    """A Secret as Kubernetes has it."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": _named(name),
        "type": kind,
        "stringData": values,
    }


def _named(name: str) -> dict[str, str]:
    namespace, _, own = name.partition("/")
    return {"namespace": namespace, "name": own}
