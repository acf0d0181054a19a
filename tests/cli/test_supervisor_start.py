"""A start that cannot succeed says why, and leaves nothing running."""

import socket
from pathlib import Path

import pytest

from cli.supervisor import Service, StartError, Supervisor
from tests.supervised import SLEEPER, Heard, obedient, python, written


async def test_a_failed_start_says_why_and_stops_what_was_up(tmp_path: Path) -> None:
    journal = tmp_path / "journal"

    async def never() -> bool:
        return False

    broken = python("b", "import sys; print('no such thing'); sys.exit(4)", ready=never)
    with pytest.raises(StartError) as caught:
        async with Supervisor([obedient("a", journal), broken], Heard()):
            pytest.fail("the block must not be entered")
    assert str(caught.value) == "b ended while it was starting (exit code 4). It printed:\n  no such thing"
    assert written(journal) == ["a starts", "a stops"]


async def test_a_service_that_is_never_ready_fails_the_start() -> None:
    async def never() -> bool:
        return False

    service = python("a", f"print('thinking', flush=True); {SLEEPER}", ready=never, ready_timeout_s=0.5)
    with pytest.raises(StartError, match=r"a was not ready within 0\.5 s\."):
        async with Supervisor([service], Heard()):
            pytest.fail("the block must not be entered")


async def test_a_missing_program_fails_the_start() -> None:
    service = Service(name="a", argv=("/nonexistent/program",), env={})
    with pytest.raises(StartError, match=r"a cannot be started: .*No such file"):
        async with Supervisor([service], Heard()):
            pytest.fail("the block must not be entered")


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_a_taken_address_fails_the_start_before_anything_runs(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as taken:
        port = taken.getsockname()[1]
        output = Heard()
        services = [python("a", "print('started')"), python("b", "", address=(host, port))]
        sentence = rf"^b cannot listen on {host} port {port}: Address already in use\. Stop what uses it"
        with pytest.raises(StartError, match=sentence):
            async with Supervisor(services, output):
                pytest.fail("the block must not be entered")
    assert output.lines == []
