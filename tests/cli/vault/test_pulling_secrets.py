"""`pull_secret`: what the gateway holds comes into the vault, whatever breaks on the way, and only there."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.client import ApiError, AwayError, ControlApi, RefusedError
from cli.vault import VaultError
from cli.vault.file_vault import FileVault
from cli.vault.pulling import NameTakenError, forget, pull_secret
from tests.command_line import fleet_command
from tests.encrypted_vault import encrypted
from tests.owner_door import new_gateway, owner_door


@pytest.fixture
def api(redis_url: str) -> Iterator[ControlApi]:
    _, token = new_gateway(redis_url, "home")
    with owner_door(redis_url) as address:
        yield ControlApi(f"http://{address}", token)


@pytest.fixture
def vault(tmp_path: Path) -> FileVault:
    return encrypted(tmp_path)


def made(api: ControlApi, name: str) -> dict[str, Any]:
    """A webhook whose secret is held."""
    wish = {"name": name, "sender": "github", "require_signature": True, "hold_secret": True}
    webhook = api.ask("POST", "webhooks", body=wish)
    assert webhook["held"] is True
    assert "secret" not in webhook
    return webhook


def mark(api: ControlApi, name: str) -> str:
    return f"pull:{name}@{api.url}"


class LosesAnswers(ControlApi):
    """Its answers to POST are lost on the way back."""

    def ask(self, method: str, *path: str, **rest: Any) -> dict[str, Any]:
        answer = super().ask(method, *path, **rest)
        if method == "POST":
            raise AwayError("The answer was lost.")
        return answer


def losing(api: ControlApi) -> LosesAnswers:
    return LosesAnswers(api.url, api._token)  # noqa: SLF001 - the same one


def test_a_secret_comes_into_the_vault_and_is_handed_out_once(
    api: ControlApi, vault: FileVault, tmp_path: Path
) -> None:
    made(api, "github")
    secret_id = pull_secret(api, vault, "github", "github")
    shown = api.ask("GET", "webhooks", "github")
    assert [each["id"] for each in shown["secrets"]] == [secret_id]
    assert shown["held"] is False
    assert vault.names() == ["github"]
    assert len(vault.get("github") or "") > 40
    with pytest.raises(RefusedError) as refusal:
        pull_secret(api, encrypted(tmp_path / "other"), "github", "github")
    assert refusal.value.code == "nothing_held"
    assert encrypted(tmp_path / "other").names() == []


def test_an_answer_that_was_lost_is_given_again(api: ControlApi, vault: FileVault) -> None:
    made(api, "github")
    with pytest.raises(AwayError):
        pull_secret(losing(api), vault, "github", "github")
    assert api.ask("GET", "webhooks", "github")["held"] is False  # the gateway has handed it out
    assert vault.names() == [mark(api, "github")]
    pull_secret(api, vault, "github", "github")
    assert vault.names() == ["github"]


def test_a_pull_that_ended_between_answer_and_vault_is_done_again(
    api: ControlApi, vault: FileVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(api, "github")
    keep = vault.set

    def full(name: str, secret: str) -> None:
        if name == "github":
            raise VaultError("No room.")
        keep(name, secret)

    with monkeypatch.context() as patch:
        patch.setattr(vault, "set", full)
        with pytest.raises(VaultError):
            pull_secret(api, vault, "github", "github")
    secret_id = pull_secret(api, vault, "github", "github")
    assert api.ask("GET", "webhooks", "github")["secrets"][0]["id"] == secret_id
    assert vault.names() == ["github"]


def test_a_vault_that_cannot_be_written_costs_no_secret(
    api: ControlApi, vault: FileVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(api, "github")

    def full(*_: str) -> None:
        raise VaultError("No room.")

    with monkeypatch.context() as patch:
        patch.setattr(vault, "set", full)
        with pytest.raises(VaultError):
            pull_secret(api, vault, "github", "github")
    assert api.ask("GET", "webhooks", "github")["held"] is True


def test_after_a_rotation_the_new_secret_is_pulled_not_the_lost_one(
    api: ControlApi, vault: FileVault
) -> None:
    made(api, "github")
    with pytest.raises(AwayError):
        pull_secret(losing(api), vault, "github", "github")
    api.ask("POST", "webhooks", "github", "secrets", body={"hold": True})
    secret_id = pull_secret(api, vault, "github", "github")
    secrets = api.ask("GET", "webhooks", "github")["secrets"]
    assert secret_id == secrets[0]["id"] != secrets[1]["id"]
    assert vault.names() == ["github"]


def test_what_is_refused_leaves_nothing_behind(api: ControlApi, vault: FileVault) -> None:
    api.ask("POST", "webhooks", body={"name": "open"})
    for webhook in ("open", "unknown"):
        with pytest.raises(RefusedError):
            pull_secret(api, vault, webhook, webhook)
    assert vault.names() == []


def test_a_relay_that_is_away_leaves_the_key_for_the_next_try(vault: FileVault) -> None:
    away = ControlApi("http://127.0.0.1:9", "fleet_x", timeout_s=1)
    for _ in range(2):
        with pytest.raises(ApiError, match="Nothing answers"):
            pull_secret(away, vault, "github", "github")
        assert vault.names() == [mark(away, "github")]


def test_the_gateway_cannot_choose_a_name(api: ControlApi, vault: FileVault) -> None:
    vault.set("bank", "mine")
    made(api, "bank")
    made(api, "github")
    pull_secret(Renames(api.url, api._token), vault, "github", "prs")  # noqa: SLF001 - the same one
    assert vault.get("bank") == "mine"
    assert vault.names() == ["bank", "prs"]


class Renames(ControlApi):
    """A relay that wants to replace another secret of the vault."""

    def ask(self, method: str, *path: str, **rest: Any) -> dict[str, Any]:
        return super().ask(method, *path, **rest) | {"webhook": "bank", "name": "bank", "held": False}


def test_two_relays_do_not_share_a_mark(api: ControlApi, vault: FileVault) -> None:
    other = "pull:github@https://elsewhere.example.org"
    vault.set(other, "k")
    made(api, "github")
    pull_secret(api, vault, "github", "github")
    assert vault.names() == ["github", other]


def rotated(api: ControlApi) -> None:
    api.ask("POST", "webhooks", "github", "secrets", body={"hold": True})


def test_a_secret_that_its_owner_put_there_is_not_replaced_without_a_word(
    api: ControlApi, vault: FileVault
) -> None:
    vault.set("github", "mine")
    made(api, "github")
    with pytest.raises(NameTakenError, match="'fleet vault pull github --as OTHER'"):
        pull_secret(api, vault, "github", "github")
    assert (vault.get("github"), vault.names()) == ("mine", ["github"])
    assert api.ask("GET", "webhooks", "github")["held"] is True
    pull_secret(api, vault, "github", "github", may_replace=True)
    assert vault.get("github") != "mine"


def test_what_a_pull_brought_is_replaced_by_a_pull_for_the_same_webhook_only(
    api: ControlApi, vault: FileVault
) -> None:
    made(api, "github")
    made(api, "other")
    pull_secret(api, vault, "github", "github")
    first = vault.get("github")
    with pytest.raises(NameTakenError):
        pull_secret(api, vault, "other", "github")
    assert vault.get("github") == first
    rotated(api)
    pull_secret(api, vault, "github", "github")
    assert vault.get("github") != first
    assert vault.names() == ["github"]


def test_another_gateway_of_the_same_relay_does_not_replace_it(
    api: ControlApi, vault: FileVault, redis_url: str
) -> None:
    stranger = ControlApi(api.url, new_gateway(redis_url, "stranger")[1])
    made(api, "github")
    made(stranger, "github")
    pull_secret(api, vault, "github", "github")
    first = vault.get("github")
    with pytest.raises(NameTakenError):
        pull_secret(stranger, vault, "github", "github")
    assert vault.get("github") == first


def test_a_secret_put_in_the_place_of_a_pulled_one_is_the_owners_again(
    api: ControlApi, vault: FileVault
) -> None:
    made(api, "github")
    pull_secret(api, vault, "github", "github")
    vault.set("github", "mine")
    rotated(api)
    with pytest.raises(NameTakenError):
        pull_secret(api, vault, "github", "github")
    assert vault.get("github") == "mine"


def test_a_secret_that_comes_there_while_the_gateway_answers_stays_and_none_is_lost(
    api: ControlApi, vault: FileVault
) -> None:
    class Meanwhile(ControlApi):
        def ask(self, method: str, *path: str, **rest: Any) -> dict[str, Any]:
            answer = super().ask(method, *path, **rest)
            if method == "POST":
                vault.set("github", "mine")
            return answer

    made(api, "github")
    with pytest.raises(NameTakenError):
        pull_secret(Meanwhile(api.url, api._token), vault, "github", "github")  # noqa: SLF001 - the same one
    assert vault.get("github") == "mine"
    secret_id = pull_secret(api, vault, "github", "beside")
    assert api.ask("GET", "webhooks", "github")["secrets"][0]["id"] == secret_id


@pytest.mark.parametrize("writes", range(4))
def test_wherever_a_pull_is_cut_the_next_one_ends_it_without_a_question(
    api: ControlApi, vault: FileVault, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    made(api, "github")
    pull_secret(api, vault, "github", "github")
    first = vault.get("github")
    rotated(api)
    left = iter(range(writes))

    def until_it_is_cut(change: Any) -> Any:
        def cut(*arguments: str) -> Any:
            if next(left, None) is None:
                raise VaultError("Cut.")
            return change(*arguments)

        return cut

    with monkeypatch.context() as patch:
        for name in ("set", "delete"):
            patch.setattr(vault, name, until_it_is_cut(getattr(vault, name)))
        with pytest.raises(VaultError, match="Cut"):
            pull_secret(api, vault, "github", "github")
    secret_id = pull_secret(api, vault, "github", "github")
    assert api.ask("GET", "webhooks", "github")["secrets"][0]["id"] == secret_id
    assert vault.get("github") not in {None, first}
    assert vault.names() == ["github"]


@pytest.mark.parametrize("writes", range(1, 4))
def test_a_replacement_that_was_cut_does_not_make_the_owners_secret_a_pulled_one(
    api: ControlApi, vault: FileVault, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    vault.set("github", "mine")
    made(api, "github")
    keep, left = vault.set, iter(range(writes))

    def until_it_is_cut(name: str, secret: str) -> None:
        if name == "github" or next(left, None) is None:
            raise VaultError("Cut.")
        keep(name, secret)

    with monkeypatch.context() as patch:
        patch.setattr(vault, "set", until_it_is_cut)
        with pytest.raises(VaultError, match="Cut"):
            pull_secret(api, vault, "github", "github", may_replace=True)
    with pytest.raises(NameTakenError):
        pull_secret(api, vault, "github", "github")
    assert vault.get("github") == "mine"


def test_forgetting_leaves_no_note_behind(api: ControlApi, vault: FileVault) -> None:
    made(api, "github")
    pull_secret(api, vault, "github", "github")
    assert vault.get("pulled:github") is not None
    assert forget(vault, "github")
    assert vault.get("pulled:github") is None
    assert vault.names() == []


def test_off_a_terminal_the_command_wants_to_be_told(
    api: ControlApi,
    environ: dict[str, str],
    vault: FileVault,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    access = {"FLEET_API_URL": api.url, "FLEET_TOKEN": api._token}  # noqa: SLF001 - the same one
    fleet = fleet_command(monkeypatch, capsys, environ | access)
    vault.set("github", "mine")
    made(api, "github")
    done = fleet("vault", "pull", "github")
    assert done.code == 2
    assert "has another secret named github, which was left as it is" in done.err
    assert "--yes" in done.err
    assert vault.get("github") == "mine"
    assert fleet("vault", "pull", "github", "--as", "beside").code == 0
    assert vault.get("github") == "mine"
    rotated(api)
    assert fleet("vault", "pull", "github", "--yes").code == 0
    assert vault.get("github") not in {"mine", vault.get("beside")}
    assert fleet("vault", "list", "--json").json["names"] == ["beside", "github"]
