"""`fleet login` and `fleet logout`: the token is in the vault, and goes only to the relay that it is for."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli import logins
from cli.client import ApiError, access_token, has_token, logged_in
from cli.vault import open_vault
from config.settings import Settings, load
from tests.cli.conftest import _logs  # noqa: F401 - the relay runs in this process
from tests.command_line import Fleet
from tests.owner_door import new_gateway, owner_door
from tests.terminal import talk

URL = "https://relay.example.org"


@dataclass(frozen=True)
class Relay:
    url: str
    token: str
    other_token: str


@pytest.fixture
def relay(redis_url: str) -> Iterator[Relay]:
    _, token = new_gateway(redis_url, "home")
    _, other = new_gateway(redis_url, "other")
    with owner_door(redis_url) as address:
        yield Relay(f"http://{address}", token, other)


def test_after_a_login_commands_find_relay_and_token(fleet: Fleet, relay: Relay, tmp_path: Path) -> None:
    nothing = fleet("webhooks", "list")
    assert nothing.code == 1
    assert "There is no access token for http://127.0.0.1:8081. 'fleet login' keeps one" in nothing.err
    assert "'fleet up' makes it: wait until it says that it is up" in nothing.err
    done = fleet("login", relay.url, "--token-stdin", stdin=f"{relay.token}\n".encode())
    file = tmp_path / "own" / "vault"
    assert done.code == 0
    assert done.out.splitlines()[0] == (
        f"Logged in at {relay.url} as gateway home. Its access token is in the encrypted file {file}."
    )
    assert fleet("webhooks", "create", "ci").code == 0
    assert fleet("webhooks", "list", "--json").json["webhooks"][0]["name"] == "ci"
    assert fleet("dashboard").out.startswith(f"{relay.url}/dashboard")
    assert "opens gateway home" in fleet("doctor").out
    assert f"login:{relay.url}" in fleet("vault", "list").out
    out = fleet("logout")
    assert out.out == f"Logged out at {relay.url}; its access token is out of the encrypted file {file}.\n"
    assert fleet("webhooks", "list").code == 1
    assert fleet("vault", "list", "--json").json["names"] == []
    assert relay.token not in done.out + done.err + out.out + nothing.err


def test_the_token_is_in_no_file_in_the_clear(fleet: Fleet, relay: Relay, tmp_path: Path) -> None:
    fleet("login", relay.url, "--token-stdin", stdin=relay.token.encode())
    login = tmp_path / "own" / "vault.login"
    assert json.loads(login.read_bytes()) == {"relays": [relay.url]}
    files = [each for each in tmp_path.rglob("*") if each.is_file()]
    assert len(files) > 2
    assert not any(relay.token.encode() in each.read_bytes() for each in files)


def test_an_unknown_token_is_not_kept(fleet: Fleet, relay: Relay) -> None:
    done = fleet("login", relay.url, "--token-stdin", stdin=b"fleet_" + b"A" * 43)
    assert (done.code, done.out) == (1, "")
    assert "does not know this access token" in done.err
    assert fleet("vault", "list", "--json").json["names"] == []
    assert fleet("logout").code == 1


@pytest.mark.parametrize("typed", [b"", b"two words", b"fleet_\xc3\xa4", b"fleet_a\nb"])
def test_what_can_be_no_token_is_refused(fleet: Fleet, relay: Relay, typed: bytes) -> None:
    done = fleet("login", relay.url, "--token-stdin", stdin=typed)
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)


@pytest.mark.parametrize("url", ["relay.example.org", "https://me:secret@relay.example.org", "ftp://x"])
def test_what_is_no_address_is_refused(fleet: Fleet, url: str) -> None:
    done = fleet("login", url, "--token-stdin", stdin=b"fleet_x")
    assert (done.code, "secret@" in done.err) == (1, False)


def test_without_a_terminal_nobody_is_asked(fleet: Fleet, relay: Relay) -> None:
    done = fleet("login", relay.url, stdin=relay.token.encode())
    assert (done.code, "--token-stdin" in done.err) == (2, True)


def test_on_a_terminal_the_token_is_asked_for_and_not_shown(environ: dict[str, str], relay: Relay) -> None:
    turns = [(b"Access token: ", f"{relay.token}\n".encode())]
    code, screen = talk(environ, ["login", relay.url], turns)
    assert (code, b"as gateway home" in screen, relay.token.encode() in screen) == (0, True, False)


def test_programs_are_told_no_token(fleet: Fleet, relay: Relay, tmp_path: Path) -> None:
    done = fleet("login", relay.url, "--token-stdin", "--json", stdin=relay.token.encode())
    place = f"the encrypted file {tmp_path / 'own' / 'vault'}"
    assert done.json == {"url": relay.url, "gateway": "home", "vault": place}
    assert fleet("logout", "--json").json == {"url": relay.url}


def test_the_latest_login_is_meant_unless_said(
    fleet: Fleet, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    twin = relay.url.replace("127.0.0.1", "localhost")
    fleet("login", relay.url, "--token-stdin", stdin=relay.token.encode())
    fleet("login", twin, "--token-stdin", stdin=relay.other_token.encode())
    assert "other" in fleet("status").out
    monkeypatch.setenv("FLEET_API_URL", relay.url)
    assert "home" in fleet("status").out
    monkeypatch.delenv("FLEET_API_URL")
    assert fleet("logout").out.startswith(f"Logged out at {twin}")
    assert "home" in fleet("status").out
    again = fleet("logout", twin)
    assert (again.code, again.err) == (1, f"There is no login at {twin} to end.\n")


def test_a_token_of_this_place_goes_before_and_login_says_so(
    fleet: Fleet, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLEET_TOKEN", relay.other_token)
    done = fleet("login", relay.url, "--token-stdin", stdin=relay.token.encode())
    assert "BUT FLEET_TOKEN is set, and goes before it: commands here go to http://127.0.0.1:8081" in done.out
    monkeypatch.setenv("FLEET_API_URL", relay.url)
    assert "other" in fleet("status").out


def test_of_two_tokens_of_this_place_login_names_the_one_that_counts(
    fleet: Fleet, relay: Relay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "secrets" / "token"
    file.parent.mkdir(exist_ok=True)
    file.write_text(relay.other_token)
    done = fleet("login", relay.url, "--token-stdin", stdin=relay.token.encode())
    assert f"BUT there is the file {file}, as 'fleet up' makes it" in done.out
    assert ("FLEET_TOKEN" in done.out, "FLEET_STATE_DIR" in done.out) == (False, True)
    env_file = tmp_path / "mine.env"
    env_file.write_text(f"FLEET_TOKEN={relay.other_token}\n")
    monkeypatch.setenv("FLEET_ENV_FILE", str(env_file))
    done = fleet("login", relay.url, "--token-stdin", stdin=relay.token.encode())
    assert f"BUT {env_file} says FLEET_TOKEN" in done.out


def settings_in(folder: Path, **environ: str) -> Settings:
    where = {"FLEET_STATE_DIR": str(folder), "FLEET_VAULT": "file"}
    return load({**where, "FLEET_VAULT_FILE": str(folder / "own" / "vault"), **environ})


@pytest.fixture
def at_example(tmp_path: Path) -> Path:
    """Somebody has logged in at URL."""
    settings = settings_in(tmp_path)
    open_vault(settings).set(logins.token_name(URL), "fleet_theirs")
    logins.remember(settings, URL)
    return tmp_path


def test_a_token_never_goes_to_the_relay_of_another_one(at_example: Path) -> None:
    # The token of the state folder, as `fleet up` keeps it, is for this machine.
    (at_example / "secrets").mkdir()
    (at_example / "secrets" / "token").write_text("fleet_own\n")
    own = logged_in(settings_in(at_example))
    assert (own.api_url, access_token(own, insecure=False)) == ("http://127.0.0.1:8081", "fleet_own")
    # And that of the login is for its relay alone.
    (at_example / "secrets" / "token").unlink()
    theirs = logged_in(settings_in(at_example))
    assert (theirs.api_url, access_token(theirs, insecure=False)) == (URL, "fleet_theirs")
    for elsewhere in (
        logged_in(settings_in(at_example, FLEET_API_URL="https://elsewhere.example.org")),
        settings_in(at_example),
    ):
        assert not has_token(elsewhere)
        with pytest.raises(ApiError, match="There is no access token for"):
            access_token(elsewhere, insecure=False)


def test_without_a_login_no_vault_is_opened(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, FLEET_VAULT="keyring")
    assert logged_in(settings) is settings
    with pytest.raises(ApiError, match="There is no access token for"):
        access_token(settings, insecure=False)


def test_a_token_that_left_the_vault_is_told(at_example: Path) -> None:
    (at_example / "own" / "vault").unlink()
    settings = logged_in(settings_in(at_example))
    with pytest.raises(ApiError, match=f"its access token is not in .*; 'fleet login {URL}' puts it there"):
        access_token(settings, insecure=False)


@pytest.mark.parametrize("content", ["", "[]", '{"relays": "x"}', "{}"])
def test_a_damaged_file_of_logins_is_told(fleet: Fleet, tmp_path: Path, content: str) -> None:
    (tmp_path / "own").mkdir(mode=0o700)
    (tmp_path / "own" / "vault.login").touch(0o600)
    (tmp_path / "own" / "vault.login").write_text(content)
    done = fleet("webhooks", "list")
    assert (done.code, "is damaged; delete it and log in again" in done.err) == (1, True)


def test_a_login_that_others_can_change_is_not_followed(fleet: Fleet, at_example: Path) -> None:
    (at_example / "own" / "vault.login").chmod(0o666)
    done = fleet("webhooks", "list")
    assert (done.code, "chmod 600" in done.err) == (1, True)
