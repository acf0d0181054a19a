"""The root script on a machine that has Python and nothing of ours; the package index is a folder."""

import ast
import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "fleet"

REPORT = """
import importlib.util, json, os, sys
print(json.dumps({
    "argv": sys.argv[1:], "prefix": sys.prefix, "path": sys.path, "cwd": os.getcwd(), "env": dict(os.environ),
    "version": importlib.import_module("tiny").VERSION, "tools": bool(importlib.util.find_spec("pytest")),
}))
"""


def add_wheel(index: Path, name: str, version: int, module: str, text: str) -> str:
    """Puts a package of one module into the index; answers its line for a lock."""
    wheel = index / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(f"{module}.py", text)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"


class Project:
    """A copy of the script with a project of its own around it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "project"
        self.index = folder / "index"
        for each in (self.root / "requirements", self.root / "cli", self.index):
            each.mkdir(parents=True)
        shutil.copy(SCRIPT, self.root / "fleet")
        (self.root / "cli/__main__.py").write_text(REPORT)
        self.lock(1)

    def lock(self, version: int) -> None:
        tiny = add_wheel(self.index, "tiny", version, "tiny", f"VERSION = {version}")
        tools = add_wheel(self.index, "tools", 1, "pytest", REPORT)
        (self.root / "requirements/runtime.txt").write_text(tiny)
        (self.root / "requirements/dev.txt").write_text(tiny + tools)

    def environment(self, more: Mapping[str, str]) -> dict[str, str]:
        plain = {
            name: value for name, value in os.environ.items() if not name.startswith(("FLEET_", "PYTHON"))
        }
        return {**plain, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.index), **more}

    def start(self, *arguments: str, script: Path | None = None, **more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(  # noqa: S603 - the script under test
            [sys.executable, str(script or self.root / "fleet"), *arguments],
            env=self.environment(more),
            cwd=self.index,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, script: Path | None = None, **more: str) -> tuple[dict, str]:
        """What the command reported, and what the script said."""
        with self.start(*arguments, script=script, **more) as running:
            report, said = running.communicate()
        assert running.returncode == 0, said
        return json.loads(report), said

    def fail(self, prelude: str = "pass", **more: str) -> str:
        """What the script said when it gave up; `prelude` changes the world it finds."""
        code = (
            f"import runpy, sys; {prelude}; runpy.run_path({str(self.root / 'fleet')!r}, run_name='__main__')"
        )
        done = subprocess.run(  # noqa: S603 - the script under test
            [sys.executable, "-c", code],
            env=self.environment(more),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        return done.stderr


@pytest.fixture
def fresh(tmp_path: Path) -> Project:
    """A project that nothing was installed for."""
    return Project(tmp_path)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project that was run once."""
    project = Project(tmp_path_factory.mktemp("bootstrap"))
    report, said = project.run("demo", "--once")
    assert report["argv"] == ["demo", "--once"]
    assert report["prefix"] == str(project.root / ".venv")
    assert [line.split("/")[0].split(" in ")[0] for line in said.splitlines()] == [
        "Making a virtual environment",
        "  made",
        "Installing the 1 packages of requirements",
        "  all fetched; putting them",
        "Installed",
    ]
    return project


def test_the_second_run_says_nothing_and_reads_the_project_from_its_folder(installed: Project) -> None:
    report, said = installed.run("up")
    assert said == ""
    assert report["path"][-1] == str(installed.root)
    # Not the caller's folder: a `config` that lies there must not win over ours.
    assert str(installed.index) not in report["path"]
    assert report["cwd"] == str(installed.index)
    assert not report["tools"]


def test_it_can_be_called_through_a_link(installed: Project, tmp_path: Path) -> None:
    link = tmp_path / "fleet"
    link.symlink_to(installed.root / "fleet")
    report, said = installed.run("up", script=link)
    assert (said, report["prefix"]) == ("", str(installed.root / ".venv"))


def test_the_state_folder_does_not_depend_on_where_it_is_called(installed: Project) -> None:
    assert installed.run()[0]["env"]["FLEET_STATE_DIR"] == str(installed.root / ".fleet")
    assert installed.run(FLEET_STATE_DIR="/elsewhere")[0]["env"]["FLEET_STATE_DIR"] == "/elsewhere"


def test_the_command_knows_how_it_was_called(installed: Project, tmp_path: Path) -> None:
    script = installed.root / "fleet"
    assert installed.run()[0]["env"]["FLEET_CALLED_AS"] == str(script)
    link = tmp_path / "fleet"
    link.symlink_to(script)
    found = f"{tmp_path}:{os.environ['PATH']}"
    assert installed.run(script=link, PATH=found)[0]["env"]["FLEET_CALLED_AS"] == "fleet"


def test_an_env_file_beside_it_is_named_to_the_command(installed: Project) -> None:
    env_file = installed.root / ".env"
    try:
        env_file.write_text("# FLEET_STATE_DIR=.fleet\nFLEET_RELAY_PORT=9000\n")
        environment = installed.run()[0]["env"]
        assert environment["FLEET_ENV_FILE"] == str(env_file)
        assert environment["FLEET_STATE_DIR"] == str(installed.root / ".fleet")
        env_file.write_text("FLEET_STATE_DIR = other\n")
        assert "FLEET_STATE_DIR" not in installed.run()[0]["env"]
        assert installed.run(FLEET_ENV_FILE="/mine")[0]["env"]["FLEET_ENV_FILE"] == "/mine"
    finally:
        env_file.unlink()


def test_an_env_file_elsewhere_may_say_where_the_state_is(installed: Project, tmp_path: Path) -> None:
    mine, beside = tmp_path / "mine.env", installed.root / ".env"
    mine.write_text("FLEET_STATE_DIR=mine\n")
    try:
        beside.write_text("FLEET_RELAY_PORT=9000\n")
        assert "FLEET_STATE_DIR" not in installed.run(FLEET_ENV_FILE=str(mine))[0]["env"]
        # And what stands beside the script says nothing when another file is named.
        beside.write_text("FLEET_STATE_DIR=beside\n")
        mine.write_text("FLEET_RELAY_PORT=9000\n")
        found = installed.run(FLEET_ENV_FILE=str(mine))[0]["env"]
        assert found["FLEET_STATE_DIR"] == str(installed.root / ".fleet")
        for unreadable in (tmp_path, tmp_path / "missing"):
            assert installed.run(FLEET_ENV_FILE=str(unreadable))[0]["env"]["FLEET_ENV_FILE"] == str(
                unreadable
            )
    finally:
        beside.unlink()


def test_tests_get_the_tools_and_no_settings_and_runtime_is_content_with_that(tmp_path: Path) -> None:
    project = Project(tmp_path)
    report, said = project.run("test", "-k", "some", FLEET_RELAY_PORT="1", FLEET_TEST_X="2")
    assert "2 packages of requirements/dev.txt" in said
    assert report["argv"] == ["-k", "some"]
    assert report["cwd"] == str(project.root)
    assert {name for name in report["env"] if name.startswith("FLEET_")} == {"FLEET_TEST_X"}
    assert project.run("up")[1] == ""
    # A new lock is installed for the product too, and the tools stay.
    project.lock(2)
    report, said = project.run("up")
    assert "requirements/dev.txt" in said
    assert "Making" not in said
    assert (report["version"], report["tools"]) == (2, True)
    # A folder that was moved holds the old path in many places: it is made anew.
    moved = tmp_path / "moved"
    project.root.rename(moved)
    project.root = moved
    report, said = project.run("up")
    assert "Making a virtual environment" in said
    assert report["prefix"] == str(moved / ".venv")


def test_a_wrong_hash_is_refused_and_an_unfinished_installation_begins_again(fresh: Project) -> None:
    lock = fresh.root / "requirements/runtime.txt"
    right = lock.read_text()
    lock.write_text(f"tiny==1 --hash=sha256:{'0' * 64}\n")
    said = fresh.fail()
    assert "DO NOT MATCH THE HASHES" in said
    assert said.endswith("The packages could not be installed; pip says above why. Is there a network?\n")
    lock.write_text(right)
    report, said = fresh.run("up")
    assert said.startswith("Making a virtual environment")
    assert report["version"] == 1
    assert fresh.run("up")[1] == ""


def test_two_first_runs_at_a_time_install_once(fresh: Project) -> None:
    with fresh.start("up") as one, fresh.start("up") as other:
        reports = [json.loads(each.stdout.read()) for each in (one, other)]
        said = [each.stderr.read() for each in (one, other)]
    assert [report["version"] for report in reports] == [1, 1]
    assert sorted("Installed in" in each for each in said) == [False, True]


def test_an_old_python_gets_a_sentence(fresh: Project) -> None:
    ast.parse(SCRIPT.read_text(), feature_version=(3, 6))
    said = fresh.fail("sys.version_info = (3, 9, 2); sys.version = '3.9.2 (main)'")
    assert said.startswith("Fleet Gateway needs Python 3.11 or newer; ")
    assert "is Python 3.9.2.\n" in said
    assert not (fresh.root / ".venv").exists()


def test_a_python_without_venv_gets_the_package_to_install(fresh: Project) -> None:
    said = fresh.fail("sys.modules['ensurepip'] = None")
    assert "sudo apt-get install python3-venv" in said
    assert not (fresh.root / ".venv").exists()


def test_a_folder_that_cannot_be_written_gets_a_sentence(fresh: Project) -> None:
    said = fresh.fail("import os; os.access = lambda *_: False")
    assert f"you may not write to {fresh.root}." in said
    assert "Run it once as the owner of that folder" in said


def test_it_is_called_directly() -> None:
    assert os.access(SCRIPT, os.X_OK)
    assert SCRIPT.read_text().startswith("#!/usr/bin/env python3\n")
