"""A process at the door allows itself as many open files as it may, and never fewer than it had."""

import subprocess
import sys

import pytest

from cli.open_files import WANTED

ASK = """
import resource, sys
from cli.open_files import allow_many
soft, hard = (int(number) for number in sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
allow_many()
print(*resource.getrlimit(resource.RLIMIT_NOFILE))
"""


@pytest.mark.parametrize(
    ("soft", "hard", "allowed"),
    [(1024, WANTED + 1, WANTED), (1024, 2048, 2048), (WANTED + 1, WANTED + 1, WANTED + 1)],
)
def test_the_limit_is_raised_as_far_as_it_may_be(soft: int, hard: int, allowed: int) -> None:
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", ASK, str(soft), str(hard)], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [str(allowed), str(hard)]
