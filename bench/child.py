"""A child: one process of a measurement, which never outlives it."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from bench.errors import BenchError

_STOP_S: Final = 15.0
_TAIL_LINES: Final = 20
_PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h


class Child:
    """A running process; what it prints goes to a file."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        log: Path,
        env: Mapping[str, str] | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name = name
        self._log = log
        self._stop_signal = stop_signal
        with log.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own programs and arguments
                argv,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=_tie_to_parent(),  # noqa: PLW1509 - it only calls prctl
            )

    def check(self) -> None:
        """Make sure that it runs.

        Raises:
            BenchError: it has ended.
        """
        if self._process.poll() is not None:
            lines = self._log.read_text(errors="replace").splitlines()[-_TAIL_LINES:]
            text = "\n".join(lines)
            raise BenchError(f"{self.name} ended with code {self._process.returncode}:\n{text}")

    def cpu_s(self) -> float:
        """Seconds of processor time used so far (Linux; 0 elsewhere)."""
        try:
            # proc(5): utime and stime are fields 14 and 15; field 2 ends with the last parenthesis.
            stat = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")

    def memory_bytes(self) -> int:
        """Memory that it has in use now, its resident set (Linux; 0 elsewhere)."""
        try:
            # proc(5): the second field of statm, in pages.
            pages = Path(f"/proc/{self._process.pid}/statm").read_text().split()[1]
        except OSError:
            return 0
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def stop(self) -> None:
        """Ask it to end and wait; kill it when it does not."""
        if self._process.poll() is None:
            self._process.send_signal(self._stop_signal)
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _tie_to_parent() -> Callable[[], None] | None:
    """On Linux a child is killed by the kernel when the benchmark is (prctl(2), PR_SET_PDEATHSIG)."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def tie() -> None:
        prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)

    return tie
