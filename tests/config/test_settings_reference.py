"""The reference says what the settings are; the files in the project are the reference."""

from pathlib import Path

import pytest
from dotenv import dotenv_values

from config import reference
from config.settings import Settings, load

UNITS = (
    "second",
    "hour",
    "deliveries",
    "byte",
    "mib",
    "share",
    "port",
    "connections",
    "events",
    "webhooks",
    "subscriptions",
    "repos",
    "polls",
    "polls",
)


def test_the_files_in_the_project_are_what_the_settings_say() -> None:
    assert reference.FILES.drifted() == []
    assert reference.FILES.main(["--check"]) == 0


def test_every_setting_is_there_once() -> None:
    page, example = reference.settings_page(), reference.env_example()
    for name in Settings.model_fields:
        assert page.count(f"| `FLEET_{name.upper()}` |") == 1
        assert example.count(f"# FLEET_{name.upper()}=") == 1


def test_every_number_has_its_unit_in_its_name_or_meaning() -> None:
    for section in reference.sections():
        for setting in section.settings:
            if "number" in setting.allowed:
                assert any(unit in setting.description.lower() for unit in UNITS), setting.name


def test_the_example_with_nothing_commented_is_the_default(tmp_path: Path) -> None:
    lines = [
        line.removeprefix("# ")
        for line in reference.env_example().splitlines()
        if line.startswith("# FLEET_")
    ]
    env_file = tmp_path / ".env"
    env_file.write_text("\n".join(lines))
    assert set(dotenv_values(env_file)) == {f"FLEET_{name.upper()}" for name in Settings.model_fields}
    plain = load({"FLEET_STATE_DIR": str(tmp_path / ".fleet")})
    assert load({"FLEET_ENV_FILE": str(env_file)}) == plain


def test_drift_is_found_and_writing_ends_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert reference.FILES.main(["--check"], tmp_path) == 1
    assert reference.FILES.main(["--write"], tmp_path) == 0
    assert reference.FILES.main(["--check"], tmp_path) == 0
    with (tmp_path / ".env.example").open("a") as file:
        file.write("# by hand\n")
    capsys.readouterr()
    assert reference.FILES.main(["--check"], tmp_path) == 1
    assert capsys.readouterr().err == (
        ".env.example is not what the settings say; run `python -m config.reference --write`.\n"
    )


def test_anything_else_is_a_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert reference.FILES.main(["--help"]) == 2
    assert "--write | --check" in capsys.readouterr().err
