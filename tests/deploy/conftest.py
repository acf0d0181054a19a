"""A deployment by docker compose, running for all tests of this folder."""

import os
from collections.abc import Iterator

import pytest

from tests.deploy.compose import Compose, engine
from tests.system.stack import free_port


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where there is no Docker these tests are skipped, and say so; REQUIRE_DOCKER=1 makes that a failure."""
    here = [item for item in items if "compose" in getattr(item, "fixturenames", ())]
    # Last of all: the deployment runs until the end, and should share the machine with no other test.
    items[:] = [*(item for item in items if item not in here), *here]
    for item in here:
        item.add_marker(pytest.mark.docker)
        item.add_marker(pytest.mark.timeout(600))
    missing = engine() if here else ""
    if missing and os.environ.get("REQUIRE_DOCKER") != "1":
        for item in here:
            item.add_marker(pytest.mark.skip(reason=f"There is no Docker engine with compose: {missing}"))


@pytest.fixture(scope="session")
def compose() -> Iterator[Compose]:
    """All services but the private side, scaled."""
    missing = engine()
    assert not missing, f"REQUIRE_DOCKER is set, and there is no Docker engine: {missing}"
    made = Compose(
        f"fleet-test-{os.getpid()}",
        *(free_port() for _ in range(5)),
        subnet=f"10.213.{os.getpid() % 250}",
    )
    try:
        made.up("--scale", "connector=0", "--scale", "app=0")
        yield made
    finally:
        made.down("-v", "--remove-orphans", "-t", "5")


@pytest.fixture(scope="session")
def address(compose: Compose) -> str:
    """The path of a webhook whose events come to the subscriber."""
    url = compose.webhook("main")
    compose.fleet("webhooks", "create", "git", "--sender", "git")
    compose.fleet("subscriptions", "add", "app", "--webhook", "main", "--webhook", "git")
    compose.up()
    return url.removeprefix(compose.doors)
