"""Agents over the Model Context Protocol: real processes, the official client, every byte recorded."""

import asyncio
import shlex
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from cli.surroundings import clock_ms
from cli.vault import Vault, open_vault
from cli.vault.pulling import pull_secret
from config.settings import load
from domain.event import Request
from domain.senders import SENDERS, sign
from relay.mcp.outcomes import NAMES
from tests.agent import MODES, Agent, over_http, over_stdio
from tests.system.stack import Stack, post

BODY = b'{"action": "opened", "number": 7}'


def signed(secret: str, event: str) -> dict[str, str]:
    made = sign(SENDERS["github"], Request("POST", b"", b"", (), BODY), secret.encode(), clock_ms()).headers
    own = {name.decode(): value.decode() for name, value in made}
    return {"X-GitHub-Event": event, "Content-Type": "application/json", **own}


def of_agent(stack: Stack, folder: Path) -> dict[str, str]:
    return {**stack.of_owner, "FLEET_VAULT": "file", "FLEET_VAULT_FILE": str(folder / "vault")}


@asynccontextmanager
async def connected(kind: str, stack: Stack, folder: Path, mode: str) -> AsyncGenerator[Agent]:
    if kind == "http":
        async with over_http(stack.settings.api_url, stack.token, mode) as agent:
            yield agent
    else:
        async with over_stdio(folder, of_agent(stack, folder), mode) as agent:
            yield agent


@pytest.mark.parametrize("kind", ["http", "stdio"])
async def test_an_agent_makes_a_webhook_and_waits_for_its_event_and_never_sees_the_secret(
    stack: Stack, tmp_path: Path, kind: str
) -> None:
    for mode in MODES:
        folder = tmp_path / mode
        folder.mkdir()
        vault = open_vault(load(of_agent(stack, folder)))
        async with connected(kind, stack, folder, mode) as agent:
            secret = await main_job(agent, stack, kind, vault)
        said = agent.transcript.all()
        assert b"github-prs" in said
        assert secret.encode() not in said
        assert stack.token.encode() not in said.replace(f"Bearer {stack.token}".encode(), b"")
        assert (f"Bearer {stack.token}".encode() in said) == (kind == "http")
    assert secret.encode() not in stack.logs()


async def main_job(agent: Agent, stack: Stack, kind: str, vault: Vault) -> str:
    """The secret of a webhook that was made, waited for, and deleted again."""
    made = await agent.call(
        "create_webhook", name="github-prs", sender="github", events=["pull_request"], description="Pulls"
    )
    assert made["secret"]["kept"] == ("vault" if kind == "stdio" else "gateway")
    called = "fleet" if kind == "http" else f"{shlex.quote(sys.executable)} -m cli"
    assert made["secret"]["command"].startswith(f"{called} vault ")
    assert f"'{called} connect github-prs-too=http://127.0.0.1:3000/'" in await agent.text(
        "subscribe", name="github-prs-too", webhooks=["github-prs"]
    )
    await agent.call("unsubscribe", name="github-prs-too")
    if kind == "http":
        assert made["secret"]["command"] == "fleet vault pull github-prs"
        await asyncio.to_thread(pull_secret, stack.api, vault, "github-prs", "github-prs")
    secret = vault.get("github-prs")
    assert secret is not None
    assert len(secret) == 64
    wish = {"webhook": "github-prs", "events": ["pull_request"], "after": made["after"]}
    waiting = asyncio.create_task(agent.call("wait_for_event", **wish))
    assert post(made["url"], BODY, signed("forged", "pull_request"))[0] == 202
    status, accepted = post(made["url"], BODY, signed(secret, "pull_request"))
    assert status == 202
    came = await waiting
    [event] = came["events"]
    assert event["id"] == accepted["id"]
    assert event["verified_by"] == "github-sha256"
    assert event["by_sender"]["type"] == "pull_request"
    await everything_else(agent, made, event)
    return secret


async def everything_else(agent: Agent, made: dict[str, Any], event: dict[str, Any]) -> None:
    """Every other tool has something to say, too, and the secret is in none of it."""
    tools = {tool.name for tool in (await agent.client.list_tools()).tools}
    assert [each["name"] for each in (await agent.call("list_webhooks"))["webhooks"]] == ["github-prs"]
    shown = await agent.call("show_webhook", name="github-prs")
    assert shown["url"] == made["url"]
    assert [each["name"] for each in shown["subscriptions"]] == ["github-prs"]
    tested = await agent.call("test_webhook", name="github-prs", event="pull_request")
    assert tested["event"]["outcome"] == "under_way"
    assert len((await agent.call("list_events", webhook="github-prs"))["events"]) == 3
    why = await agent.call("why_event", event=event["id"])
    assert "Verified by github-sha256" in " ".join(why["steps"])
    rotated = await agent.call("rotate_secret", name="github-prs")
    assert rotated["secret"]["kept"] == made["secret"]["kept"]
    assert (await agent.call("subscribe", name="ci", webhooks=["github-prs"]))["events"] == []
    assert (await agent.call("unsubscribe", name="ci"))["removed"] == "ci"
    assert (await agent.call("retry_deliveries", all=True))["retried"] == 0
    deleted = await agent.call("delete_webhook", name="github-prs")
    assert (deleted["removed"], deleted["deaf"]) == (["github-prs"], [])
    assert deleted["vault"].endswith(" vault delete github-prs")
    again = await agent.call("create_webhook", name="github-prs", sender="github")
    assert again["subscription"]["name"] == "github-prs"
    assert (again["secret"]["kept"], again["secret"]["note"]) == (made["secret"]["kept"], None)
    await agent.call("delete_webhook", name="github-prs")
    assert tools == set(NAMES)
