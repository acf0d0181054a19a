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
from tests.system.stack import gateway, subscriber

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGES = {
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


@pytest.mark.parametrize("look", screenshots.LOOKS)
@pytest.mark.parametrize("name", PAGES)
async def test_of_a_gateway_in_use(
    furnished: Visitor, browser: Browser, folder: Path | None, name: str, look: str
) -> None:
    async with screenshots.looking(browser, furnished, look) as who:
        await who.go(PAGES[name])
        assert await who.page.locator("h1").count() == 1
        if folder is not None:
            await screenshots.take(who, folder, f"{name}-{look}")
        assert await screenshots.overflow(who) == []


@pytest.mark.parametrize("look", screenshots.LOOKS)
async def test_of_what_one_sees_while_doing_something(
    furnished: Visitor, browser: Browser, folder: Path | None, look: str
) -> None:
    async with screenshots.looking(browser, furnished, look) as who:
        page = who.page

        async def seen(name: str) -> None:
            if folder is not None:
                await screenshots.take(who, folder, f"doing-{name}-{look}")
            assert await screenshots.overflow(who) == []

        await who.go("/dashboard/webhooks/new")
        await page.get_by_label("Name", exact=True).fill("github-main")
        await page.get_by_role("button", name="Make the webhook").click()
        await expect(page.locator("#mistake-name")).to_be_visible()
        await seen("mistake")
        await page.get_by_label("Name", exact=True).fill(f"made-{look}")
        await page.get_by_role("button", name="Make the webhook").click()
        await expect(page.get_by_text("is made.")).to_be_visible()
        await seen("made")
        await who.go("/dashboard/webhooks/github-main")
        for button in ("Pause", "Delete", "Store a secret of GitHub", "Rotate: make a new secret"):
            await page.get_by_role("button", name=button, exact=True).click()
            await seen(button.partition(":")[0].lower().replace(" ", "-"))
            await page.keyboard.press("Escape")
        await page.get_by_role("button", name="Rotate: make a new secret").click()
        await page.get_by_role("button", name="Make a new secret", exact=True).click()
        await expect(page.locator("[data-once]")).to_be_visible()
        await page.get_by_label("Type of the event").fill("pull_request")
        await page.get_by_role("button", name="Send a test event").click()
        await expect(page.locator("#way")).to_contain_text("The test has not passed")
        await seen("rotated-and-failed")
        await page.get_by_label("Type of the event").fill("push")
        await page.get_by_role("button", name="Send a test event").click()
        await expect(page.locator("#way")).to_contain_text("The test has passed")
        await seen("passed")


@pytest.mark.parametrize("look", screenshots.LOOKS)
@pytest.mark.parametrize("name", EMPTY)
async def test_of_a_gateway_where_nothing_is_yet(
    owner: Visitor, browser: Browser, folder: Path | None, name: str, look: str
) -> None:
    async with screenshots.looking(browser, owner, look) as who:
        await who.go(EMPTY[name])
        if folder is not None:
            await screenshots.take(who, folder, f"empty-{name}-{look}")
        assert await screenshots.overflow(who) == []
