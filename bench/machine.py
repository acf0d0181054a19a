"""The machine: what one must know to read the figures."""

import os
import platform
import sys
import tempfile
import time
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Final

from bench.outcome import NS_PER_S
from bench.stack import Stack

_PACKAGES: Final = ("cryptography", "redis", "rq", "starlette", "uvicorn", "uvloop")
_SYNCS: Final = 50
_SYNC_BYTES: Final = 4096


def facts() -> Mapping[str, str]:
    """What this machine is, and how busy it was before the benchmark began."""
    return {
        "cores": str(os.cpu_count()),
        "processor": _processor(),
        "system": f"{platform.system()} {platform.release()}",
        "python": sys.version.split()[0],
        "redis server": _redis_version(),
        "packages": ", ".join(f"{name} {version(name)}" for name in _PACKAGES),
        "write and fsync of 4 KiB": f"{_sync_ms():.2f} ms (median)",
        "load average before": f"{os.getloadavg()[0]:.2f}",
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "?")


def _redis_version() -> str:
    with Stack() as stack:
        info: bytes = stack.store.client.execute_command("INFO", "server")
    found = dict(line.split(":", 1) for line in info.decode().splitlines() if ":" in line)
    name = found.get("server_name", "redis")
    return f"{name} {found.get(f'{name}_version', found.get('redis_version', '?'))}"


def _sync_ms() -> float:
    """What the disk makes of `appendfsync always`; next to nothing on a file system in memory."""
    taken: list[float] = []
    with tempfile.TemporaryFile() as file:
        for _ in range(_SYNCS):
            began = time.monotonic_ns()
            file.write(bytes(_SYNC_BYTES))
            file.flush()
            os.fsync(file.fileno())
            taken.append((time.monotonic_ns() - began) * 1000 / NS_PER_S)
    return median(taken)
