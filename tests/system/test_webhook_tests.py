"""`fleet webhooks test` through real processes: what it sends is a real event, and it tells its whole way."""

import asyncio
from collections.abc import AsyncGenerator
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from aiohttp import ClientSession, web

from domain.event import Request
from domain.senders import SENDERS, sign
from relay.connector.verification import Verification, VerifiedTarget
from tests.command_line import Done, Fleet, fleet_command
from tests.owner_door import clock_ms
from tests.running_connector import Scripted, connector
from tests.system.stack import Stack, gateway, subscriber

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Stack]:
    async with gateway(tmp_path_factory.mktemp("gateway")) as running:
        yield running


@pytest.fixture
def fleet(stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Fleet:
    return fleet_command(monkeypatch, capsys, stack.of_owner)


async def run(fleet: Fleet, *arguments: str) -> Done:
    return await asyncio.to_thread(fleet, "webhooks", "test", *arguments)


async def test_a_test_arrives_and_its_way_is_told(stack: Stack, fleet: Fleet) -> None:
    # Neither the address nor the scheme of the relay would be let in.
    stack.webhook(
        "ci", "github", require_signature=True, https_only=True, allow_ips=["192.0.2.7"], hourly_limit=100
    )
    stack.subscribe("app", webhooks=("ci",))
    stack.subscribe("reviews", webhooks=("ci",), events=["pull_request*"])
    async with subscriber() as local:
        await stack.connect("app-connector", app=local.url)
        done = await run(fleet, "ci")
        [arrived] = local.arrivals
    assert (done.code, done.err) == (0, "")
    sent, answered, verified, passed_over, with_connector, delivered, end = done.out.splitlines()
    assert sent == "Sent: push to webhook ci, signed by github-sha256."
    assert answered.startswith("The door answered 202: accepted as evt_")
    assert " ms: verified by github-sha256 with secret sec_" in verified
    assert verified.endswith("; wanted by app.")
    assert passed_over.endswith(" ms: not wanted by reviews, which takes pull_request*.")
    assert with_connector.endswith(" ms: app: attempt 1 is with its connector.")
    assert delivered.endswith(" ms: app: delivered (200).")
    assert end.startswith("It arrived. 'fleet events show evt_")
    names = [name.lower() for name, _ in arrived.headers]
    assert "fleet-test" not in names
    assert arrived.header("fleet-verified") == "github-sha256"
    assert arrived.header("fleet-original-host") in stack.settings.public_url


async def test_at_home_an_unsigned_test_is_refused_and_what_the_sender_signs_is_taken(
    stack: Stack, fleet: Fleet
) -> None:
    url = stack.webhook("secretive", "github", verify="local")["url"]
    stack.subscribe("home", webhooks=("secretive",))
    taken = Scripted()
    target = VerifiedTarget(taken, Verification("github", ["at home only"]), clock_ms)
    port = urlsplit(stack.settings.api_url).port
    assert port is not None
    async with connector(port, stack.token, {"home": target}) as running:
        done = await run(fleet, "secretive")
        assert done.code == 0
        assert "Sent: push to webhook secretive, unsigned" in done.out
        assert " ms: left to the private side to be verified; wanted by home." in done.out
        assert " ms: home: refused for ever (signature invalid at home: missing_signature)." in done.out
        assert done.out.splitlines()[-1].startswith("It arrived, and was refused there as it should be")
        assert taken.arrivals == []
        request = sign(SENDERS["github"], Request("POST", b"", b"", (), b"{}"), b"at home only", clock_ms())
        async with ClientSession() as session:
            headers = {name.decode(): value.decode() for name, value in request.headers}
            async with session.post(url, data=request.body, headers=headers) as answer:
                event = (await answer.json())["id"]
        await running.attempted(2)
    [arrival] = taken.arrivals
    assert (arrival.event, arrival.scheme) == (event, "github-sha256")
    story = stack.api.ask("GET", "events", event)
    assert (story["verified_by"], story["left_home"], story["outcome"]) == (None, True, "delivered")


async def test_what_fails_is_told_with_what_to_do(stack: Stack, fleet: Fleet) -> None:
    stack.webhook("lonely", "github")
    unmatched = await run(fleet, "lonely")
    assert unmatched.code == 1
    assert unmatched.out.splitlines()[-1].startswith("Nobody gets it.")
    assert "unsigned, as there is no secret to sign with" in unmatched.out
    stack.subscribe("nobody", webhooks=("lonely",))
    queued = await run(fleet, "lonely", "--wait", "2")
    assert queued.code == 1
    assert "Waiting for a connector that takes it for nobody, at most 2 seconds." in queued.err
    assert "'fleet connect nobody=http://127.0.0.1:3000/' brings it." in queued.out
    stack.webhook("strict", "stripe", require_signature=True)
    rejected = await run(fleet, "strict")
    assert rejected.code == 1
    assert "rejected: no_secret." in rejected.out


async def test_a_failing_subscriber_is_told(stack: Stack, fleet: Fleet) -> None:
    stack.webhook("sick", "github")
    stack.subscribe("ill", webhooks=("sick",))
    async with subscriber() as local:
        local.answer = lambda _: web.Response(status=500)
        await stack.connect("ill-connector", ill=local.url)
        done = await run(fleet, "sick", "--wait", "1")
    assert done.code == 1
    assert "ill: attempt 1 failed (500); another one follows." in done.out
    assert done.out.splitlines()[-1].startswith("It is still under way.")


async def test_a_paused_webhook_refuses_a_test_and_it_says_so(stack: Stack, fleet: Fleet) -> None:
    stack.webhook("idle", "github")
    assert (await asyncio.to_thread(fleet, "webhooks", "pause", "idle")).code == 0
    done = await run(fleet, "idle")
    assert done.code == 1
    assert done.out.splitlines()[1:] == [
        "The door answered 503: This webhook is paused: nothing is kept. Send it again later.",
        "Nothing was kept.",
    ]
    as_json = (await run(fleet, "idle", "--json")).json
    assert (as_json["sent"]["status"], as_json["story"], as_json["arrived"]) == (503, None, False)


async def test_what_cannot_be_tested_is_refused(stack: Stack, fleet: Fleet) -> None:
    stack.webhook("git", "git")
    done = await run(fleet, "git")
    assert (done.code, done.out) == (1, "")
    assert "'fleet repos sync NAME'" in done.err
