"""fleet.toml: what it can say, and a sentence with file, table and key for everything that it cannot."""

import grp
import os
import pwd
from pathlib import Path
from typing import Any

import pytest

from cli.targets.reading import KINDS, read
from cli.targets.wish import HttpWish, ProgramWish, TargetsError, VerifyWish, Wish
from domain.delivery import Outcome
from relay.connector.targets.command import Command
from relay.connector.targets.http import HttpOptions
from tests.documents import first_codes, table

ENVIRON = {"PATH": "/bin", "HOME": "/h", "FLEET_TOKEN": "fleet_x", "KEY": "k", "SECRET": "s"}


def wishes(folder: Path, text: str, **options: Any) -> list[Wish]:
    file = folder / "fleet.toml"
    file.write_text(text)
    file.chmod(0o644)
    return read(file, ENVIRON, is_chosen=options.get("is_chosen", True))


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(TargetsError) as refused:
        wishes(folder, text)
    return str(refused.value).replace(f"{folder}/", "")


def test_each_kind_of_target_can_be_described(tmp_path: Path) -> None:
    (tmp_path / "p.md").write_text("Look at {{ event.type }}.")
    (tmp_path / "below").mkdir()
    found = wishes(
        tmp_path,
        """
        [targets.app]
        http = "http://127.0.0.1:3000/hooks"
        headers = { x-env = "dev" }
        host = "app.example.test"
        verify_tls = false
        timeout = 30
        [targets.app.verify]
        sender = "github"
        secrets = ["github-prs"]
        url = "https://hooks.example.org/"
        parameters = { scheme = "x" }
        any_path = true
        [targets.ci]
        exec = ["./deploy.sh", "--fast"]
        env = { STAGE = "test", HOME = "/other" }
        pass_env = ["KEY"]
        pass_headers = ["X-GitHub-Event"]
        directory = "below"
        concurrency = 2
        timeout = 600
        on_failure = "refuse"
        allow_unverified = true
        [targets.review]
        agent = ["claude", "-p"]
        prompt_file = "p.md"
        """,
    )
    options = HttpOptions((("x-env", "dev"),), "app.example.test", False, 30.0)  # noqa: FBT003 - that is its form
    verify = VerifyWish(
        f"{tmp_path}/fleet.toml, [targets.app.verify]",
        "github",
        ("github-prs",),
        {"scheme": "x"},
        "https://hooks.example.org/",
        any_path=True,
    )
    deploy = Command(
        ("./deploy.sh", "--fast"),
        tmp_path / "below",
        {"PATH": "/bin", "HOME": "/other", "KEY": "k", "STAGE": "test"},
        ("x-github-event",),
        600.0,
        2,
        Outcome.REFUSED,
        allow_unverified=True,
    )
    claude = Command(("claude", "-p"), tmp_path, {"PATH": "/bin", "HOME": "/h"})
    assert found == [
        Wish("app", HttpWish("http://127.0.0.1:3000/hooks", options), verify),
        Wish("ci", ProgramWish(deploy)),
        Wish("review", ProgramWish(claude, "Look at {{ event.type }}.")),
    ]
    assert "SECRET" not in repr(found)


URL = "http = 'http://x'"
WHOLE = [
    ("", "fleet.toml has no targets; write a table [targets.NAME]"),
    ("[targets]", "fleet.toml has no targets"),
    ("x = ", "fleet.toml is no TOML: Invalid value (at end of document)"),
    ("[target.app]", "fleet.toml, target: there is no such table; targets are [targets.NAME]."),
    ("targets.app = 1", "fleet.toml, [targets.app]: it must be a table"),
    ("[targets.'A B']\nhttp = 'http://x'", "fleet.toml, [targets.A B]: 'A B' cannot be a name"),
    ("[targets.app]", "fleet.toml, [targets.app]: it has none of http, exec and agent"),
]
OF_A = [
    (
        (
            URL,
            "exec=['y']",
        ),
        "[targets.a]: it has http and exec; a target has exactly one",
    ),
    (("http=1",), "fleet.toml, [targets.a], http: it must be a text"),
    (("http='ftp://x'",), "[targets.a], http: A target must look like"),
    (
        (
            URL,
            "header={}",
        ),
        "[targets.a], header: there is no such key here. Did you mean headers?",
    ),
    (
        (
            URL,
            "prompt=''",
        ),
        "[targets.a], prompt: there is no such key here.",
    ),
    (
        (
            URL,
            "headers={ host='y' }",
        ),
        "[targets.a], headers: The Host header is set with",
    ),
    (
        (
            URL,
            "headers={ x=1 }",
        ),
        "headers: it must be a table of texts",
    ),
    (
        (
            URL,
            "host='a b'",
        ),
        "[targets.a], host: It must look like",
    ),
    (
        (
            URL,
            "timeout=0",
        ),
        "timeout: it must be a number of seconds, at most 43,200",
    ),
    (
        (
            URL,
            "timeout=true",
        ),
        "timeout: it must be a number of seconds",
    ),
    (
        (
            URL,
            "verify_tls='no'",
        ),
        "verify_tls: it must be true or false, without quotes",
    ),
    (
        (
            URL,
            "ca_file='none.pem'",
        ),
        "ca_file: it cannot be read: No such file",
    ),
    (
        (
            URL,
            "ca_file='fleet.toml'",
        ),
        "ca_file: it holds no certificate in PEM form",
    ),
    (
        (
            URL,
            "ca_file='y'",
            "verify_tls=false",
        ),
        "ca_file: with verify_tls = false nobody is asked",
    ),
    (
        ("exec='./x --y'",),
        'exec: it must be a list of texts, such as exec = ["./deploy.sh", "--fast"] (no shell',
    ),
    (("exec=[]",), "exec: it is empty; name a program"),
    (('exec=["x\\u0000"]',), "exec: it must be a list of texts"),
    (
        (
            "exec=['x']",
            "env={ FLEET_TOKEN='y' }",
        ),
        "env: FLEET_TOKEN cannot be given: names with FLEET_ are ours",
    ),
    (
        (
            "exec=['x']",
            "pass_env=['FLEET_TOKEN']",
        ),
        "pass_env: FLEET_TOKEN cannot be given",
    ),
    (
        (
            "exec=['x']",
            "pass_env=['NONE']",
        ),
        "pass_env: NONE is not set here; set it, or take it out",
    ),
    (
        (
            "exec=['x']",
            "env={ 'A=B'='y' }",
        ),
        "env: 'A=B' cannot be the name of a variable",
    ),
    (
        (
            "exec=['x']",
            "pass_headers=['x_y']",
        ),
        "pass_headers: 'x_y' cannot be handed over",
    ),
    (
        (
            "exec=['x']",
            "directory='none'",
        ),
        "directory: there is no folder",
    ),
    (
        (
            "exec=['x']",
            "concurrency=0",
        ),
        "concurrency: it must be a whole number from 1 to 100",
    ),
    (
        (
            "exec=['x']",
            "on_failure='ignore'",
        ),
        'on_failure: it must be "retry" or "refuse".',
    ),
    (
        (
            "exec=['x']",
            "prompt='y'",
        ),
        "prompt: there is no such key here",
    ),
    (("agent=['x']",), 'prompt: an agent has a prompt = "..." or a prompt_file'),
    (
        (
            "agent=['x']",
            "prompt='{{ evnt }}'",
        ),
        "prompt: There is no 'evnt'; a prompt can use",
    ),
    (
        (
            "agent=['x']",
            "prompt='{{'",
        ),
        "prompt: Line 1: ",
    ),
    (
        (
            "agent=['x']",
            "prompt_file='none.md'",
        ),
        "prompt_file: none.md cannot be read: No such file",
    ),
    (
        (
            URL,
            "verify=true",
        ),
        "verify: it must be a table: targets.a.verify",
    ),
    (
        (
            URL,
            "[targets.a.verify]",
        ),
        "[targets.a.verify], sender: say who signs",
    ),
    (
        (
            URL,
            "[targets.a.verify]",
            "secret='x'",
        ),
        "[targets.a.verify], secret: there is no such key here. Did you mean secrets?",
    ),
]


@pytest.mark.parametrize(("text", "sentence"), WHOLE)
def test_what_is_wrong_is_told_with_file_and_table(tmp_path: Path, text: str, sentence: str) -> None:
    assert sentence in refusal(tmp_path, text)


@pytest.mark.parametrize(("lines", "sentence"), OF_A)
def test_what_is_wrong_is_told_with_its_key(tmp_path: Path, lines: tuple[str, ...], sentence: str) -> None:
    said = refusal(tmp_path, "\n".join(["[targets.a]", *lines]))
    assert said.startswith("fleet.toml, [targets.a")
    assert sentence in said


def test_a_file_that_others_can_write_says_nothing_here(tmp_path: Path) -> None:
    file = tmp_path / "fleet.toml"
    file.write_text("[targets.a]\nhttp='http://x'\n")
    file.chmod(0o666)
    with pytest.raises(TargetsError, match="Everybody on this machine can write"):
        read(file, ENVIRON, is_chosen=True)


def test_a_file_of_another_user_has_to_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "fleet.toml"
    file.write_text("[targets.a]\nhttp='http://x'\n")
    # Only root could give it away.
    monkeypatch.setattr(os, "fstat", lambda _: os.stat_result((0o100644, 1, 1, 1, 12345, 12345, 9, 0, 0, 0)))
    with pytest.raises(TargetsError, match="belongs to another user"):
        read(file, ENVIRON, is_chosen=False)
    assert read(file, ENVIRON, is_chosen=True)


def test_a_link_in_its_place_has_to_be_named(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("[targets.a]\nhttp='http://x'\n")
    file = tmp_path / "fleet.toml"
    file.symlink_to("mine.toml")
    with pytest.raises(TargetsError, match="symbolic link"):
        read(file, ENVIRON, is_chosen=False)
    assert read(file, ENVIRON, is_chosen=True)


@pytest.mark.parametrize("mode", [0o707, 0o1777])
def test_a_folder_that_others_can_write_says_nothing_unasked(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "fleet.toml"
    file.write_text("[targets.a]\nhttp='http://x'\n")
    assert read(file, ENVIRON, is_chosen=False)
    tmp_path.chmod(mode)
    with pytest.raises(TargetsError, match="Others can write to"):
        read(file, ENVIRON, is_chosen=False)
    assert read(file, ENVIRON, is_chosen=True)
    tmp_path.chmod(0o700)


def test_a_group_of_our_own_may_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "fleet.toml"
    file.write_text("[targets.a]\nhttp='http://x'\n")
    for each in (file, tmp_path):
        each.chmod(0o770)
    name, group = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid())
    ours = grp.struct_group((name, "x", group.gr_gid, []))
    monkeypatch.setattr(grp, "getgrgid", lambda _: ours)
    assert read(file, ENVIRON, is_chosen=False)
    shared = grp.struct_group((name, "x", group.gr_gid, ["mallory"]))
    monkeypatch.setattr(grp, "getgrgid", lambda _: shared)
    with pytest.raises(TargetsError, match="Others can write to"):
        read(file, ENVIRON, is_chosen=False)
    tmp_path.chmod(0o700)
    with pytest.raises(TargetsError, match="The group of"):
        read(file, ENVIRON, is_chosen=False)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"\xff", "no text in UTF-8"), (b"#" * (1024 * 1024 + 1), "longer than 1024 KiB")],
)
def test_what_is_no_such_text_is_refused(tmp_path: Path, content: bytes, sentence: str) -> None:
    file = tmp_path / "fleet.toml"
    file.write_bytes(content)
    with pytest.raises(TargetsError, match=sentence):
        read(file, ENVIRON, is_chosen=True)
    with pytest.raises(TargetsError, match=r"no file|cannot be read"):
        read(tmp_path, ENVIRON, is_chosen=True)


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_is_told(kind: str) -> None:
    told = {
        "http": first_codes(table("docs/targets.md", "| key of `http` | meaning |")),
        "exec": first_codes(table("docs/targets.md", "| key of `exec` and `agent` | meaning |")),
    }
    known = told["http" if kind == "http" else "exec"]
    assert KINDS[kind] - {"verify"} <= {*known, "agent"}
    assert set(known) - {"prompt", "prompt_file"} <= KINDS[kind] | {"exec"}
