"""A running gateway, a browser, and somebody signed in who looks at it."""

import os
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browser import chromium
from tests.browser.visitor import Visitor, visitor
from tests.system.stack import Stack, Subscriber, gateway, subscriber


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a browser these tests are skipped, and say so; REQUIRE_BROWSER=1 makes that a failure."""
    is_missing = chromium.program() is None and os.environ.get("REQUIRE_BROWSER") != "1"
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
            if is_missing:
                reason = f"There is no browser: none of {', '.join(chromium.NAMES)} is here."
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def folder(request: pytest.FixtureRequest) -> Path | None:
    """Where pictures are left; None: nobody wants any."""
    wanted: str | None = request.config.getoption("--screenshots")
    if wanted is None:
        return None
    made = Path(wanted)
    made.mkdir(parents=True, exist_ok=True)
    return made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncGenerator[Browser]:
    async with chromium.chromium() as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Stack]:
    """A gateway that tries a delivery twice within a second, then calls it dead."""
    async with gateway(tmp_path_factory.mktemp("gateway"), RETRY_SCHEDULE_S="0.2,0.4") as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def local() -> AsyncGenerator[Subscriber]:
    async with subscriber() as listening:
        yield listening


@pytest_asyncio.fixture(loop_scope="module")
async def stranger(browser: Browser, stack: Stack) -> AsyncGenerator[Visitor]:
    """Somebody who is not signed in."""
    async with visitor(browser, stack.settings.api_url) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def owner(stranger: Visitor, stack: Stack) -> Visitor:
    """The gateway's owner, signed in by a one-time link."""
    await enter(stranger, stack)
    return stranger


async def enter(who: Visitor, stack: Stack) -> None:
    """Sign in by a link."""
    link = stack.api.ask("POST", "sign-in-links", body={})
    await who.page.goto(link["url"])
    await who.page.wait_for_url(f"{who.home}/dashboard")
