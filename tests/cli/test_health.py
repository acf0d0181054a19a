"""Whether a service is well, as a container asks."""

from pathlib import Path

import pytest

from cli.health import door_is_ready, is_well
from tests.public_door import public_door
from tests.system.stack import free_port, gateway, until


def test_a_door_that_answers_is_well(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with public_door(redis_url) as door:
        monkeypatch.setenv("FLEET_INGRESS_PORT", str(door.port))
        assert is_well("ingress")
        assert door_is_ready("0.0.0.0", door.port, tls=False)  # noqa: S104 - what it listens on
        assert not door_is_ready("127.0.0.1", door.port, tls=True)
    assert not is_well("ingress")


async def test_who_has_no_door_is_well_while_it_is_at_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with gateway(tmp_path, "events", git=True) as stack:
        for name, value in stack.environ.items():
            monkeypatch.setenv(name, value)
        await until(lambda: all(map(is_well, ("sweeper", "deliveries", "git"))), "all at work")
        assert not is_well("events")
    assert not is_well("sweeper")


def test_nobody_at_all_is_not_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEET_RELAY_PORT", str(free_port()))
    assert not is_well("relay")
