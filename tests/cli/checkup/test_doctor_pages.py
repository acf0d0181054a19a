"""The pages of the doctor and the canary name what these say."""

from domain.canary import Failure
from tests.documents import codes, first_codes, table
from tests.system.test_checkup import EVERY_CHECK


def test_every_check_is_told() -> None:
    rows = table("docs/doctor.md", "| check | fails when | what to look at |")
    assert {code for row in rows for code in codes(row[0])} == set(EVERY_CHECK)


def test_every_failure_of_the_canary_is_told() -> None:
    told = first_codes(table("docs/canary.md", "| failure | what has happened | what to do |"))
    assert told == [*Failure]
