"""`fleet vault`: secrets come from a hidden prompt or standard input, and are shown on a terminal only."""

from pathlib import Path

import pytest

from tests.command_line import Fleet
from tests.encrypted_vault import CANARY, PHRASE
from tests.terminal import on_a_terminal, talk

SET = ["vault", "set", "github", "--stdin"]


def test_a_secret_is_read_listed_and_forgotten(fleet: Fleet, tmp_path: Path) -> None:
    kept = fleet(*SET, stdin=f"{CANARY}\n".encode())
    file = tmp_path / "own" / "vault"
    assert kept.code == 0
    first, second = kept.out.splitlines()
    assert first == f"github is kept in the encrypted file {file}."
    assert second.startswith(f"Its key is in {file}.key: whoever reads both files reads the secrets.")
    again = fleet(*SET, stdin=b"another")
    assert again.out.splitlines() == [first]
    listed = fleet("vault", "list")
    assert "whoever reads both files" in listed.out
    assert "github" in listed.out
    assert "secret" in listed.out
    forgotten = fleet("vault", "delete", "github", "--yes")
    assert (forgotten.code, forgotten.out) == (0, f"github is out of the encrypted file {file}.\n")
    assert fleet("vault", "list").out.startswith(f"There is nothing in the encrypted file {file} yet;")
    assert "canary" not in kept.out + kept.err + listed.out + forgotten.out


def test_programs_get_names_and_never_a_secret(fleet: Fleet, tmp_path: Path) -> None:
    place = f"the encrypted file {tmp_path / 'own' / 'vault'}"
    assert fleet(*SET, "--json", stdin=CANARY.encode()).json == {"name": "github", "vault": place}
    assert fleet("vault", "list", "--json").json == {"vault": place, "names": ["github"]}
    assert fleet("vault", "delete", "github", "--yes", "--json").json == {"deleted": "github", "vault": place}
    assert fleet("vault", "show", "github", "--json").code == 2


@pytest.mark.parametrize("stdin", [b"", b" x", b"a\tb", b"x" * 4097, b"\xff"])
def test_what_can_be_no_secret_is_refused(fleet: Fleet, stdin: bytes) -> None:
    done = fleet(*SET, stdin=stdin)
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert fleet("vault", "list", "--json").json["names"] == []


@pytest.mark.parametrize("name", ["login:https://relay.example.org", "Upper", "a b", "-x"])
def test_only_what_could_name_a_webhook_can_be_set(fleet: Fleet, name: str) -> None:
    assert fleet("vault", "set", "--stdin", "--", name, stdin=b"x").code == 1


def test_without_a_terminal_nobody_is_asked(fleet: Fleet) -> None:
    done = fleet("vault", "set", "github", stdin=CANARY.encode())
    assert (done.code, "--stdin reads" in done.err) == (2, True)


def test_what_is_not_there_is_told(fleet: Fleet) -> None:
    done = fleet("vault", "delete", "github", "--yes")
    assert done.code == 1
    assert "There is no 'github' in the encrypted file" in done.err


@pytest.mark.parametrize("words", [["show"], ["delete"]])
def test_whoever_is_not_at_a_terminal_is_refused(fleet: Fleet, words: list[str]) -> None:
    fleet(*SET, stdin=CANARY.encode())
    done = fleet("vault", *words, "github", stdin=b"y\n")
    assert done.code in {1, 2}
    assert "canary" not in done.out + done.err
    assert fleet("vault", "list", "--json").json["names"] == ["github"]


def test_a_secret_never_goes_into_a_pipe(fleet: Fleet, environ: dict[str, str]) -> None:
    fleet(*SET, stdin=CANARY.encode())
    done, screen = on_a_terminal(environ, "vault show github", b"y\n")
    assert done.returncode == 1
    assert b"shown only to a person at a terminal" in done.stderr
    assert b"canary" not in done.stdout + done.stderr + screen


def test_on_a_terminal_it_is_shown_after_asking(fleet: Fleet, environ: dict[str, str]) -> None:
    fleet(*SET, stdin=CANARY.encode())
    question = b"Show github on this screen? [y/N]: "
    code, screen = talk(environ, ["vault", "show", "github"], [(question, b"y\n")])
    assert code == 0
    assert screen == question + b"y\n" + CANARY.encode() + b"\n"
    code, screen = talk(environ, ["vault", "show", "github"], [(question, b"n\n")])
    assert code == 1
    assert b"canary" not in screen


def test_a_secret_is_taken_exactly_and_cannot_command_the_terminal(
    fleet: Fleet, environ: dict[str, str]
) -> None:
    fleet(*SET, "--exact", stdin=b" a\x1b[2Jb\nc\n")
    code, screen = talk(environ, ["vault", "show", "github"], [(b"[y/N]: ", b"y\n")])
    assert code == 0
    assert b"\x1b" not in screen
    assert " a\N{REPLACEMENT CHARACTER}[2Jb\nc\n\nIt has characters that cannot be shown" in screen.decode()


def test_it_is_asked_for_twice_and_never_shown(environ: dict[str, str], fleet: Fleet) -> None:
    typed = f"{CANARY}\n".encode()
    turns = [(b"Secret: ", typed), (b"Repeat for confirmation: ", b"other\n")]
    turns += [(b"do not match", b""), (b"Secret: ", typed), (b"Repeat for confirmation: ", typed)]
    code, screen = talk(environ, ["vault", "set", "github"], turns)
    assert code == 0
    assert b"github is kept in" in screen
    assert b"canary" not in screen
    assert fleet("vault", "list", "--json").json["names"] == ["github"]


def test_a_passphrase_is_given_asked_for_and_taken_away(fleet: Fleet, environ: dict[str, str]) -> None:
    fleet(*SET, stdin=CANARY.encode())
    phrase = f"{PHRASE}\n".encode()
    new = [(b"New passphrase: ", phrase), (b"Repeat for confirmation: ", phrase)]
    code, screen = talk(environ, ["vault", "passphrase"], new)
    assert code == 0
    assert b"From now on a passphrase opens the encrypted file" in screen
    nobody = fleet("vault", "list")
    assert nobody.code == 1
    assert "there is no terminal to ask for it" in nobody.err
    asked = (f"Passphrase of {environ['FLEET_VAULT_FILE']}: ".encode(), phrase)
    code, screen = talk(environ, ["vault", "show", "github"], [asked, (b"[y/N]: ", b"y\n")])
    assert (code, screen.endswith(CANARY.encode() + b"\n")) == (0, True)
    code, screen = talk(environ, ["vault", "passphrase", "--remove"], [asked])
    assert (code, PHRASE.encode() in screen) == (0, False)
    assert fleet("vault", "list", "--json").json["names"] == ["github"]


def test_a_passphrase_is_long_enough_or_comes_from_a_file(
    fleet: Fleet, environ: dict[str, str], tmp_path: Path
) -> None:
    phrase = tmp_path / "phrase"
    phrase.write_text(PHRASE)
    phrase.chmod(0o600)
    locked = {**environ, "FLEET_VAULT_PASSPHRASE_FILE": str(phrase)}
    short = [(b"New passphrase: ", b"short\n"), (b"Repeat for confirmation: ", b"short\n")]
    code, screen = talk(environ, ["vault", "passphrase"], short)
    assert (code, b"has at least 8 characters" in screen) == (1, True)
    code, _ = talk(locked, ["vault", "set", "pay"], [(b"Secret: ", b"x\n"), (b"confirmation: ", b"x\n")])
    assert code == 0
    assert fleet("vault", "list").code == 1


def test_no_option_takes_a_secret(fleet: Fleet) -> None:
    assert fleet("vault", "set", "github", CANARY).code == 2
    assert fleet("vault", "set", "github", "--secret", CANARY).code == 2
    assert fleet("login", "--token", CANARY).code == 2
