"""A bare Git repository on disk, made with dulwich: no `git` is needed, and a commit takes a millisecond."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dulwich.objects import Blob, Commit, Tag, Tree
from dulwich.repo import Repo

PERSON = b"Ada <ada@example.org>"
STARTED = 1_800_000_000
_numbers = itertools.count(1)


def new_objects(parent: str | None = None) -> tuple[Blob, Tree, Commit]:
    """A commit of one file, and what belongs to it. No two are alike."""
    number = next(_numbers)
    blob = Blob.from_string(f"{number}\n".encode())
    tree = Tree()
    tree.add(b"file", 0o100644, blob.id)
    commit = Commit()
    commit.tree = tree.id
    commit.parents = [parent.encode()] if parent else []
    commit.author = commit.committer = PERSON
    commit.author_time = commit.commit_time = STARTED + number
    commit.author_timezone = commit.commit_timezone = 0
    commit.message = f"number {number}".encode()
    return blob, tree, commit


class GitRepo:
    """A bare repository, and hands to change it past any server: no hook hears of that."""

    def __init__(self, path: Path, branch: str = "main") -> None:
        self.path = path
        self._branch = branch
        path.mkdir(parents=True)
        with Repo.init_bare(str(path), default_branch=branch.encode()):
            pass

    def commit(self, branch: str | None = None, parent: str | None = None) -> str:
        """A new commit on a branch, on top of its head or of `parent`. The branch is made if it has to be."""
        ref = f"refs/heads/{branch or self._branch}".encode()
        with self.open() as repo:
            if parent is None and ref in repo.refs:
                parent = repo.refs[ref].decode()
            *rest, made = new_objects(parent)
            for item in (*rest, made):
                repo.object_store.add_object(item)
            repo.refs[ref] = made.id
            return made.id.decode()

    def set(self, ref: str, commit: str) -> None:
        """Let a whole ref, such as refs/heads/main, name a commit; backwards, too."""
        with self.open() as repo:
            repo.refs[ref.encode()] = commit.encode()

    def delete(self, ref: str) -> None:
        """Take a whole ref away."""
        with self.open() as repo:
            repo.refs.remove_if_equals(ref.encode(), None)

    def point_head(self, branch: str) -> None:
        """Change the default branch."""
        with self.open() as repo:
            repo.refs.set_symbolic_ref(b"HEAD", f"refs/heads/{branch}".encode())

    def detach_head(self, commit: str) -> None:
        """Let HEAD name a commit, and so no default branch."""
        (self.path / "HEAD").write_text(f"{commit}\n")

    def tag(self, name: str, commit: str, *, annotated: bool = False) -> str:
        """Tag a commit. What the tag names is returned: the commit, or the object of an annotated tag."""
        with self.open() as repo:
            named = commit.encode()
            if annotated:
                made = Tag()
                made.object = (Commit, named)
                made.name, made.tagger, made.message = name.encode(), PERSON, b"a tag"
                made.tag_time, made.tag_timezone = STARTED, 0
                repo.object_store.add_object(made)
                named = made.id
            repo.refs[f"refs/tags/{name}".encode()] = named
            return named.decode()

    def head(self, branch: str | None = None) -> str:
        """The head of a branch."""
        with self.open() as repo:
            return repo.refs[f"refs/heads/{branch or self._branch}".encode()].decode()

    @contextmanager
    def open(self) -> Iterator[Repo]:
        """The repository as dulwich has it."""
        with Repo(str(self.path)) as repo:
            yield repo
