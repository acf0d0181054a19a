"""The command `fleet` in a process of its own, on a terminal that a test types into."""

import os
import pty
import select
import subprocess
import sys
import time


def on_a_terminal(
    environ: dict[str, str], arguments: str, typed: bytes, *, hidden: bool = False
) -> tuple[subprocess.CompletedProcess[bytes], bytes]:
    """Runs the command in a session of its own whose terminal is a new one; gives what its screen showed."""
    ours, theirs = pty.openpty()
    # A terminal becomes the controlling one of a session leader that opens it.
    program = (
        "import os, sys; os.setsid(); fd = os.open(sys.argv.pop(1), os.O_RDWR); os.dup2(fd, 0); "
        "sys.argv[0] = 'fleet'; from cli.main import main; main()"
    )
    try:
        running = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-c", program, os.ttyname(theirs), *arguments.split()],
            env={**environ, "PATH": os.environ["PATH"]},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        # A hidden prompt throws away what was typed before it; its end on the screen is a space.
        screen = os.read(ours, 1) if hidden else b""
        os.write(ours, typed)
        done = subprocess.CompletedProcess(arguments, 0, *running.communicate(timeout=30))
        done.returncode = running.returncode
        os.write(theirs, b"end\n")
        while b"end" not in screen:
            screen += os.read(ours, 4096)
    finally:
        os.close(ours)
        os.close(theirs)
    return done, screen


def talk(
    environ: dict[str, str], arguments: list[str], turns: list[tuple[bytes, bytes]], patience_s: float = 30
) -> tuple[int, bytes]:
    """Runs the command with everything on a terminal; types each answer when what it awaits is shown.

    Gives the exit code and what the screen showed.
    """
    ours, theirs = pty.openpty()
    program = (
        "import os, sys; os.setsid(); fd = os.open(sys.argv.pop(1), os.O_RDWR); "
        "[os.dup2(fd, each) for each in (0, 1, 2)]; "
        "sys.argv[0] = 'fleet'; from cli.main import main; main()"
    )
    running = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", program, os.ttyname(theirs), *arguments],
        env={**environ, "PATH": os.environ["PATH"], "TERM": "dumb"},
    )
    deadline = time.monotonic() + patience_s
    screen, seen = b"", 0
    try:
        for awaited, typed in turns:
            screen = _read_until(ours, screen, seen, awaited, deadline)
            seen = screen.index(awaited, seen) + len(awaited)
            os.write(ours, typed)
        code = running.wait(deadline - time.monotonic())
        os.write(theirs, b"\0end")
        screen = _read_until(ours, screen, seen, b"\0end", deadline)
    finally:
        running.kill()
        running.wait()
        os.close(ours)
        os.close(theirs)
    return code, screen.removesuffix(b"\0end").replace(b"\r\n", b"\n")


def _read_until(terminal: int, screen: bytes, seen: int, awaited: bytes, deadline: float) -> bytes:
    """What the screen showed until it shows something behind what was seen."""
    while awaited not in screen[seen:]:
        ready, _, _ = select.select([terminal], [], [], max(0, deadline - time.monotonic()))
        assert ready, f"{awaited!r} did not appear: {screen!r}"
        screen += os.read(terminal, 4096)
    return screen
