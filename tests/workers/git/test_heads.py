"""Where a repo stands: the same over every transport and version of the protocol."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import paramiko
import pytest
from dulwich.protocol import pkt_line

from tests import git_v2
from tests.git_asker import Asker, holder
from tests.git_http import Asked, GitHttpServer
from tests.git_repo import GitRepo
from tests.git_ssh import GitSshServer
from workers.git.failure import PollFailedError
from workers.git.heads import Head
from workers.git.targets import Target

Ask = Callable[..., Head]


@pytest.fixture(params=["http v2", "http v0", "ssh v2", "ssh v0", "file"])
def ask(request: pytest.FixtureRequest, asker: Asker, repo: GitRepo, key: paramiko.PKey) -> Iterator[Ask]:
    """Asks where the repository stands."""
    kind, _, version = request.param.partition(" ")
    if kind == "file":
        yield lambda **spec: local(asker).head(f"file://{repo.path}", **spec)
        return
    server: GitHttpServer | GitSshServer = request.getfixturevalue("web" if kind == "http" else "shell")
    server.versions = frozenset({0, 2} if version == "v2" else {0})
    said = holder(key, server.known_hosts) if isinstance(server, GitSshServer) else None
    yield lambda **spec: asker.head(f"{server.url}/app.git", said, **spec)


def local(asker: Asker) -> Asker:
    return Asker(replace(asker.way, targets=frozenset({Target.FILE})))


def test_a_branch_is_where_its_head_is(repo: GitRepo, ask: Ask) -> None:
    first = repo.commit()
    other = repo.commit("feature/grüße-日本")
    repo.commit("feature/grüße-日本-too")
    assert ask(branch="main") == Head(first, "main")
    assert ask(branch="feature/grüße-日本") == Head(other, "feature/grüße-日本")
    second = repo.commit()
    assert ask(branch="main") == Head(second, "main")


def test_without_a_branch_it_is_the_servers_default_one(repo: GitRepo, ask: Ask) -> None:
    main, other = repo.commit(), repo.commit("trunk/next")
    assert ask() == Head(main, "main")
    repo.point_head("trunk/next")
    assert ask() == Head(other, "trunk/next")
    repo.detach_head(main)
    assert ask() == Head(main, None)


def test_a_tag_is_the_commit_behind_it(repo: GitRepo, ask: Ask) -> None:
    commit, later = repo.commit(), repo.commit()
    tag = repo.tag("v1.0", commit, annotated=True)
    assert tag != commit
    repo.tag("v1.0.1", later, annotated=True)
    repo.tag("nightly/日本", later)
    assert ask(revision="v1.0") == Head(commit, None, tag)
    assert ask(revision="refs/tags/v1.0") == Head(commit, None, tag)
    assert ask(revision="nightly/日本", branch="main") == Head(later, None)


def test_what_is_not_there_is_said(repo: GitRepo, ask: Ask) -> None:
    with pytest.raises(PollFailedError, match="default branch") as empty:
        ask()
    commit = repo.commit()
    repo.tag("main-tag", commit)
    with pytest.raises(PollFailedError, match="no branch 'mai'; check `branch`") as missing:
        ask(branch="mai")
    with pytest.raises(PollFailedError, match="no tag 'main'; that is a branch, so write it into `branch`"):
        ask(revision="main")
    with pytest.raises(PollFailedError, match=r"no tag 'v2'; `revision` is a tag, or a commit in full"):
        ask(revision="v2")
    with pytest.raises(PollFailedError, match="no tag"):
        ask(revision=commit[:12])
    assert not empty.value.is_host_fault
    assert not missing.value.is_host_fault


@pytest.mark.parametrize("commit", ["0123456789abcdef" * 2 + "01234567", "0123456789abcdef" * 4])
def test_a_commit_stands_for_itself_and_nobody_is_asked(asker: Asker, commit: str) -> None:
    for url in ("https://nowhere.invalid/x", "ssh://nowhere.invalid/x", "file:///nowhere"):
        assert asker.head(url, revision=commit, branch="main") == Head(commit, None)
        assert asker.head(url, revision=commit.upper()) == Head(commit, None)


@pytest.mark.parametrize("name", ["a b", "a..b", "a\nb", "a~1", "a.lock", "/a", "a:b", "\udcff", "x\x00y"])
def test_what_can_be_no_name_is_not_asked_for(web: GitHttpServer, asker: Asker, name: str) -> None:
    assert "can be the name of no branch" in str(asker.failure(f"{web.url}/app.git", branch=name))
    assert "can be the name of no branch" in str(asker.failure(f"{web.url}/app.git", revision=name))
    assert web.asked == []


def test_servers_of_version_2_are_asked_for_one_ref_only(
    repo: GitRepo, web: GitHttpServer, asker: Asker
) -> None:
    repo.tag("v1", repo.commit())
    asker.commit(f"{web.url}/app.git", branch="main")
    asker.commit(f"{web.url}/app.git", revision="v1")
    asker.commit(f"{web.url}/app.git")
    prefixes = [
        [line for line in git_v2.arguments(asked.body) if line.startswith(b"ref-prefix ")]
        for asked in web.asked
        if asked.method == "POST"
    ]
    assert prefixes == [
        [b"ref-prefix refs/heads/main"],
        [b"ref-prefix refs/tags/v1", b"ref-prefix refs/heads/v1"],
        [b"ref-prefix HEAD"],
    ]


def test_repositories_of_sha_256_have_longer_commits(web: GitHttpServer, asker: Asker) -> None:
    commit = "ab" * 32

    def answer(asked: Asked):
        if asked.method == "GET":
            said = b"".join(map(pkt_line, [b"version 2\n", b"ls-refs\n", b"object-format=sha256\n"]))
            return 200, {"Content-Type": "application/x-git-upload-pack-advertisement"}, said + b"0000"
        assert b"object-format=sha256" in asked.body
        said = pkt_line(f"{commit} refs/heads/main\n".encode()) + b"0000"
        return 200, {"Content-Type": "application/x-git-upload-pack-result; x=y"}, said

    web.instead = answer
    assert asker.commit(f"{web.url}/app.git", branch="main") == commit


def test_a_tag_is_not_mistaken_for_the_branch_of_its_name(repo: GitRepo, ask: Ask) -> None:
    tagged, head = repo.commit(), repo.commit("same")
    tag = repo.tag("same", tagged, annotated=True)
    assert ask(revision="same") == Head(tagged, None, tag)
    assert ask(branch="same") == Head(head, "same")


def test_files_of_this_machine_are_read_only_where_that_is_allowed(repo: GitRepo, asker: Asker) -> None:
    repo.commit()
    assert "`file` in FLEET_GIT_TARGETS" in str(asker.failure(f"file://{repo.path}"))
    assert "no Git repository" in str(local(asker).failure(f"file://{repo.path.parent}/none"))
