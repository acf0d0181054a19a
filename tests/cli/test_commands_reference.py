"""The reference of commands and deliveries says what the code does; the files in the project are it."""

import re
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup
from typer.main import get_command

from cli import reference
from cli.main import app
from tests.documents import commands


def test_the_generated_documents_are_what_the_code_says() -> None:
    assert reference.FILES.drifted() == []
    assert reference.FILES.main(["--check"]) == 0


def test_drift_is_found_and_writing_ends_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "docs").mkdir()
    page = tmp_path / "docs" / "deliveries.md"
    page.write_text("Before.\n<!-- generated: life -->\n<!-- end -->\nAfter.\n")
    assert reference.FILES.main(["--check"], tmp_path) == 1
    assert reference.FILES.main(["--write"], tmp_path) == 0
    assert reference.FILES.main(["--check"], tmp_path) == 0
    text = page.read_text()
    assert text.startswith("Before.\n<!-- generated: life -->\n```mermaid\n")
    assert "\n```\n<!-- end -->\nAfter.\n" in text
    page.write_text(text.replace("queued --> sent", "queued --> dead"))
    capsys.readouterr()
    assert reference.FILES.main(["--check"], tmp_path) == 1
    assert capsys.readouterr().err == (
        "docs/deliveries.md is not what the code says; run `python -m cli.reference --write`.\n"
    )


def test_anything_else_is_a_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert reference.FILES.main([]) == 2
    assert "--write | --check" in capsys.readouterr().err


def test_every_command_has_its_section_with_all_its_options() -> None:
    page = reference.commands_page()
    root = get_command(app)
    assert isinstance(root, TyperGroup)
    for name in commands():
        assert len(re.findall(rf"^##+ fleet {name}$", page, re.MULTILINE)) == 1, name
    webhooks = root.commands["webhooks"]
    assert isinstance(webhooks, TyperGroup)
    create = webhooks.commands["create"]
    section = page.split("### fleet webhooks create\n")[1].split("\n### ")[0]
    for parameter in create.get_params(typer.Context(create)):
        assert parameter.name == "help" or f"| `{parameter.opts[0]}" in section.replace("NAME", "name")
