"""The whole way of an owner, with nothing but the pages: from no webhook at all to one that is gone again."""

import asyncio
from http import HTTPStatus

import pytest
from aiohttp import web
from playwright.async_api import Page, expect

from tests.browser.furnished import github
from tests.browser.visitor import Visitor
from tests.system.stack import Stack, Subscriber, until

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_from_the_first_webhook_to_a_dead_url(owner: Visitor, stack: Stack, local: Subscriber) -> None:
    url, secret = await make(owner, stack)
    await subscribe(owner, stack, local)
    await watch_arrivals(owner, local, url, secret)
    await watch_failure_and_retry(owner, local, url, secret)
    newer = await rotate(owner, secret)
    assert (await send(url, "push", 31, newer))[0] == HTTPStatus.ACCEPTED
    # The one before counts for 24 hours more, until the sender has the new one.
    assert (await send(url, "push", 32, secret))[0] == HTTPStatus.ACCEPTED
    await until(lambda: len(set(local.events())) == 4, "all four have arrived")
    await delete(owner, url, newer)
    assert stack.differences() == []
    assert secret.encode() not in stack.logs()
    assert newer.encode() not in stack.logs()


async def send(url: str, event: str, number: int, secret: str) -> tuple[int, object]:
    """From outside, as GitHub does."""
    return await asyncio.to_thread(github, url, event, number, secret)


async def make(owner: Visitor, stack: Stack) -> tuple[str, str]:
    page = owner.page
    await owner.go("/dashboard/webhooks")
    await page.get_by_role("link", name="Make the first one").click()
    await page.get_by_label("Who will call?").select_option("github")
    await page.get_by_label("Name", exact=True).fill("github-main")
    await page.get_by_role("button", name="Make the webhook").click()
    await page.get_by_role("button", name="Copy the URL").click()
    url = await owner.clipboard()
    assert url == stack.api.ask("GET", "webhooks", "github-main")["url"]
    await page.get_by_role("button", name="Copy the secret").click()
    secret = await owner.clipboard()
    await never_again(owner, secret)
    return url, secret


async def never_again(owner: Visitor, secret: str) -> None:
    """What was shown once is there now, and in no way a second time."""
    page = owner.page
    assert secret in await owner.text()
    assert page.url == f"{owner.home}/dashboard/webhooks/github-main"
    stored = "JSON.stringify([history.state, {...localStorage}, {...sessionStorage}, document.cookie])"
    assert secret not in await page.evaluate(stored)
    await page.get_by_role("link", name="Events", exact=True).click()
    await page.wait_for_url("**/dashboard/events")
    await page.go_back(wait_until="load")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert secret not in await owner.everything()
    await page.reload()
    assert secret not in await owner.everything()


async def subscribe(owner: Visitor, stack: Stack, local: Subscriber) -> None:
    page = owner.page
    await owner.go("/dashboard/webhooks/github-main")
    await page.get_by_role("link", name="Subscribe", exact=True).click()
    await page.get_by_label("Name", exact=True).fill("app")
    await expect(page.get_by_role("checkbox", name="github-main")).to_be_checked()
    await page.get_by_role("button", name="Subscribe").click()
    await expect(page.get_by_text("app is subscribed")).to_be_visible()
    await expect(page.get_by_text("not connected")).to_be_visible()
    await stack.connect(app=local.url)
    await expect(page.get_by_text("not connected")).to_be_hidden()


async def watch_arrivals(owner: Visitor, local: Subscriber, url: str, secret: str) -> None:
    page = owner.page
    await owner.go("/dashboard/events")
    await expect(page.get_by_text("No events yet")).to_be_visible()
    await mark(page)
    assert (await send(url, "push", 1, secret))[0] == HTTPStatus.ACCEPTED
    await expect(row(page, "push")).to_contain_text("delivered")
    await is_the_same(page)
    assert [each.header("x-github-event") for each in local.arrivals] == ["push"]


async def watch_failure_and_retry(owner: Visitor, local: Subscriber, url: str, secret: str) -> None:
    page = owner.page
    local.answer = lambda _: web.Response(status=500)
    assert (await send(url, "issues", 2, secret))[0] == HTTPStatus.ACCEPTED
    await expect(row(page, "issues")).to_contain_text("failed")
    await is_the_same(page)
    await page.get_by_role("link", name="Failed").click()
    await row(page, "issues").get_by_role("link").click()
    await expect(page.get_by_role("heading", name="issues")).to_be_visible()
    await mark(page)
    local.answer = lambda _: web.Response()
    before = len(local.arrivals)
    await page.get_by_role("button", name="Retry").click()
    await expect(page.locator("#live .badge.ok", has_text="delivered").first).to_be_visible()
    assert len(local.arrivals) == before + 1
    assert local.arrivals[-1].header("x-github-event") == "issues"
    assert len({local.deliveries()[-1], local.deliveries()[-2]}) == 1
    await owner.go("/dashboard/failed")
    await expect(page.get_by_text("Nothing has failed")).to_be_visible()


async def rotate(owner: Visitor, old: str) -> str:
    page = owner.page
    await owner.go("/dashboard/webhooks/github-main")
    await page.get_by_role("button", name="Rotate: make a new secret").click()
    await page.get_by_role("button", name="Make a new secret", exact=True).click()
    await page.get_by_role("button", name="Copy the secret").click()
    newer = await owner.clipboard()
    assert newer != old
    assert old not in await owner.everything()
    await never_again(owner, newer)
    return newer


async def delete(owner: Visitor, url: str, secret: str) -> None:
    page = owner.page
    await owner.go("/dashboard/webhooks/github-main")
    await page.get_by_role("button", name="Delete", exact=True).click()
    await page.get_by_role("button", name="Keep it as it is").last.click()
    assert (await send(url, "push", 31, secret))[0] == HTTPStatus.ACCEPTED
    await page.get_by_role("button", name="Delete", exact=True).click()
    await page.get_by_role("button", name="Delete it for good").click()
    await expect(page.get_by_text("github-main is deleted")).to_be_visible()
    await expect(page.get_by_text("No webhooks yet")).to_be_visible()
    assert (await send(url, "push", 33, secret))[0] == HTTPStatus.NOT_FOUND


def row(page: Page, event: str):
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=event, exact=True))


async def mark(page: Page) -> None:
    """From here on a reload would be noticed."""
    await page.evaluate("window.isTheSame = true")


async def is_the_same(page: Page) -> None:
    assert await page.evaluate("window.isTheSame") is True
