"""Which vault a machine has: by its settings, by its keyring, and by where secrets are already."""

from pathlib import Path

import pytest
from keyring.backend import KeyringBackend
from keyring.backends.SecretService import Keyring as SecretService

from cli.vault import Vault, VaultError, open_vault, system_keyring
from cli.vault.file_vault import FileVault
from cli.vault.keyring_vault import KeyringVault
from cli.vault.opening import vault_file
from config.settings import load
from tests.encrypted_vault import CANARY, private
from tests.rings import MemoryRing


class DesktopRing(MemoryRing):
    """Looks as if it came with the system."""

    __module__ = SecretService.__module__


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> list[KeyringBackend]:
    """The keyrings of this machine."""
    found: list[KeyringBackend] = []
    monkeypatch.setattr(system_keyring.backend, "get_all_keyring", lambda: found)
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", "/nonexistent")
    return found


def opened(folder: Path, **environ: str) -> Vault:
    return open_vault(load({"FLEET_VAULT_FILE": str(folder / "own" / "vault"), **environ}))


def test_without_a_keyring_it_is_a_file(system: list[KeyringBackend], tmp_path: Path) -> None:
    assert system == []
    assert isinstance(opened(tmp_path), FileVault)
    with pytest.raises(VaultError, match=r"There is no keyring here.*set it to file"):
        opened(tmp_path, FLEET_VAULT="keyring")


def test_the_keyring_of_the_system_goes_before_a_file(system: list[KeyringBackend], tmp_path: Path) -> None:
    system.append(DesktopRing())
    vault = opened(tmp_path)
    assert isinstance(vault, KeyringVault)
    assert vault.place == "the Secret Service of this desktop"
    assert isinstance(opened(tmp_path, FLEET_VAULT="keyring"), KeyringVault)
    assert isinstance(opened(tmp_path, FLEET_VAULT="file"), FileVault)


def test_no_other_keyring_is_taken_unasked(system: list[KeyringBackend], tmp_path: Path) -> None:
    system.append(MemoryRing())
    assert isinstance(opened(tmp_path), FileVault)


def test_it_stays_with_a_file_that_is_there(system: list[KeyringBackend], tmp_path: Path) -> None:
    opened(tmp_path).set("github", CANARY)
    system.append(DesktopRing())
    assert opened(tmp_path).get("github") == CANARY


def test_it_stays_with_a_keyring_that_has_secrets(system: list[KeyringBackend], tmp_path: Path) -> None:
    system.append(DesktopRing())
    opened(tmp_path).set("github", CANARY)
    opened(tmp_path, FLEET_VAULT="file").set("other", "x")
    assert opened(tmp_path).names() == ["github"]
    system.clear()
    assert opened(tmp_path).names() == ["other"]
    (tmp_path / "own" / "vault").unlink()
    with pytest.raises(VaultError, match="cannot be reached from here, as over ssh"):
        opened(tmp_path)


@pytest.mark.parametrize("name", ["keyring.backends.null.Keyring", "keyring.backends.fail.Keyring"])
def test_whoever_wants_no_keyring_has_none(
    system: list[KeyringBackend], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    system.append(DesktopRing())
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", name)
    assert isinstance(opened(tmp_path), FileVault)
    with pytest.raises(VaultError, match="There is no keyring here"):
        opened(tmp_path, FLEET_VAULT="keyring")


@pytest.mark.usefixtures("system")
def test_a_keyring_of_the_owner_is_taken_when_he_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", f"{MemoryRing.__module__}.MemoryRing")
    assert isinstance(opened(tmp_path), FileVault)
    assert opened(tmp_path, FLEET_VAULT="keyring").place == "the keyring tests.rings.MemoryRing"


@pytest.mark.usefixtures("system")
def test_a_keyring_that_cannot_be_loaded_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "nowhere.at.All")
    with pytest.raises(VaultError, match=r"cannot be used \(ModuleNotFoundError\)"):
        opened(tmp_path)


@pytest.mark.usefixtures("system")
def test_files_stand_in_the_home_or_where_the_settings_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert vault_file(load({})) == tmp_path / ".config/fleet/vault"
    key = tmp_path / "elsewhere.key"
    opened(tmp_path, FLEET_VAULT_KEY_FILE=str(key)).set("github", CANARY)
    assert key.exists()
    assert not (tmp_path / "own" / "vault.key").exists()


@pytest.mark.usefixtures("system")
def test_a_file_with_the_passphrase_is_read(tmp_path: Path) -> None:
    phrase = private(tmp_path / "phrase", "correct horse")
    opened(tmp_path, FLEET_VAULT_PASSPHRASE_FILE=str(phrase)).set("github", CANARY)
    assert not (tmp_path / "own" / "vault.key").exists()
    assert opened(tmp_path, FLEET_VAULT_PASSPHRASE_FILE=str(phrase)).get("github") == CANARY


def test_nobodys_home_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load({})  # needs none

    def nobodys(_: Path) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "expanduser", nobodys)
    with pytest.raises(VaultError, match="no home; name a file for the vault in FLEET_VAULT_FILE"):
        vault_file(settings)
