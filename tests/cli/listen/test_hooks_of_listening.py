"""Webhooks that are listened to: reused, or made when it is known who calls; secrets go to the vault."""

from pathlib import Path

import pytest

from cli.client import ApiError, ControlApi
from cli.listen.hooks import Hook, Keeper, Whereabouts, waits_for_pull
from cli.vault import Vault, VaultError, open_vault
from config.settings import load
from domain.errors import InvalidInputError
from domain.webhook import GIT
from relay.server.api.next_step import about_held

OWN = "listen-here"


@pytest.fixture
def api(address: str, home: tuple[str, str]) -> ControlApi:
    return ControlApi(f"http://{address}", home[1])


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return open_vault(load({"FLEET_VAULT": "file", "FLEET_VAULT_FILE": str(tmp_path / "vault")}))


@pytest.fixture
def keeper(api: ControlApi, vault: Vault) -> Keeper:
    return Keeper(api, vault, OWN, "33000")


def test_the_webhook_of_this_machine_is_made_once_and_is_open(keeper: Keeper, api: ControlApi) -> None:
    [made] = keeper.hooks([], None)
    [again] = keeper.hooks([], None)
    assert (made.name, made.is_new, made.is_open, made.secret) == (OWN, True, True, Whereabouts.NOWHERE)
    assert (made.next_step, made.trouble) == ("", "")
    assert (again.view["id"], again.is_new) == (made.view["id"], False)
    assert again.view["url"] == made.view["url"]
    assert api.ask("GET", "webhooks", OWN)["description"] == "Made by fleet listen."


def test_of_a_known_sender_it_demands_signatures_and_the_secret_is_in_the_vault(
    keeper: Keeper, vault: Vault, api: ControlApi
) -> None:
    [made] = keeper.hooks([], "github")
    assert (made.view["sender"], made.view["signature"]) == ("github", "required")
    assert made.secret is Whereabouts.VAULT
    secret = vault.get(OWN)
    assert secret is not None
    assert len(secret) == 64
    assert secret not in repr(made)
    assert made.next_step.startswith("Paste it into the field Secret")
    assert not api.ask("GET", "webhooks", OWN)["held"]
    [again] = keeper.hooks([], "github")
    assert (again.secret, again.is_new, again.next_step) == (Whereabouts.VAULT, False, "")


def test_a_name_that_is_nearly_a_sender_is_asked_about_with_the_port_that_was_typed(keeper: Keeper) -> None:
    with pytest.raises(InvalidInputError) as caught:
        keeper.hooks(["githb"], None)
    assert "There is no webhook githb. Did you mean github or " in str(caught.value)
    assert "'fleet listen 33000 githb --sender github'" in str(caught.value)


def test_a_name_that_is_a_sender_says_who_calls(keeper: Keeper, vault: Vault) -> None:
    made = keeper.hooks(["stripe", "gitlab"], None)
    assert [hook.view["sender"] for hook in made] == ["stripe", "gitlab"]
    assert [hook.secret for hook in made] == [Whereabouts.NOWHERE, Whereabouts.VAULT]
    assert vault.names() == ["gitlab"]


@pytest.mark.parametrize("sender", ["stripe", "slack", "svix"])
def test_whose_secret_the_sender_makes_says_where_it_is_and_how_it_is_stored(
    keeper: Keeper, sender: str
) -> None:
    [made] = keeper.hooks([], sender)
    assert made.secret is Whereabouts.NOWHERE
    assert "no secret is set: every event is rejected" in made.view["signature"]
    assert f"'fleet webhooks set-secret {OWN}'" in made.next_step
    [again] = keeper.hooks([], sender)
    assert f"'fleet webhooks set-secret {OWN}'" in again.next_step


def test_when_it_is_stored_there_is_nothing_to_be_done(keeper: Keeper, api: ControlApi) -> None:
    keeper.hooks(["slack"], None)
    api.ask("PUT", "webhooks", "slack", "secret", body={"secret": "8f742231b10e8888abcd99yyyzzz85a5"})
    [found] = keeper.hooks(["slack"], None)
    assert (found.secret, found.next_step) == (Whereabouts.GATEWAY, "")


def test_a_missing_one_is_not_guessed_and_nothing_is_made_then(keeper: Keeper, api: ControlApi) -> None:
    with pytest.raises(InvalidInputError, match="'fleet listen 33000 gihub --sender github'"):
        keeper.hooks(["github", "gihub"], None)
    assert api.ask("GET", "webhooks")["webhooks"] == []
    [made] = keeper.hooks(["gihub"], "custom")
    assert (made.view["signature"], made.secret) == ("required", Whereabouts.VAULT)


def test_one_of_another_sender_is_refused(keeper: Keeper) -> None:
    keeper.hooks(["github"], None)
    with pytest.raises(InvalidInputError, match="for github and not for stripe"):
        keeper.hooks(["github"], "stripe")
    [found] = keeper.hooks(["github"], "github")
    assert not found.is_new


def test_a_name_that_cannot_be_one_is_refused_before_anything_is_asked(keeper: Keeper) -> None:
    with pytest.raises(InvalidInputError, match="cannot be a name"):
        keeper.hooks(["No Name"], "github")


def test_a_sender_that_is_misspelt_is_refused_by_the_relay(keeper: Keeper) -> None:
    with pytest.raises(ApiError, match="There is no sender 'gihub'"):
        keeper.hooks([], "gihub")


def test_the_receiver_of_git_hosts_can_be_listened_to(keeper: Keeper) -> None:
    [made] = keeper.hooks([GIT], None)
    assert made.view["sender"] == GIT


def test_another_secret_in_the_vault_is_never_replaced(keeper: Keeper, vault: Vault, api: ControlApi) -> None:
    vault.set("github", "that of production")
    [made] = keeper.hooks(["github"], None)
    assert made.secret is Whereabouts.HELD
    assert "another secret named github" in made.trouble
    assert vault.get("github") == "that of production"
    assert api.ask("GET", "webhooks", "github")["held"]


def test_nor_one_that_has_the_name_of_the_webhook_of_this_machine(
    keeper: Keeper, vault: Vault, api: ControlApi
) -> None:
    vault.set(OWN, "put there by hand")
    [made] = keeper.hooks([], "github")
    assert made.secret is Whereabouts.HELD
    assert f"'fleet vault pull {OWN} --as OTHER'" in made.trouble
    assert vault.get(OWN) == "put there by hand"
    assert api.ask("GET", "webhooks", OWN)["held"]


def test_after_a_rotation_the_new_secret_takes_the_place_of_the_one_that_was_pulled(
    keeper: Keeper, vault: Vault, api: ControlApi
) -> None:
    keeper.hooks(["github"], None)
    first = vault.get("github")
    api.ask("POST", "webhooks", "github", "secrets", body={"hold": True})
    [again] = keeper.hooks(["github"], None)
    assert (again.secret, again.trouble) == (Whereabouts.VAULT, "")
    assert vault.get("github") not in {None, first}


def test_without_a_vault_the_secret_waits_and_listening_goes_on(api: ControlApi, vault: Vault) -> None:
    broken = VaultError("The vault is locked; unlock it.")
    [made] = Keeper(api, broken, OWN, "33000").hooks([], "github")
    assert (made.secret, made.trouble) == (Whereabouts.HELD, str(broken))
    assert f"'fleet vault pull {OWN}'" in made.next_step
    [later] = Keeper(api, vault, OWN, "33000").hooks([], "github")
    assert later.secret is Whereabouts.VAULT
    assert vault.names() == [OWN]


def test_what_the_relay_says_of_a_held_secret_is_known() -> None:
    assert waits_for_pull("shop") == about_held("shop")


def test_who_sends_is_told_by_title() -> None:
    view = {"sender": "nobody-we-know", "signature": "unverified"}
    hook = Hook(view, is_new=False, secret=Whereabouts.NOWHERE, trouble="", next_step="")
    assert hook.title == "nobody-we-know"
