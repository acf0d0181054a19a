"""Polls over ssh: with which keys, and whom they believe."""

from pathlib import Path

import paramiko
import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from paramiko.hostkeys import HostKeys

from tests.git_asker import LOOPBACK, Asker, holder, written
from tests.git_repo import GitRepo
from tests.git_ssh import GitSshServer, git_ssh_server
from workers.git.credentials import Credentials
from workers.git.host_keys import fingerprint
from workers.git.private_key import read_private_key
from workers.git.way import GitWay

RSA = rsa.generate_private_key(65537, 2048)
KEYS = {
    "rsa": RSA,
    "ecdsa": ec.generate_private_key(ec.SECP384R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate(),
}
FORMS = {
    "openssh": PrivateFormat.OpenSSH,
    "pkcs8": PrivateFormat.PKCS8,
    "traditional": PrivateFormat.TraditionalOpenSSL,
}
KINDS = [(key, form) for key in KEYS for form in FORMS if (key, form) != ("ed25519", "traditional")]


def line(server: GitSshServer, names: str, key: paramiko.PKey | None = None) -> str:
    shown = key or server.host_keys[0]
    return f"{names} {shown.get_name()} {shown.get_base64()} a comment\n"


@pytest.mark.parametrize(("kind", "form"), KINDS)
def test_keys_of_all_kinds_and_forms_log_in(
    repo: GitRepo, shell: GitSshServer, asker: Asker, kind: str, form: str
) -> None:
    head = repo.commit()
    content = KEYS[kind].private_bytes(Encoding.PEM, FORMS[form], NoEncryption())
    shell.authorized[:] = [read_private_key(content, "Secret a/b")]
    credentials = Credentials("Secret a/b", private_key=content, known_hosts=shell.known_hosts)
    assert asker.commit(f"{shell.url}/app.git", credentials) == head


@pytest.mark.parametrize(
    "change", [bytes.strip, lambda text: text.replace(b"\n", b"\r\n"), lambda text: b"\n" + text]
)
def test_a_key_may_have_been_pasted(key: paramiko.PKey, change) -> None:
    assert read_private_key(change(written(key)), "Secret a/b") == key


@pytest.mark.parametrize(("kind", "form"), KINDS)
def test_a_key_with_a_passphrase_is_refused(shell: GitSshServer, asker: Asker, kind: str, form: str) -> None:
    content = KEYS[kind].private_bytes(Encoding.PEM, FORMS[form], BestAvailableEncryption(b"passphrase"))
    failure = asker.failure(f"{shell.url}/app.git", Credentials("Secret a/b", private_key=content))
    assert "private key in Secret a/b is encrypted" in str(failure)
    assert not failure.is_host_fault


@pytest.mark.parametrize(
    "content",
    [
        b"nonsense",
        b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
        b"-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n",
        b"PuTTY-User-Key-File-3: ssh-ed25519\n",
        RSA.public_key().public_numbers().n.to_bytes(256),
        dsa.generate_private_key(2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        ec.generate_private_key(ec.SECP256K1()).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        ),
    ],
)
def test_what_is_no_such_key_is_said(shell: GitSshServer, asker: Asker, content: bytes) -> None:
    failure = asker.failure(f"{shell.url}/app.git", Credentials("Secret a/b", private_key=content))
    assert "private key in Secret a/b cannot be read" in str(failure)
    assert not failure.is_host_fault


def test_without_a_key_nobody_is_called(shell: GitSshServer, asker: Asker) -> None:
    for credentials in (None, Credentials("Secret a/b", "ada", "secret")):
        failure = asker.failure(f"{shell.url}/app.git", credentials)
        assert "ssh needs a key: make a Secret of type kubernetes.io/ssh-auth" in str(failure)
    assert "ssh needs a key" in str(asker.failure(f"ssh://ada:secret@127.0.0.1:{shell.port}/app.git"))


def test_a_key_that_is_not_let_in_is_named(repo: GitRepo, shell: GitSshServer, asker: Asker) -> None:
    repo.commit()
    stranger = paramiko.ECDSAKey.generate()
    failure = asker.failure(f"{shell.url}/app.git", holder(stranger, shell.known_hosts))
    assert f"refuses the key in Secret infra/key ({fingerprint(stranger)})" in str(failure)
    assert not failure.is_host_fault
    assert shell.commands == []


def test_the_user_is_that_of_the_url_else_git(
    repo: GitRepo, shell: GitSshServer, asker: Asker, key: paramiko.PKey
) -> None:
    repo.commit()
    for user in ("", "deploy@"):
        asker.commit(f"ssh://{user}127.0.0.1:{shell.port}/app.git", holder(key, shell.known_hosts))
    assert shell.users == ["git", "deploy"]


def test_a_path_cannot_leave_its_quotes(
    repo: GitRepo, shell: GitSshServer, asker: Asker, key: paramiko.PKey
) -> None:
    said = holder(key, shell.known_hosts)
    GitRepo(repo.path.parent / "it's; !x $(y) `z`.git").commit()
    asker.commit(f"{shell.url}/it's; !x $(y) `z`.git".replace(" ", "%20"), said)
    assert shell.commands == ["git-upload-pack '/it'\\''s; '\\!'x $(y) `z`.git'"]


def test_the_server_says_why_it_does_not_serve(shell: GitSshServer, asker: Asker, key: paramiko.PKey) -> None:
    failure = asker.failure(f"{shell.url}/none.git", holder(key, shell.known_hosts))
    assert str(failure) == "127.0.0.1 does not serve this repository. It says: ERROR: Repository not found."
    assert not failure.is_host_fault


@pytest.mark.parametrize(
    "names",
    [
        "[127.0.0.1]:{port}",
        "git.example,[127.0.0.1]:{port}",
        "127.0.0.1",
        "[127.0.0.?]:*",
        "{hashed}",
        "|1|nonsense,{hashed}",
        "!git.example,*",
    ],
)
def test_a_host_may_be_known_by_any_of_its_names(
    repo: GitRepo, shell: GitSshServer, asker: Asker, key: paramiko.PKey, names: str
) -> None:
    head = repo.commit()
    place = names.format(port=shell.port, hashed=HostKeys.hash_host(f"[127.0.0.1]:{shell.port}"))
    known = f"# a comment\n\n{line(shell, place)}"
    assert asker.commit(f"{shell.url}/app.git", holder(key, known)) == head


@pytest.mark.parametrize(
    "names",
    [
        "",
        "[127.0.0.1]:1",
        "[127.0.0.1]",
        "127.0.0.2",
        "{hashed}",
        "!*127.0.0.1*,*",
        "@cert-authority *",
        "# 127.0.0.1",
    ],
)
def test_a_host_that_is_not_known_is_not_believed(
    repo: GitRepo, shell: GitSshServer, asker: Asker, key: paramiko.PKey, names: str
) -> None:
    repo.commit()
    place = names.format(hashed=HostKeys.hash_host("[127.0.0.1]:1"))
    failure = asker.failure(f"{shell.url}/app.git", holder(key, line(shell, place) if place else ""))
    [shown] = shell.host_keys
    assert f"127.0.0.1 is not known: it shows the key {shown.get_name()} {fingerprint(shown)}" in str(failure)
    assert f"'ssh-keyscan -p {shell.port} 127.0.0.1' prints into known_hosts of Secret infra/key" in str(
        failure
    )
    assert not failure.is_host_fault
    assert shell.users == []


def test_a_host_with_another_key_is_not_believed(
    repo: GitRepo, shell: GitSshServer, asker: Asker, key: paramiko.PKey
) -> None:
    repo.commit()
    known = line(shell, f"[127.0.0.1]:{shell.port}", paramiko.ECDSAKey.generate())
    # What is known of the port counts, not what is known of the host.
    failure = asker.failure(f"{shell.url}/app.git", holder(key, known + line(shell, "127.0.0.1")))
    assert "shows another key than stands in known_hosts of Secret infra/key" in str(failure)
    assert not failure.is_host_fault
    assert shell.users == []


def test_a_revoked_key_is_not_believed(
    repo: GitRepo, shell: GitSshServer, asker: Asker, key: paramiko.PKey
) -> None:
    repo.commit()
    for names in ("*", f"[127.0.0.1]:{shell.port}", "127.0.0.1"):
        known = shell.known_hosts + "@revoked " + line(shell, names)
        failure = asker.failure(f"{shell.url}/app.git", holder(key, known))
        assert "which is revoked in known_hosts of Secret infra/key" in str(failure)
    assert shell.users == []


def test_of_several_keys_the_known_one_is_asked_for(repo: GitRepo, asker: Asker, key: paramiko.PKey) -> None:
    head = repo.commit()
    host_keys = [
        paramiko.ECDSAKey.generate(),
        paramiko.RSAKey.generate(2048),
        paramiko.ECDSAKey.generate(bits=521),
    ]
    for known in host_keys:
        with git_ssh_server(repo.path.parent, *host_keys) as server:
            server.authorized.append(key)
            assert (
                asker.commit(f"{server.url}/app.git", holder(key, line(server, "127.0.0.1", known))) == head
            )


def test_the_gateway_may_know_hosts_for_all_repos(
    repo: GitRepo, shell: GitSshServer, key: paramiko.PKey, tmp_path: Path
) -> None:
    head = repo.commit()
    file = tmp_path / "known_hosts"
    way = GitWay(targets=LOOPBACK, known_hosts=file)
    asker, url = Asker(way), f"{shell.url}/app.git"
    assert "FLEET_GIT_KNOWN_HOSTS cannot be read" in str(asker.failure(url, holder(key)))
    file.write_text("")
    assert "prints into the gateway's file FLEET_GIT_KNOWN_HOSTS" in str(asker.failure(url, holder(key)))
    file.write_text(shell.known_hosts)
    assert asker.commit(url, holder(key)) == head
    # What a Secret says of its hosts is the whole of it.
    assert "is not known" in str(asker.failure(url, holder(key, line(shell, "git.example"))))
    way.close()


def test_nothing_of_this_machines_user_is_used(
    repo: GitRepo,
    shell: GitSshServer,
    asker: Asker,
    key: paramiko.PKey,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    repo.commit()
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "id_ecdsa").write_bytes(written(key))
    (tmp_path / ".ssh" / "known_hosts").write_text(shell.known_hosts)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "agent"))
    assert "is not known" in str(asker.failure(f"{shell.url}/app.git", holder(key)))
    stranger = holder(paramiko.ECDSAKey.generate(), shell.known_hosts)
    assert "refuses the key" in str(asker.failure(f"{shell.url}/app.git", stranger))
