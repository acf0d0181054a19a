"""The vault as an encrypted file: what it keeps, and all that it refuses to work with."""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from cli.vault import VaultError, private_files
from cli.vault import file_vault as module
from cli.vault import vault as rules
from domain.secret import MAX_SECRET_BYTES
from tests.encrypted_vault import CANARY, PHRASE, asked, encrypted, mode, nobody, private

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
NAMES = st.sampled_from(["github", "pay", "login:https://relay.example.org"])
CHANGES = st.lists(st.tuples(NAMES, st.none() | TEXT), max_size=8)


def test_it_keeps_secrets_and_forgets_them(tmp_path: Path) -> None:
    vault = encrypted(tmp_path)
    assert (vault.get("github"), vault.names(), vault.delete("github")) == (None, [], False)
    assert not (tmp_path / "own").exists()  # asking makes nothing
    vault.set("pay", "one")
    vault.set("github", CANARY)
    vault.set("pay", "two")
    again = encrypted(tmp_path)
    assert (again.get("github"), again.get("pay"), again.names()) == (CANARY, "two", ["github", "pay"])
    assert (again.delete("pay"), again.delete("pay")) == (True, False)
    assert (vault.get("pay"), vault.names()) == (None, ["github"])


@effort(max_examples=40)
@given(changes=CHANGES)
def test_it_is_a_dictionary(changes: list[tuple[str, str | None]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        vault, model = encrypted(Path(folder)), dict[str, str]()
        for name, secret in changes:
            if secret is None:
                assert vault.delete(name) is (model.pop(name, None) is not None)
            else:
                vault.set(name, secret)
                model[name] = secret
        again = encrypted(Path(folder))
        assert again.names() == sorted(model)
        assert {name: again.get(name) for name in model} == model


def test_only_its_owner_reads_it_and_nobody_without_the_key(tmp_path: Path) -> None:
    vault = encrypted(tmp_path)
    old = os.umask(0)
    try:
        vault.set("github", CANARY)
    finally:
        os.umask(old)
    folder = tmp_path / "own"
    assert mode(folder) == 0o700
    files = sorted(folder.iterdir())
    assert [each.name for each in files] == ["vault", "vault.key", "vault.lock"]
    assert {mode(each) for each in files} == {0o600}
    assert not any(b"canary" in each.read_bytes() or b"github" in each.read_bytes() for each in files)
    assert f"{folder / 'vault.key'}: whoever reads both files reads the secrets" in vault.caution
    assert vault.place == f"the encrypted file {folder / 'vault'}"


def test_no_nonce_is_used_twice(tmp_path: Path) -> None:
    vault, file = encrypted(tmp_path), tmp_path / "own" / "vault"
    seen = set()
    for _ in range(20):
        vault.set("github", CANARY)
        seen.add(file.read_bytes()[31:43])
    assert len(seen) == 20


@pytest.mark.parametrize("bits", [0o640, 0o604, 0o620, 0o602])
@pytest.mark.parametrize("name", ["vault", "vault.key"])
def test_what_others_can_read_or_write_is_not_trusted(tmp_path: Path, name: str, bits: int) -> None:
    encrypted(tmp_path).set("github", CANARY)
    file = tmp_path / "own" / name
    file.chmod(bits)
    before = (tmp_path / "own" / "vault").read_bytes()
    for use in (encrypted(tmp_path).names, lambda: encrypted(tmp_path).set("pay", "x")):
        with pytest.raises(VaultError, match=f"chmod 600 {file}"):
            use()
    assert (tmp_path / "own" / "vault").read_bytes() == before


@pytest.mark.parametrize("bits", [0o770, 0o707, 0o1777])
def test_a_folder_that_others_can_write_to_is_not_trusted(tmp_path: Path, bits: int) -> None:
    vault = encrypted(tmp_path)
    vault.set("github", CANARY)
    (tmp_path / "own").chmod(bits)
    for use in (vault.names, lambda: vault.set("pay", "x"), lambda: vault.delete("github")):
        with pytest.raises(VaultError, match=f"chmod 700 {tmp_path / 'own'}"):
            use()


def test_a_symbolic_link_is_not_followed(tmp_path: Path) -> None:
    vault, file = encrypted(tmp_path), tmp_path / "own" / "vault"
    vault.set("github", CANARY)
    elsewhere = file.rename(tmp_path / "elsewhere")
    file.symlink_to(elsewhere)
    before = elsewhere.read_bytes()
    for use in (vault.names, lambda: vault.set("pay", "x")):
        with pytest.raises(VaultError, match="is a symbolic link; the vault follows none"):
            use()
    assert elsewhere.read_bytes() == before


def test_a_draft_that_somebody_has_put_there_is_not_followed(tmp_path: Path) -> None:
    vault, bait = encrypted(tmp_path), tmp_path / "bait"
    vault.set("github", CANARY)
    bait.write_text("mine")
    (tmp_path / "own" / ".vault.new").symlink_to(bait)
    vault.set("pay", "x")
    assert bait.read_text() == "mine"
    assert vault.names() == ["github", "pay"]


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    vault, file = encrypted(tmp_path), tmp_path / "own" / "vault"
    file.parent.mkdir(mode=0o700)
    os.mkfifo(file, 0o600)
    with pytest.raises(VaultError, match="is no regular file"):
        vault.names()


def test_a_file_of_another_user_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vault = encrypted(tmp_path)
    vault.set("github", CANARY)
    # It is ours, so that only one may be who we are not.
    (tmp_path / "own").chmod(0o700)
    if os.geteuid() == 0:
        os.chown(tmp_path / "own" / "vault", 12345, 12345)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(VaultError, match=r"belongs to another user|Others can write"):
        vault.names()


@pytest.mark.parametrize("place", [0, 14, 20, 40, -1])
def test_an_altered_file_is_not_opened_and_not_replaced(tmp_path: Path, place: int) -> None:
    vault, file = encrypted(tmp_path), tmp_path / "own" / "vault"
    vault.set("github", CANARY)
    altered = bytearray(file.read_bytes())
    altered[place] ^= 1
    file.write_bytes(altered)
    for use in (vault.names, lambda: vault.set("pay", "x"), lambda: vault.delete("github")):
        with pytest.raises(
            VaultError, match=r"is no vault, or is damaged|or the file was altered"
        ) as refusal:
            use()
        assert "canary" not in str(refusal.value)
    assert file.read_bytes() == altered


def test_without_its_key_nothing_is_made_anew(tmp_path: Path) -> None:
    encrypted(tmp_path).set("github", CANARY)
    key = tmp_path / "own" / "vault.key"
    key.unlink()
    for use in (encrypted(tmp_path).names, lambda: encrypted(tmp_path).set("pay", "x")):
        with pytest.raises(VaultError, match=f"key {key} is gone; put it back"):
            use()
    assert not key.exists()
    private(key, "bm90IGEga2V5\n")
    with pytest.raises(VaultError, match="does not hold the key of a vault"):
        encrypted(tmp_path).names()


def test_the_key_of_another_vault_does_not_open_it(tmp_path: Path) -> None:
    encrypted(tmp_path).set("github", CANARY)
    encrypted(tmp_path / "other").set("github", CANARY)
    (tmp_path / "other/own/vault.key").replace(tmp_path / "own/vault.key")
    with pytest.raises(VaultError, match=r"does not open .*, or the file was altered"):
        encrypted(tmp_path).names()


def test_a_passphrase_is_asked_for_once_and_opens_it(tmp_path: Path) -> None:
    maker = encrypted(tmp_path)
    maker.set("github", CANARY)
    maker.reseal(PHRASE.encode())
    assert (maker.get("github"), maker.caution) == (CANARY, "")
    (tmp_path / "own" / "vault.key").unlink()
    vault = encrypted(tmp_path, ask=asked([PHRASE]))
    assert vault.get("github") == CANARY
    vault.set("pay", "x")
    assert vault.names() == ["github", "pay"]


def test_whoever_is_asked_keeps_nobody_waiting(tmp_path: Path) -> None:
    maker, file = encrypted(tmp_path), tmp_path / "own" / "vault"
    maker.reseal(PHRASE.encode())

    def slow() -> str:
        with private_files.locked(file, patience_s=0):
            return PHRASE

    encrypted(tmp_path, ask=slow).set("github", CANARY)
    assert encrypted(tmp_path, ask=slow).delete("github")
    encrypted(tmp_path, ask=slow).reseal(None)
    assert encrypted(tmp_path).names() == []


def test_a_wrong_passphrase_opens_nothing_and_is_asked_for_again(tmp_path: Path) -> None:
    maker = encrypted(tmp_path)
    maker.set("github", CANARY)
    maker.reseal(PHRASE.encode())
    vault = encrypted(tmp_path, ask=asked(["wrong phrase", PHRASE]))
    with pytest.raises(VaultError, match="This passphrase does not open") as refusal:
        vault.get("github")
    assert "wrong phrase" not in str(refusal.value)
    assert vault.get("github") == CANARY
    with pytest.raises(VaultError, match="no terminal to ask for it; set FLEET_VAULT_PASSPHRASE_FILE"):
        encrypted(tmp_path, ask=nobody).names()


def test_a_passphrase_is_the_same_however_its_letters_are_composed(tmp_path: Path) -> None:
    encrypted(tmp_path, passphrase_file=private(tmp_path / "nfc", "caf\u00e9 caf\u00e9\n")).set("a", "b")
    assert encrypted(tmp_path, ask=asked(["cafe\u0301 cafe\u0301"])).get("a") == "b"


def test_a_file_can_hold_the_passphrase(tmp_path: Path) -> None:
    phrase = private(tmp_path / "phrase", f"{PHRASE}\n")
    vault = encrypted(tmp_path, passphrase_file=phrase)
    assert vault.caution == ""
    vault.set("github", CANARY)
    assert not (tmp_path / "own" / "vault.key").exists()
    assert encrypted(tmp_path, ask=asked([PHRASE])).get("github") == CANARY
    phrase.chmod(0o644)
    with pytest.raises(VaultError, match=f"chmod 600 {phrase}"):
        encrypted(tmp_path, passphrase_file=phrase).names()
    phrase.unlink()
    with pytest.raises(VaultError, match="which FLEET_VAULT_PASSPHRASE_FILE names"):
        encrypted(tmp_path, passphrase_file=phrase).names()


def test_a_passphrase_that_protects_nothing_is_told(tmp_path: Path) -> None:
    encrypted(tmp_path).set("github", CANARY)
    phrase = private(tmp_path / "phrase", PHRASE)
    with pytest.raises(VaultError, match="a key file opens this vault, no passphrase"):
        encrypted(tmp_path, passphrase_file=phrase).names()


def test_a_passphrase_can_be_taken_away(tmp_path: Path) -> None:
    vault = encrypted(tmp_path)
    vault.reseal(PHRASE.encode())
    vault.set("github", CANARY)
    vault.reseal(None)
    assert encrypted(tmp_path).get("github") == CANARY
    assert "whoever reads both files" in vault.caution


@pytest.mark.parametrize("secret", ["", "x" * (MAX_SECRET_BYTES + 1), "\udc80"])
def test_what_is_no_secret_is_refused(tmp_path: Path, secret: str) -> None:
    with pytest.raises(VaultError, match="A secret in the vault"):
        encrypted(tmp_path).set("github", secret)
    assert not (tmp_path / "own").exists()


@pytest.mark.parametrize("name", ["", "a\nb", "x" * 301])
def test_what_is_no_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(VaultError, match="A name in the vault has"):
        encrypted(tmp_path).set(name, "x")


def test_it_takes_no_more_than_it_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MAX_SECRETS", 2)
    vault = encrypted(tmp_path)
    vault.set("a", "x")
    vault.set("b", "x")
    vault.set("b", "y")
    with pytest.raises(VaultError, match="2 secrets, as many as it may"):
        vault.set("c", "x")
    monkeypatch.setattr(module, "_LIMIT_BYTES", 60)
    with pytest.raises(VaultError, match="has more than 60 bytes"):
        vault.names()


def test_the_largest_vault_can_be_read_again(tmp_path: Path) -> None:
    vault = encrypted(tmp_path)
    secrets = {f"n{number:03}": "\x01" * MAX_SECRET_BYTES for number in range(rules.MAX_SECRETS - 1)}
    vault.set("first", "x")
    vault._write(secrets)  # noqa: SLF001 - one by one it would take long
    vault.set("last", "x")
    assert len(vault.names()) == rules.MAX_SECRETS
