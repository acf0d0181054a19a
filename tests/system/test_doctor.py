"""`fleet doctor signature` through real processes: who waits is told what is wrong with what comes next."""

import asyncio
import json
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio

from domain.event import Request
from domain.senders import SENDERS, sign
from tests.command_line import Done, Fleet, fleet_command
from tests.public_door import now_ms
from tests.system.stack import Stack, gateway, post, until
from tests.system.test_canary import at_rest, everything_in_redis

pytestmark = pytest.mark.asyncio(loop_scope="module")

CANARY = "kanarienvogel-7f3a"
SECRET = f"{CANARY}-secret"
DOCUMENT = {"note": f"{CANARY}-body", "type": "sale"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Stack]:
    async with gateway(tmp_path_factory.mktemp("gateway"), LOG_LEVEL="debug") as running:
        yield running


@pytest.fixture
def fleet(stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Fleet:
    own = {name: value for name, value in stack.environ.items() if name.startswith("FLEET_")}
    environ = {**own, "FLEET_TOKEN": stack.token, "FLEET_API_URL": stack.settings.api_url}
    return fleet_command(monkeypatch, capsys, environ)


def hook(stack: Stack, name: str, sender: str, secret: str = SECRET, **wishes: object) -> str:
    """The URL of a webhook with a secret."""
    url = stack.webhook(name, sender, **wishes)["url"]
    stack.api.ask("PUT", "webhooks", name, "secret", body={"secret": secret, "exact": True})
    return url


def signed(sender: str, body: bytes, secret: str = SECRET, late_s: int = 0) -> dict[str, str]:
    request = Request("POST", b"", b"", (), body)
    made = sign(SENDERS[sender], request, secret.encode(), now_ms() - late_s * 1000)
    return {name.decode(): value.decode() for name, value in made.headers}


async def told(stack: Stack, fleet: Fleet, name: str, url: str, *sent: tuple[bytes, dict[str, str]]) -> Done:
    """What the doctor says who was waiting when these came."""
    webhook = stack.api.ask("GET", "webhooks", name)["id"]
    waiting = asyncio.create_task(asyncio.to_thread(fleet, "doctor", "signature", name, "--timeout", "1m"))
    wish = ("HEXISTS", f"fleet:webhook:{webhook}", "examine_until")
    await until(lambda: stack.store.client.execute_command(*wish) == 1, "a wish")
    for body, headers in sent:
        status, _ = await asyncio.to_thread(post, url, body, headers)
        assert status == 202
    return await waiting


async def test_a_body_that_a_proxy_has_written_anew_is_found_and_nothing_of_it_is_told(
    stack: Stack, fleet: Fleet
) -> None:
    url = hook(stack, "shop", "custom", require_signature=True)
    body = json.dumps(DOCUMENT, separators=(",", ":")).encode()
    done = await told(
        stack,
        fleet,
        "shop",
        url,
        (body, signed("custom", body)),
        (json.dumps(DOCUMENT).encode(), signed("custom", body)),
    )
    assert (done.code, done.err) == (3, "")
    assert "This one is fine: evt_" in done.out
    assert "the signature is that of the body as JSON, compact" in done.out
    stories = json.dumps(stack.api.ask("GET", "events"))
    for said in (done.out, stories, everything_in_redis(stack).decode("latin-1"), stack.logs().decode()):
        assert CANARY not in said
    assert CANARY.encode() not in at_rest(Path(stack.settings.state_dir))


async def test_the_secret_of_another_webhook_is_found_by_a_worker(stack: Stack, fleet: Fleet) -> None:
    hook(stack, "one", "github", f"{SECRET}-of-one")
    url = hook(stack, "two", "stripe", require_signature=True)
    done = await told(stack, fleet, "two", url, (b"{}", signed("stripe", b"{}", f"{SECRET}-of-one")))
    assert done.code == 3
    assert "signed with the secret of your webhook one" in done.out


async def test_where_the_ingress_refuses_the_doctor_still_gets_to_see_it(stack: Stack, fleet: Fleet) -> None:
    url = hook(stack, "door", "slack", verify="ingress", require_signature=True)
    late = (b"{}", signed("slack", b"{}", late_s=400))
    assert post(url, *late)[0] == 401
    done = await told(stack, fleet, "door", url, late)
    assert done.code == 3
    assert "seconds before the request arrived here" in done.out


async def test_an_event_that_waits_for_its_subscriber_can_be_looked_at(stack: Stack, fleet: Fleet) -> None:
    url = hook(stack, "kept", "github")
    stack.subscribe("slow", ("kept",))
    status, answer = post(url, b"{}", signed("github", b"{}"))
    assert status == 202
    event = answer["id"]
    await until(lambda: stack.api.ask("GET", "events", event)["state"] == "fanned_out", "fanned out")
    done = await asyncio.to_thread(fleet, "doctor", "signature", "kept", "--event", event)
    assert (done.code, done.out) == (0, f"\n{event}: The request is verified, by github-sha256.\n")
