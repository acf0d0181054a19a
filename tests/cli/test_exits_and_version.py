"""Exit codes stand in one table, which the documents show; the version is one everywhere."""

import tomllib

from cli.exits import MEANINGS, Exit
from domain.version import VERSION
from tests.command_line import Fleet
from tests.documents import read, table


def test_every_exit_code_is_told_once_in_the_page() -> None:
    assert list(MEANINGS) == [*Exit]
    rows = table("docs/commands.md", "| code | of | meaning |")
    assert [int(row[0]) for row in rows] == [*Exit]


def test_the_version_is_that_of_the_package(fleet: Fleet) -> None:
    assert tomllib.loads(read("pyproject.toml"))["project"]["version"] == VERSION
    done = fleet("--version")
    assert (done.code, done.out) == (0, f"Fleet Gateway {VERSION}\n")


def test_wrong_usage_and_refusals_have_their_codes(fleet: Fleet) -> None:
    assert fleet("events", "list", "--nothing").code == Exit.WRONG_USE
    assert fleet("webhooks", "show", "nothing").code == Exit.FAILED
