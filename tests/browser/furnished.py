"""A gateway as people have it: much of it ordinary, some of it long, and some of it hostile."""

import asyncio
import json
from functools import partial
from typing import Final

from aiohttp import web
from cryptography.hazmat.primitives import hashes, hmac

from tests.system.stack import Arrival, Stack, Subscriber, post, until

SECRET: Final = "it-is-github-who-signs-with-this"
SCRIPT: Final = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&{{7*7}}{% raw %}"
LONG_NAME: Final = "the-longest-name-that-a-webhook-can-have." + "x" * 23
LONG_WORD: Final = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 3
REPO: Final = "infra/app"


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    """The headers with which GitHub vouches for a body."""
    digest = hmac.HMAC(secret.encode(), hashes.SHA256())
    digest.update(body)
    return {"x-hub-signature-256": f"sha256={digest.finalize().hex()}", "content-type": "application/json"}


def github(url: str, event: str = "push", number: int = 0, secret: str = SECRET) -> tuple[int, object]:
    """Send what GitHub would: status and answer."""
    body = json.dumps({"number": number, "greeting": "Grüße"}).encode()
    headers = {"x-github-event": event, "x-github-delivery": f"{event.encode().hex()}-{number}"}
    return post(url, body, {**headers, **signed(body, secret)})


def answer(arrival: Arrival) -> web.Response:
    """A subscriber who cannot cope with pull requests."""
    return web.Response(status=500 if arrival.header("x-github-event") == "pull_request" else 200)


async def furnish(stack: Stack, local: Subscriber) -> None:
    """Webhooks, subscriptions, repos and events of all kinds."""
    await asyncio.to_thread(_webhooks, stack)
    await asyncio.to_thread(_repos, stack)
    local.answer = answer
    await stack.connect(app=local.url)
    url = stack.api.ask("GET", "webhooks", "github-main")["url"]
    for number in range(12):
        assert (await asyncio.to_thread(github, url, "push", number))[0] == web.HTTPAccepted.status_code
    for number, event in enumerate(("pull_request", "workflow_run", SCRIPT[:40])):
        await asyncio.to_thread(github, url, event, 100 + number)
    await asyncio.to_thread(github, url, "push", 200, "a forger's")
    await until(lambda: stack.count("delivery:dead") == 1, "the pull request is dead")
    await until(lambda: stack.count("delivery:delivered") >= 12, "the pushes are delivered")


def _webhooks(stack: Stack) -> None:
    stack.webhook(
        "github-main",
        "github",
        description="Pushes and pull requests of the main repositories",
        require_signature=True,
        hourly_limit=1000,
    )
    stack.api.ask("PUT", "webhooks", "github-main", "secret", body={"secret": SECRET})
    make = partial(stack.webhook, hourly_limit=1000)
    make("stripe-live", "stripe", description="Payments", require_signature=True)
    make("grafana-alerts", "custom", description="From the monitoring, unsigned")
    make("shop-orders", "shopify", https_only=True, allow_ips=["192.0.2.0/24", "2001:db8::/32"])
    make(LONG_NAME, "bitbucket-server", description=LONG_WORD)
    make("hostile", "custom", description=SCRIPT, parameters={"prefix": SCRIPT[:100]})
    make("released", "github", description="Releases only", require_signature=True)
    stack.api.ask("PATCH", "webhooks", "released", body={"paused": True})
    assert github(stack.api.ask("GET", "webhooks", "shop-orders")["url"])[0] == web.HTTPForbidden.status_code
    stack.subscribe("app", ("github-main", "grafana-alerts"))
    stack.subscribe("billing", ("stripe-live",), events=["invoice.*", "payment_intent.*"], timeout_s=600)
    stack.subscribe("x" * 64, ("hostile", LONG_NAME), events=[SCRIPT[:100], "y" * 100])


def _repos(stack: Stack) -> None:
    def put(name: str, **spec: object) -> None:
        stack.api.ask("PUT", "repos", *name.split("/"), body={"spec": spec})

    put(REPO, repo="https://git.example.org/team/app", branch="main", pollingInterval="1m")
    put("infra/website", repo="https://git.example.org/team/website", revision="v2.1.0")
    put("infra/" + "z" * 63, repo=f"https://git.example.org/{'long-' * 30}path", branch="feature/" + "b" * 90)
