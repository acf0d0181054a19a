"""The command `fleet` in a process of its own, on a terminal that a test types into."""

import os
import pty
import subprocess
import sys


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
