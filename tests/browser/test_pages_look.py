"""Each page in each look: nothing of it is wider than its window, and nothing that strangers wrote runs."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser import screenshots
from tests.browser.conftest import enter
from tests.browser.furnished import LONG_NAME, REPO, furnish
from tests.browser.visitor import Visitor, visitor
from tests.system.stack import Stack, gateway, subscriber

pytestmark = pytest.mark.asyncio(loop_scope="module")

Looker = tuple[Visitor, str]
"""Somebody who looks, and by which of the looks."""

PAGES = {
    "remote": "/dashboard",
    "events": "/dashboard/events",
    "failed": "/dashboard/failed",
    "queues": "/dashboard/queues",
    "webhooks": "/dashboard/webhooks",
    "webhooks-found": "/dashboard/webhooks?name=git",
    "webhooks-not-found": "/dashboard/webhooks?name=nobody-is-called-so",
    "webhook": "/dashboard/webhooks/github-main",
    "webhook-without-its-secret": "/dashboard/webhooks/stripe-live",
    "webhook-long": f"/dashboard/webhooks/{LONG_NAME}",
    "webhook-hostile": "/dashboard/webhooks/hostile",
    "webhook-git": "/dashboard/webhooks/git",
    "webhook-paused": "/dashboard/webhooks/released",
    "webhook-new": "/dashboard/webhooks/new",
    "webhook-new-custom": "/dashboard/webhooks/new?sender=custom",
    "webhook-edit": "/dashboard/webhooks/github-main/edit",
    "subscriptions": "/dashboard/subscriptions",
    "subscription-new": "/dashboard/subscriptions/new?webhook=github-main",
    "repos": "/dashboard/repos",
    "repo": f"/dashboard/repos/{REPO}",
    "repo-long": f"/dashboard/repos/infra/{'z' * 63}",
}
EMPTY = {
    "remote": "/dashboard",
    "events": "/dashboard/events",
    "failed": "/dashboard/failed",
    "queues": "/dashboard/queues",
    "webhooks": "/dashboard/webhooks",
    "subscriptions": "/dashboard/subscriptions",
    "subscription-new": "/dashboard/subscriptions/new",
    "repos": "/dashboard/repos",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def furnished(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> AsyncGenerator[Visitor]:
    """The owner of a gateway that is in use."""
    folder = tmp_path_factory.mktemp("furnished")
    async with subscriber() as local, gateway(folder, RETRY_SCHEDULE_S="0.2", git=True) as stack:
        await furnish(stack, local)
        async with visitor(browser, stack.settings.api_url) as who:
            await enter(who, stack)
            yield who


@pytest_asyncio.fixture(params=screenshots.LOOKS, scope="module", loop_scope="module")
async def in_use(
    request: pytest.FixtureRequest, furnished: Visitor, browser: Browser
) -> AsyncGenerator[Looker]:
    """Somebody who looks at the gateway that is in use."""
    async with screenshots.looking(browser, furnished, request.param) as who:
        yield who, request.param


@pytest_asyncio.fixture(params=screenshots.LOOKS, scope="module", loop_scope="module")
async def in_wait(request: pytest.FixtureRequest, browser: Browser, stack: Stack) -> AsyncGenerator[Looker]:
    """Somebody who looks at a gateway where nothing is yet."""
    async with visitor(browser, stack.settings.api_url, **screenshots.LOOKS[request.param]) as who:
        await enter(who, stack)
        yield who, request.param


async def judge(looker: Looker, folder: Path | None, name: str) -> None:
    """What can be judged without people; and what is to be judged by them, if somebody wants that."""
    who, look = looker
    if folder is not None:
        await screenshots.take(who, folder, f"{name}-{look}")
    assert await screenshots.overflow(who) == []
    assert who.faults == []


@pytest.mark.parametrize("name", PAGES)
async def test_of_a_gateway_in_use(in_use: Looker, folder: Path | None, name: str) -> None:
    await in_use[0].go(PAGES[name])
    assert await in_use[0].page.locator("h1").count() == 1
    await judge(in_use, folder, name)


@pytest.mark.parametrize("name", EMPTY)
async def test_of_a_gateway_where_nothing_is_yet(in_wait: Looker, folder: Path | None, name: str) -> None:
    await in_wait[0].go(EMPTY[name])
    await judge(in_wait, folder, f"empty-{name}")


async def test_of_what_one_sees_while_doing_something(in_use: Looker, folder: Path | None) -> None:
    who, look = in_use
    page = who.page
    await who.go("/dashboard/webhooks/new")
    await page.get_by_label("Name", exact=True).fill("github-main")
    await page.get_by_role("button", name="Make the webhook").click()
    await expect(page.locator("#mistake-name")).to_be_visible()
    await judge(in_use, folder, "doing-mistake")
    await page.get_by_label("Name", exact=True).fill(f"made-{look}")
    await page.get_by_role("button", name="Make the webhook").click()
    await expect(page.get_by_text("is made.")).to_be_visible()
    await judge(in_use, folder, "doing-made")
    await who.go("/dashboard/webhooks/github-main")
    for button in ("Pause", "Delete", "Store a secret of GitHub", "Rotate: make a new secret"):
        await page.get_by_role("button", name=button, exact=True).click()
        await judge(in_use, folder, f"doing-{button.partition(' ')[0].lower().strip(':')}")
        await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Rotate: make a new secret").click()
    await page.get_by_role("button", name="Make a new secret", exact=True).click()
    await expect(page.locator("[data-once]")).to_be_visible()
    for event, end in (("pull_request", "has not passed"), ("push", "has passed")):
        await page.get_by_label("Type of the event").fill(event)
        await page.get_by_role("button", name="Send a test event").click()
        await expect(page.locator("#way")).to_contain_text(f"The test {end}")
        await judge(in_use, folder, f"doing-test-{end.replace(' ', '-')}")
