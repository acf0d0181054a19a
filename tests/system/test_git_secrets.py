"""Private repositories over ssh and https; and what opens them, or is pushed, is nowhere at rest."""

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

import paramiko
import pytest
import pytest_asyncio

from tests.git_asker import written
from tests.git_http import GitHttpServer, git_http_server
from tests.git_shots import credential
from tests.git_ssh import GitSshServer, git_ssh_server
from tests.system.git_owner import Owner, secret
from tests.system.git_stack import GitStack, Hosted, git_stack
from tests.system.stack import post, until
from tests.system.test_canary import at_rest, everything_in_redis

pytestmark = pytest.mark.asyncio(loop_scope="module")

CANARY = "kanarienvogel-9c1e"
SECRET = f"{CANARY}-webhook"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def git(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[GitStack]:
    async with git_stack(tmp_path_factory.mktemp("git"), known=SECRET, LOG_LEVEL="debug") as running:
        yield running


@pytest.fixture
def key() -> paramiko.PKey:
    return paramiko.ECDSAKey.generate()


@pytest.fixture
def shell(git: GitStack, key: paramiko.PKey):
    with git_ssh_server(git.server.root) as server:
        server.authorized.append(key)
        yield server


@pytest.fixture
def closed(git: GitStack):
    """The same repositories, for those with a password only."""
    with git_http_server(git.server.root) as server:
        server.users |= {"ada": f"{CANARY}-in-url", "grace": f"{CANARY}-in-secret"}
        yield server


def of_ssh(name: str, key: paramiko.PKey, known_hosts: str) -> dict[str, Any]:
    values = {"ssh-privatekey": written(key).decode(), "known_hosts": known_hosts}
    return secret(name, "kubernetes.io/ssh-auth", **values)


async def test_over_ssh_with_a_key_and_only_to_a_host_that_is_known(
    git: GitStack, owner: Owner, shell: GitSshServer, key: paramiko.PKey
) -> None:
    hosted = git.host()
    first = hosted.repo.commit()
    hosted.pusher.heads["main"] = first
    spec = {"repo": f"{shell.url}/{hosted.repo.path.name}", "clientSecretName": "deploy-key"}
    await owner.apply(of_ssh("infra/deploy-key", key, ""))
    await owner.watch(hosted, branch="main", pollingInterval="24h", **spec)
    await until(
        lambda: "is not known: it shows the key" in git.complaint(hosted), "an unknown host is refused"
    )
    assert shell.commands == []
    await owner.apply(of_ssh("infra/deploy-key", key, shell.known_hosts))
    await hosted.hears(first)
    second = await hosted.push()
    told = await hosted.hears(second)
    assert told.body["url"] == spec["repo"]
    assert set(shell.commands) == {f"git-upload-pack '/{hosted.repo.path.name}'"}
    assert git.complaint(hosted) == ""


async def test_no_canary_of_git_anywhere(
    git: GitStack, owner: Owner, closed: GitHttpServer, shell: GitSshServer, key: paramiko.PKey
) -> None:
    by_url, by_secret, by_ssh, refused = (git.host() for _ in range(4))
    heads = {each.name: each.repo.commit() for each in (by_url, by_secret, by_ssh, refused)}
    path = {each.name: each.repo.path.name for each in (by_url, by_secret, by_ssh, refused)}
    basic = {"username": "grace", "password": f"{CANARY}-in-secret"}
    await owner.apply(
        secret("infra/basic", "kubernetes.io/basic-auth", **basic),
        of_ssh("infra/key", key, shell.known_hosts),
    )
    with_password = f"http://ada:{CANARY}-in-url@127.0.0.1:{closed.port}/{path[by_url.name]}"
    wrong = f"http://ada:{CANARY}-wrong@127.0.0.1:{closed.port}/{path[refused.name]}"
    await owner.watch(by_url, repo=with_password)
    await owner.watch(by_secret, repo=f"{closed.url}/{path[by_secret.name]}", clientSecretName="basic")
    await owner.watch(by_ssh, repo=f"{shell.url}/{path[by_ssh.name]}", clientSecretName="key")
    await owner.watch(refused, repo=wrong)
    for hosted in (by_url, by_secret, by_ssh):
        await hosted.hears(heads[hosted.name])
    await until(lambda: "refuses the credentials" in git.complaint(refused), "a wrong password is refused")
    said = [(await owner.run("repos", *words)).out for words in (("list",), ("show", refused.name, "--json"))]
    said += [(await owner.run("secrets", "list")).out, json.dumps(by_url.told[0].body)]
    said += [json.dumps(answer) for answer in await asyncio.to_thread(push_canaries, git, by_url)]
    believed = f"{CANARY}-body".encode()
    await git.ear.until(
        lambda: any(believed in each.body for each in git.ear.raw), "the push that is believed"
    )
    await until(lambda: not git.stack.count("event:waiting"), "all decided")
    private = "".join(written(key).decode().splitlines()[1:3])[:60]
    logs, redis = git.stack.logs(), everything_in_redis(git.stack)
    assert b"git_poll_failed" in logs
    assert b"rq:job:" in redis
    for canary in (CANARY, CANARY.encode().hex(), private):
        assert canary not in "".join(said)
        assert canary.encode() not in redis
        assert canary.encode() not in logs
        assert canary.encode() not in at_rest(git.stack.settings.state_dir)


def push_canaries(git: GitStack, hosted: Hosted) -> list[object]:
    """One push that is believed, one that is forged, one of a repo that nobody has, one that is broken."""
    shot = git.shot(hosted, "a" * 40, "b" * 40)
    content = json.loads(shot.body) | {"note": f"{CANARY}-body"}
    strange = {**content, "repository": {"html_url": f"https://me:{CANARY}-url@git.example/x"}}
    answers = []
    for body, known in (
        (json.dumps(content).encode(), git.secret),
        (json.dumps(content).encode(), f"{CANARY}-forged"),
        (json.dumps(strange).encode(), git.secret),
        (f'{{"ref": "{CANARY}-broken'.encode(), git.secret),
    ):
        sent = {**shot.headers, "X-Note": f"{CANARY}-header", **credential("github", body, known)}
        answers.append(post(git.receiver, body, sent, f"?note={CANARY}-query"))
    assert [status for status, _ in answers] == [200, 401, 200, 400]
    return answers
