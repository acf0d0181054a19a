"""The vault in a keyring: an entry for each secret, a list of their names, and keyrings that do not work."""

import json
import threading
from pathlib import Path

import pytest

from cli.vault import VaultError
from cli.vault import vault as rules
from cli.vault.keyring_vault import KeyringVault
from cli.vault.known_names import KnownNames
from tests.encrypted_vault import CANARY, mode
from tests.rings import BrokenRing, LockedRing, MemoryRing, ShortRing, SilentRing


def vault_in(ring: MemoryRing, folder: Path, patience_s: float = 10) -> KeyringVault:
    return KeyringVault(ring, "the keyring of a test", KnownNames(folder / "own" / "names"), patience_s)


def test_it_keeps_secrets_and_forgets_them(tmp_path: Path) -> None:
    ring = MemoryRing()
    vault = vault_in(ring, tmp_path)
    assert (vault.get("github"), vault.names()) == (None, [])
    vault.set("pay", "one")
    vault.set("github", CANARY)
    vault.set("pay", "two")
    again = vault_in(ring, tmp_path)
    assert (again.get("github"), again.get("pay"), again.names()) == (CANARY, "two", ["github", "pay"])
    assert (again.delete("pay"), again.delete("pay")) == (True, False)
    assert (vault.get("pay"), vault.names()) == (None, ["github"])
    assert (vault.place, vault.caution) == ("the keyring of a test", "")


def test_each_secret_is_an_entry_of_its_own_and_only_names_are_in_the_file(tmp_path: Path) -> None:
    ring = MemoryRing()
    vault_in(ring, tmp_path).set("github", CANARY)
    assert ring.entries == {("fleet-gateway/github", "fleet"): CANARY}
    names = tmp_path / "own" / "names"
    assert json.loads(names.read_bytes()) == ["github"]
    assert (mode(names), mode(names.parent)) == (0o600, 0o700)


def test_two_at_once_lose_no_name(tmp_path: Path) -> None:
    ring = MemoryRing()

    def keep(prefix: str) -> None:
        vault = vault_in(ring, tmp_path)
        for number in range(20):
            vault.set(f"{prefix}{number}", "x")

    threads = [threading.Thread(target=keep, args=(prefix,)) for prefix in "abc"]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(vault_in(ring, tmp_path).names()) == 60


def test_a_locked_keyring_is_told_with_what_to_do(tmp_path: Path) -> None:
    vault = vault_in(LockedRing(), tmp_path)
    for use in (lambda: vault.get("github"), lambda: vault.set("github", CANARY)):
        with pytest.raises(VaultError) as refusal:
            use()
        assert str(refusal.value) == (
            "The keyring of a test is locked; unlock it,"
            " or set FLEET_VAULT=file to keep secrets in an encrypted file."
        )
    assert vault.names() == []


def test_the_words_of_a_keyring_are_not_repeated(tmp_path: Path) -> None:
    vault = vault_in(BrokenRing(), tmp_path)
    with pytest.raises(VaultError, match=r"did not do this \(ConnectionError\)") as refusal:
        vault.set("github", CANARY)
    assert CANARY not in str(refusal.value)
    assert refusal.value.__suppress_context__
    assert vault.names() == []


def test_a_failure_does_not_unlist_what_is_there(tmp_path: Path) -> None:
    vault_in(MemoryRing(), tmp_path).set("github", CANARY)
    broken = vault_in(BrokenRing(), tmp_path)
    with pytest.raises(VaultError):
        broken.set("github", "new")
    assert broken.names() == ["github"]


def test_a_keyring_that_cuts_secrets_is_noticed(tmp_path: Path) -> None:
    vault = vault_in(ShortRing(), tmp_path)
    vault.set("short", "x" * 16)
    with pytest.raises(VaultError, match="did not keep this secret whole; set FLEET_VAULT=file"):
        vault.set("long", "x" * 17)
    assert vault.names() == ["short"]


def test_a_keyring_that_waits_for_somebody_is_not_waited_for(tmp_path: Path) -> None:
    ring = SilentRing()
    try:
        with pytest.raises(
            VaultError, match=r"did not answer within 0\.05 seconds; perhaps it asks on another"
        ):
            vault_in(ring, tmp_path, patience_s=0.05).get("github")
    finally:
        ring.answered.set()


def test_a_name_whose_secret_was_never_kept_can_be_forgotten(tmp_path: Path) -> None:
    vault = vault_in(MemoryRing(), tmp_path)
    vault.set("pay", "x")
    KnownNames(tmp_path / "own" / "names").add("github")  # killed before the keyring had it
    assert vault.names() == ["github", "pay"]
    assert vault.get("github") is None
    assert vault.delete("github") is False
    assert vault.names() == ["pay"]


@pytest.mark.parametrize("content", ["", "{}", "nothing", '"a"'])
def test_a_damaged_list_is_told_with_what_to_do(tmp_path: Path, content: str) -> None:
    vault = vault_in(MemoryRing(), tmp_path)
    vault.set("github", CANARY)
    (tmp_path / "own" / "names").write_text(content)
    for use in (vault.names, lambda: vault.set("pay", "x")):
        with pytest.raises(VaultError, match=r"is damaged\. Delete it: the secrets stay"):
            use()
    (tmp_path / "own" / "names").unlink()
    assert vault.get("github") == CANARY


def test_it_takes_no_more_than_it_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MAX_SECRETS", 1)
    vault = vault_in(MemoryRing(), tmp_path)
    vault.set("a", "x")
    with pytest.raises(VaultError, match="as many as it may"):
        vault.set("b", "x")
