"""Runs in a container: a Git server over http. Given the name of a repository, it commits there instead."""

import sys
from pathlib import Path
from wsgiref.simple_server import make_server

from dulwich.repo import Repo
from dulwich.server import DictBackend
from dulwich.web import make_wsgi_chain

from tests.git_repo import new_objects

REPOSITORIES = ("polled", "pushed")
PORT = 8000
FOLDER = Path("/tmp")  # noqa: S108 - the container's own
MAIN = b"refs/heads/main"


def place(name: str) -> str:
    return str(FOLDER / f"{name}.git")


def serve() -> None:
    made = {name: Repo.init_bare(place(name), mkdir=True, default_branch=b"main") for name in REPOSITORIES}
    backend = DictBackend({f"/{name}.git": repo for name, repo in made.items()})
    make_server("", PORT, make_wsgi_chain(backend)).serve_forever()


def commit(name: str) -> str:
    with Repo(place(name)) as repo:
        objects = new_objects(repo.refs[MAIN].decode() if MAIN in repo.refs else None)
        for each in objects:
            repo.object_store.add_object(each)
        repo.refs[MAIN] = objects[-1].id
    return objects[-1].id.decode()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.stdout.write(commit(sys.argv[1]))
    else:
        serve()
