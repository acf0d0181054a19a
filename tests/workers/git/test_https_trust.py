"""Polls over https: whom they believe."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.certificates import Authority, files
from tests.git_asker import Asker
from tests.git_http import GitHttpServer, git_http_server
from tests.git_repo import GitRepo
from workers.git.credentials import Credentials

ADA = Credentials("Secret infra/ada", "ada", "secret")


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def bundle(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What an owner writes into caBundle."""
    return authority.write(tmp_path_factory.mktemp("ca") / "ca.pem").read_text()


@pytest.fixture
def secure(repo: GitRepo, authority: Authority, tmp_path: Path) -> Iterator[GitHttpServer]:
    pair = files(tmp_path)
    authority.issue().write(pair)
    with git_http_server(repo.path.parent, pair) as server:
        yield server


def test_a_server_whose_ca_nobody_knows_is_not_believed(
    repo: GitRepo, secure: GitHttpServer, asker: Asker
) -> None:
    repo.commit()
    failure = asker.failure(f"{secure.url}/app.git", ADA)
    assert failure.is_host_fault
    assert "certificate of localhost is not trusted" in str(failure)
    assert "caBundle" in str(failure)
    assert secure.asked == []


def test_a_repo_may_bring_a_ca_of_its_own(
    repo: GitRepo, secure: GitHttpServer, asker: Asker, bundle: str
) -> None:
    head = repo.commit()
    secure.users["ada"] = "secret"
    assert asker.commit(f"{secure.url}/app.git", ADA, ca_bundle=bundle) == head
    assert asker.commit(f"https://127.0.0.1:{secure.port}/app.git", ADA, ca_bundle=bundle) == head
    other = Authority()
    strangers = other.write(secure.root.parent / "other.pem").read_text()
    assert "not trusted" in str(asker.failure(f"{secure.url}/app.git", ADA, ca_bundle=strangers))
    assert asker.commit(f"{secure.url}/app.git", ADA, ca_bundle=strangers + bundle) == head


def test_a_certificate_of_another_name_or_time_is_not_believed(
    repo: GitRepo, authority: Authority, tmp_path: Path, asker: Asker, bundle: str
) -> None:
    for issued, why in (
        (authority.issue("git.example"), "mismatch"),
        (authority.issue(days=-1), "expired"),
    ):
        pair = files(tmp_path)
        issued.write(pair)
        with git_http_server(repo.path.parent, pair) as server:
            failure = asker.failure(f"{server.url}/app.git", ca_bundle=bundle)
        assert why in str(failure)


def test_an_owner_may_believe_anybody(repo: GitRepo, secure: GitHttpServer, asker: Asker) -> None:
    head = repo.commit()
    assert asker.commit(f"{secure.url}/app.git", ADA, insecure_skip_tls=True) == head
    assert secure.connections == 1


def test_trust_is_not_inherited_by_connection(
    repo: GitRepo, secure: GitHttpServer, asker: Asker, bundle: str
) -> None:
    """A connection that was opened without looking is not used by one who looks."""
    repo.commit()
    asker.commit(f"{secure.url}/app.git", insecure_skip_tls=True)
    assert "not trusted" in str(asker.failure(f"{secure.url}/app.git"))
    for _ in range(3):
        asker.commit(f"{secure.url}/app.git", ca_bundle=bundle)
        asker.commit(f"{secure.url}/app.git", insecure_skip_tls=True)
    assert secure.connections == 3
    assert "not trusted" in str(asker.failure(f"{secure.url}/app.git"))


@pytest.mark.parametrize(
    "broken", ["not PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "\0"]
)
def test_a_bundle_without_certificates_is_the_owners_trouble(
    secure: GitHttpServer, asker: Asker, broken: str
) -> None:
    failure = asker.failure(f"{secure.url}/app.git", ca_bundle=broken)
    assert "caBundle holds no certificate" in str(failure)
    assert not failure.is_host_fault


def test_a_server_without_tls_is_told_from_one_with_it(
    repo: GitRepo, web: GitHttpServer, secure: GitHttpServer, asker: Asker
) -> None:
    repo.commit()
    assert "does not speak TLS" in str(asker.failure(f"https://127.0.0.1:{web.port}/app.git"))
    assert asker.failure(f"http://localhost:{secure.port}/app.git").is_host_fault
