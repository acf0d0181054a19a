"""Nothing survives a supervisor that is killed without warning."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]

SUPERVISOR = """
import asyncio, os, signal, sys
sys.path.insert(0, {root!r})
from cli.output import Terminal
from cli.supervisor import Service, Supervisor

SLEEPER = "import signal; signal.pause()"
POLITE = '''
import pathlib, signal
signal.pthread_sigmask(signal.SIG_BLOCK, {{signal.SIGTERM}})
print("up", flush=True)
signal.sigwait({{signal.SIGTERM}})
pathlib.Path({farewell!r}).touch()
'''
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEPER

def service(name, code, orphan_signal=signal.SIGKILL):
    argv = (sys.executable, "-ISc", code)
    return Service(name=name, argv=argv, env=dict(os.environ), orphan_signal=orphan_signal)

class Up:
    seen = asyncio.Event()
    def write(self, name, line): self.seen.set()
    def close(self): pass

async def main():
    services = [service("polite", POLITE, signal.SIGTERM), service("deaf", DEAF), service("plain", SLEEPER)]
    async with Supervisor(services, Up()) as running:
        await Up.seen.wait()
        print(*[running.pid(each.name) for each in services], flush=True)
        await running.wait()

asyncio.run(main())
"""


def started(script: str) -> subprocess.Popen[str]:
    argv = [sys.executable, "-c", script]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)  # noqa: S603 - the script above


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
def test_kill_9_of_the_supervisor_leaves_no_child(tmp_path: Path) -> None:
    farewell = tmp_path / "farewell"
    script = SUPERVISOR.format(root=str(ROOT), farewell=str(farewell))
    with started(script) as supervisor:
        children = [psutil.Process(int(pid)) for pid in supervisor.stdout.readline().split()]
        assert len(children) == 3
        supervisor.send_signal(signal.SIGKILL)
    _, alive = psutil.wait_procs(children, timeout=20)
    assert alive == []
    assert farewell.exists()


def test_terminating_the_supervisor_stops_its_children_well(tmp_path: Path) -> None:
    farewell = tmp_path / "farewell"
    script = SUPERVISOR.format(root=str(ROOT), farewell=str(farewell)).replace('service("deaf", DEAF), ', "")
    with started(script) as supervisor:
        children = [psutil.Process(int(pid)) for pid in supervisor.stdout.readline().split()]
        supervisor.terminate()
        assert supervisor.wait(timeout=20) == 0
    assert psutil.wait_procs(children, timeout=20)[1] == []
    assert farewell.exists()
