"""Webhooks, subscriptions and repos by their pages: what one can do there, and what one is told."""

import asyncio
from http import HTTPStatus

import pytest
from playwright.async_api import expect

from tests.browser.furnished import SCRIPT, SECRET, github
from tests.browser.visitor import Visitor
from tests.system.stack import Stack, Subscriber, until

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_mistake_stands_beside_its_field_and_nothing_typed_is_lost(
    owner: Visitor, stack: Stack
) -> None:
    stack.webhook("taken")
    page = owner.page
    await owner.go("/dashboard/webhooks/new")
    await page.get_by_label("Name", exact=True).fill("taken")
    await page.get_by_label("Description").fill(SCRIPT)
    await page.get_by_text("Limits, and who may send").click()
    await page.get_by_label("Addresses that may send").fill("192.0.2.0/24, nonsense")
    await page.get_by_role("button", name="Make the webhook").click()
    await expect(page.locator("#mistake-allow_ips")).to_contain_text("nonsense")
    await page.get_by_label("Addresses that may send").fill("192.0.2.0/24")
    await page.get_by_role("button", name="Make the webhook").click()
    await expect(page.locator("#mistake-name")).to_contain_text("'taken' exists already")
    await expect(page.get_by_label("Description")).to_have_value(SCRIPT)
    await page.get_by_label("Name", exact=True).fill("free")
    await page.get_by_role("button", name="Make the webhook").click()
    await expect(page.get_by_text("free is made.")).to_be_visible()
    made = stack.api.ask("GET", "webhooks", "free")
    assert (made["description"], made["allow_ips"]) == (SCRIPT, ["192.0.2.0/24"])


async def test_each_sender_says_where_its_secret_is(owner: Visitor) -> None:
    page = owner.page
    await owner.go("/dashboard/webhooks/new")
    about = page.locator("#about-sender")
    await page.get_by_label("Who will call?").select_option("stripe")
    await expect(about).to_contain_text("The secret comes from Stripe")
    await page.get_by_label("Who will call?").select_option("docker-hub")
    await expect(about).to_contain_text("Docker Hub signs nothing")
    await page.get_by_label("Who will call?").select_option("custom")
    await about.get_by_text("More about how your program").click()
    await about.get_by_label("algorithm").select_option("sha512")
    await page.get_by_label("Name", exact=True).fill("own")
    await page.get_by_role("button", name="Make the webhook").click()
    await expect(page.get_by_text("own is made.")).to_be_visible()
    await page.get_by_role("link", name="Open it and test").click()
    await expect(page.locator("dl.facts")).to_contain_text("sha512")


async def test_a_secret_of_the_sender_is_pasted_and_never_shown(owner: Visitor, stack: Stack) -> None:
    stack.webhook("billing", "stripe", require_signature=True)
    page, secret = owner.page, "whsec_" + "Q" * 32
    await owner.go("/dashboard/webhooks/billing")
    await expect(page.get_by_text("every event is rejected")).to_be_visible()
    await page.get_by_role("button", name="Store a secret of Stripe").click()
    await page.get_by_label("Secret", exact=True).fill(" " + secret)
    await page.get_by_role("button", name="Store it", exact=True).click()
    await expect(page.locator("#secrets").get_by_role("alert")).to_be_visible()
    await page.get_by_role("button", name="Store a secret of Stripe").click()
    await page.get_by_label("Secret", exact=True).fill(secret)
    await page.get_by_role("button", name="Store it", exact=True).click()
    await expect(page.locator("#secrets").get_by_text("current")).to_be_visible()
    assert secret not in await owner.everything()
    await page.reload()
    await expect(page.locator("dl.figures")).to_contain_text("verified")


async def test_paused_it_answers_503_until_it_is_resumed(owner: Visitor, stack: Stack) -> None:
    url = stack.webhook("sleepy")["url"]
    page = owner.page
    await owner.go("/dashboard/webhooks/sleepy")
    await page.get_by_role("button", name="Pause", exact=True).click()
    await page.get_by_role("button", name="Pause it").click()
    await expect(page.get_by_text("Paused: its door answers 503 and keeps nothing")).to_be_visible()
    await owner.go("/dashboard/webhooks?name=sleep")
    await expect(page.get_by_role("row").filter(has_text="sleepy")).to_contain_text("paused")
    status, _ = await asyncio.to_thread(github, url)
    assert status == HTTPStatus.SERVICE_UNAVAILABLE
    await page.get_by_role("link", name="sleepy").click()
    await page.get_by_role("button", name="Resume").click()
    await expect(page.get_by_text("sleepy takes events again")).to_be_visible()
    # The door may remember for 2 seconds what it knew.
    await until(lambda: github(url, "push", 2)[0] == HTTPStatus.ACCEPTED, "it takes events")


async def test_what_somebody_else_changes_is_seen_without_a_reload(owner: Visitor, stack: Stack) -> None:
    url = stack.webhook("shared", require_signature=True)["url"]
    page = owner.page
    await owner.go("/dashboard/webhooks/shared")
    await expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    stack.api.ask("PUT", "webhooks", "shared", "secret", body={"secret": SECRET})
    assert (await asyncio.to_thread(github, url))[0] == HTTPStatus.ACCEPTED
    matched = page.locator("#secrets tbody tr").first.locator("td[data-name='Last matched'] time")
    await expect(matched).to_be_visible(timeout=25_000)
    stack.api.ask("PATCH", "webhooks", "shared", body={"paused": True})
    await expect(page.get_by_role("button", name="Resume")).to_be_visible(timeout=25_000)
    await expect(page.get_by_role("button", name="Pause", exact=True)).to_have_count(0)


async def test_a_test_shows_what_it_waits_for_and_then_that_it_has_arrived(
    owner: Visitor, stack: Stack, local: Subscriber
) -> None:
    stack.webhook("tried", require_signature=True, https_only=True)
    stack.subscribe("trying", ("tried",))
    stack.subscribe("issues-only", ("tried",), events=["issues"])
    page = owner.page
    await owner.go("/dashboard/webhooks/tried")
    way = page.locator("#way")
    await page.get_by_role("button", name="Send a test event").click()
    await expect(way).to_contain_text("Sent push")
    await expect(way).to_contain_text("The door answered 202")
    await expect(way).to_contain_text("by github-sha256")
    await expect(way).to_contain_text("Not wanted by issues-only")
    await expect(way).to_contain_text("Waits for trying")
    await expect(way).to_contain_text("fleet connect trying=http://127.0.0.1:3000/")
    await stack.connect(trying=local.url)
    await expect(way).to_contain_text("The test has passed")
    await expect(way).to_contain_text("Delivered to trying")
    [arrival] = local.arrivals
    await page.get_by_role("link", name="Its whole story").click()
    assert page.url.endswith(arrival.header("fleet-event"))


async def test_a_test_that_nobody_wants_says_so(owner: Visitor, stack: Stack) -> None:
    stack.webhook("unwanted")
    await owner.go("/dashboard/webhooks/unwanted")
    await owner.page.get_by_role("button", name="Send a test event").click()
    way = owner.page.locator("#way")
    await expect(way).to_contain_text("No subscription wants it")
    await expect(way).to_contain_text("The test has not passed")


async def test_what_is_refused_at_the_door_is_counted_on_the_page(owner: Visitor, stack: Stack) -> None:
    url = stack.webhook("closed", allow_ips=["192.0.2.1"])["url"]
    for number in range(3):
        status, _ = await asyncio.to_thread(github, url, "push", number)
        assert status == HTTPStatus.FORBIDDEN
    await owner.go("/dashboard/webhooks/closed")
    await expect(owner.page.locator("#door")).to_contain_text("3 \N{MULTIPLICATION SIGN}")


async def test_what_is_changed_counts(owner: Visitor, stack: Stack) -> None:
    stack.webhook("changing", hourly_limit=10)
    page = owner.page
    await owner.go("/dashboard/webhooks/changing")
    await page.get_by_role("link", name="Change", exact=True).click()
    await page.get_by_label("Description").fill("Another one")
    await page.get_by_label("Events in an hour").fill("20")
    await page.get_by_role("button", name="Change it").click()
    await expect(page.get_by_text("Another one")).to_be_visible()
    changed = stack.api.ask("GET", "webhooks", "changing")
    assert (changed["description"], changed["hourly_limit"]) == ("Another one", 20)


async def test_webhooks_are_found_by_name_and_turned_over_page_by_page(owner: Visitor, stack: Stack) -> None:
    await asyncio.to_thread(lambda: [stack.webhook(f"many-{number:02}") for number in range(60)])
    page = owner.page
    await owner.go("/dashboard/webhooks")
    await page.get_by_role("searchbox").fill("MANY-5")
    await page.get_by_role("searchbox").press("Enter")
    await expect(page.locator("tbody tr")).to_have_count(10)
    await owner.go("/dashboard/webhooks?name=many")
    await expect(page.locator("tbody tr")).to_have_count(50)
    await page.get_by_role("link", name="Next page").click()
    await expect(page.locator("tbody tr")).to_have_count(10)
    await page.get_by_role("link", name="First page").click()
    await expect(page.locator("tbody tr")).to_have_count(50)


async def test_a_subscription_is_made_and_removed(owner: Visitor, stack: Stack) -> None:
    stack.webhook("heard")
    page = owner.page
    await owner.go("/dashboard/subscriptions/new?webhook=heard")
    await page.get_by_label("Name", exact=True).fill("listener")
    await page.get_by_label("Takes").fill("push\nissue*")
    await page.get_by_role("button", name="Subscribe").click()
    made = stack.api.ask("GET", "subscriptions", "listener")
    assert (made["webhooks"], made["events"]) == (["heard"], ["push", "issue*"])
    listed = page.get_by_role("row").filter(has_text="listener")
    await listed.get_by_role("button", name="Connect").click()
    await page.get_by_role("dialog").get_by_role("button", name="Copy the command").click()
    assert await owner.clipboard() == "fleet connect listener=http://127.0.0.1:3000/"
    await page.keyboard.press("Escape")
    await listed.get_by_role("button", name="Remove").click()
    await page.get_by_role("button", name="Remove it").click()
    await expect(page.get_by_text("listener is removed")).to_be_visible()


async def test_a_repo_is_polled_now_and_deleted(owner: Visitor, stack: Stack) -> None:
    spec = {"repo": "https://git.example.org/team/app", "branch": "main"}
    stack.api.ask("PUT", "repos", "infra", "app", body={"spec": spec})
    page = owner.page
    await owner.go("/dashboard/repos")
    await page.get_by_role("link", name="infra/app").click()
    await page.get_by_role("button", name="Poll now").click()
    await expect(page.get_by_text("infra/app is polled now")).to_be_visible()
    await page.get_by_role("button", name="Delete", exact=True).click()
    await page.get_by_role("button", name="Delete it", exact=True).click()
    await expect(page.get_by_text("No repos yet")).to_be_visible()


async def test_the_keyboard_alone_suffices(owner: Visitor, stack: Stack) -> None:
    page = owner.page
    await owner.go("/dashboard/webhooks/new")
    # The name has the focus; the sender is chosen already.
    await page.keyboard.type("typed")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("typed is made.")).to_be_visible()
    stack.api.ask("PUT", "webhooks", "typed", "secret", body={"secret": SECRET})
    await owner.go("/dashboard/webhooks/typed")
    await page.get_by_role("button", name="Delete", exact=True).focus()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Escape")
    assert stack.api.ask("GET", "webhooks", "typed")["name"] == "typed"
