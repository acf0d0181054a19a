"""Prometheus' own checks, where they are installed (Debian: the package `prometheus`)."""

import shutil
import subprocess

COMMAND = "promtool"


def missing() -> str:
    """What is not here; "" when all is."""
    return "" if shutil.which(COMMAND) else COMMAND


def promtool(*arguments: str) -> str:
    """What it prints; the test fails when it finds something."""
    done = subprocess.run([COMMAND, *arguments], capture_output=True, text=True, check=False, timeout=60)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
