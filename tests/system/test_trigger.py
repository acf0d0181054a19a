"""`fleet trigger` through real processes: what it sends is judged as it says, and its exit code tells."""

import asyncio
import base64
from collections.abc import AsyncGenerator
from itertools import count
from typing import Any

import pytest
import pytest_asyncio

from cli.client import ApiError
from cli.posting import post
from domain.senders import SENDERS
from domain.senders.samples import SAMPLES
from tests.command_line import Done, Fleet, fleet_command
from tests.imitations import fresh
from tests.system.stack import Stack, gateway, subscriber, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
names = (f"hook-{number}" for number in count())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Stack]:
    async with gateway(tmp_path_factory.mktemp("gateway")) as running:
        yield running


@pytest.fixture
def fleet(stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Fleet:
    own = {name: value for name, value in stack.environ.items() if name.startswith("FLEET_")}
    environ = {**own, "FLEET_TOKEN": stack.token, "FLEET_API_URL": stack.settings.api_url}
    return fleet_command(monkeypatch, capsys, environ)


async def run(fleet: Fleet, *arguments: str) -> Done:
    return await asyncio.to_thread(fleet, "trigger", *arguments)


def hook(stack: Stack, sender: str, secret: str | None = SECRET, **wishes: object) -> str:
    name = next(names)
    stack.webhook(name, sender, **wishes)
    if secret is not None:
        stack.api.ask("PUT", "webhooks", name, "secret", body={"secret": secret, "exact": True})
    return name


async def test_what_is_sent_arrives_and_it_says_so(stack: Stack, fleet: Fleet) -> None:
    name = hook(stack, "github")
    stack.subscribe(webhooks=(name,))
    async with subscriber() as local:
        await stack.connect(app=local.url)
        done = await run(fleet, "github", "push", "--webhook", name)
    assert done.code == 0
    sent, answered, became = done.out.splitlines()
    assert sent.startswith("Sent: push (")
    assert sent.endswith(f" to webhook {name}, signed by github-sha256.")
    [arrival] = local.arrivals
    assert answered == f"Answered 202: accepted as {arrival.header('fleet-event')}."
    assert became == "Verified by github-sha256; 1 delivered."
    assert arrival.header("fleet-verified") == "github-sha256"
    assert arrival.header("user-agent").startswith("GitHub-Hookshot/")
    assert '"Greet the café, too"'.encode() in arrival.body
    assert SECRET not in done.out
    assert SECRET.encode() not in stack.logs()


async def test_the_negative_cases_are_what_they_should_be(stack: Stack, fleet: Fleet) -> None:
    name = hook(stack, "stripe", require_signature=True)
    bad = await run(fleet, "stripe", "invoice.paid", "--webhook", name, "--bad-signature")
    assert (bad.code, bad.out.splitlines()[-1]) == (0, "Rejected: wrong_signature.")
    old = await run(fleet, "stripe", "invoice.paid", "--webhook", name, "--replay")
    assert (old.code, old.out.splitlines()[-1]) == (0, "Rejected: too_old.")
    unwanted = await run(fleet, "stripe", "invoice.paid", "--webhook", name, "--duplicate")
    assert (unwanted.code, unwanted.out.count("unmatched: no subscription wants it.")) == (0, 2)
    stack.subscribe("pay", webhooks=(name,))
    async with subscriber() as local:
        await stack.connect("connector-pay", pay=local.url)
        twice = await run(fleet, "stripe", "invoice.paid", "--webhook", name, "--duplicate")
    assert twice.code == 0
    lines = twice.out.splitlines()
    assert lines[2] == "Verified by stripe-v1; 1 delivered."
    assert lines[3].startswith("Sent again: invoice.paid (evt_")
    assert lines[5] == "Verified by stripe-v1; a duplicate, so it is not delivered again."
    assert stack.count("event:duplicate") == 1
    assert stack.differences() == []


async def test_where_a_person_may_have_asked_again_a_second_one_passes(stack: Stack, fleet: Fleet) -> None:
    name = hook(stack, "github")
    twice = await run(fleet, "github", "push", "--webhook", name, "--duplicate", "--json")
    assert twice.code == 0
    assert twice.json["as_expected"] is True
    states = [each["story"]["state"] for each in twice.json["sent"]]
    assert states == ["unmatched", "unmatched"]
    assert len({each["event_id"] for each in twice.json["sent"]}) == 1
    assert len({each["id"] for each in twice.json["sent"]}) == 2


async def test_without_a_secret_it_says_that_nothing_is_verified(stack: Stack, fleet: Fleet) -> None:
    name = hook(stack, "github", None)
    done = await run(fleet, "github", "push", "--webhook", name)
    assert done.code == 0
    assert "unsigned, as there is no secret to sign with" in done.out
    assert done.out.splitlines()[-1] == "Not verified; unmatched: no subscription wants it."


@pytest.mark.parametrize("how", [[], ["--bad-signature"]])
async def test_where_nothing_can_pass_no_test_of_it_succeeds(
    stack: Stack, fleet: Fleet, how: list[str]
) -> None:
    name = hook(stack, "stripe", None, require_signature=True)
    done = await run(fleet, "stripe", "invoice.paid", "--webhook", name, *how)
    assert done.code == 1
    assert done.out.splitlines()[-2:] == [
        "Rejected: no_secret.",
        (
            "Not as expected: the webhook has no secret yet, so nothing passes;"
            " 'fleet webhooks set-secret' stores one."
        ),
    ]


async def test_without_a_connector_it_says_what_it_waits_for_and_what_is_missing(
    stack: Stack, fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.trigger._PATIENCE_S", 1.5)
    name = hook(stack, "github")
    stack.subscribe("alone", webhooks=(name,))
    done = await run(fleet, "github", "push", "--webhook", name)
    assert done.code == 0
    assert "Waiting for a connector that takes it for alone, at most" in done.err
    assert done.out.splitlines()[-1] == (
        "Verified by github-sha256; 1 queued: no connector took it for alone;"
        " 'fleet connect alone=http://127.0.0.1:3000/' brings it."
    )


async def test_who_is_not_let_in_is_told_the_answer(stack: Stack, fleet: Fleet) -> None:
    name = hook(stack, "github", allow_ips=["192.0.2.1"])
    done = await run(fleet, "github", "push", "--webhook", name)
    assert done.code == 1
    assert done.out.splitlines()[1:] == [
        "Answered 403: This address may not send here.",
        "Not as expected: it should have passed.",
    ]


async def test_where_only_the_sender_can_sign_what_is_unsigned_is_refused(stack: Stack, fleet: Fleet) -> None:
    for sender in (key for key in SENDERS if SENDERS[key].is_keyless):
        name = hook(stack, sender, None)
        event = SAMPLES[sender][0].event
        refused = await run(fleet, sender, event, "--webhook", name)
        assert (refused.code, refused.out) == (1, "")
        assert refused.err.startswith(f"Nobody but {SENDERS[sender].title} can sign its requests.")
        done = await run(fleet, sender, event, "--webhook", name, "--bad-signature")
        assert (done.code, done.out.splitlines()[-1]) == (0, "Rejected: missing_signature.")


async def test_where_the_ingress_verifies_the_forger_is_told_at_once(stack: Stack, fleet: Fleet) -> None:
    name = hook(stack, "discord", "3b" * 32)
    good = await run(fleet, "discord", "ENTITLEMENT_CREATE", "--webhook", name, "--trial-key")
    assert (good.code, good.out.splitlines()[-1]) == (
        0,
        "Verified by discord-ed25519; unmatched: no subscription wants it.",
    )
    bad = await run(fleet, "discord", "ENTITLEMENT_CREATE", "--webhook", name, "--bad-signature")
    assert bad.code == 0
    [_, answered] = bad.out.splitlines()
    assert answered.startswith("Answered 401")


async def test_every_sender_is_believed_over_http(stack: Stack) -> None:
    """The sample of each, made by the relay, posted to the ingress, verified by a worker."""
    before = stack.counts()
    signing = [key for key in SENDERS if not SENDERS[key].is_keyless]
    sent = await asyncio.gather(*(asyncio.to_thread(send, stack, key) for key in signing))
    await until(lambda: stack.count("event:waiting") == 0, "all are decided")
    for key, event, sample in sent:
        story = stack.api.ask("GET", "events", event)
        assert (story["state"], story["verified_by"]) == ("unmatched", sample["signed_by"]), key
        assert story["type"] == sample["event"], key
    assert stack.count("event:unmatched") == before.get("event:unmatched", 0) + len(signing)
    assert [key for key, _, sample in sent if sample["signed_by"] is None] == ["docker-hub"]


def send(stack: Stack, key: str) -> tuple[str, str, dict[str, Any]]:
    name, sender = hook(stack, key, None), SENDERS[key]
    if any(scheme.hook is None for scheme in sender.schemes):
        secret = fresh(sender).secret.decode()
        stack.api.ask("PUT", "webhooks", name, "secret", body={"secret": secret, "exact": True})
    sample = sample_of(stack, name, SAMPLES[key][0].event)
    headers = [(header, value) for header, value in sample["headers"]]
    posted = post(sample["url"], headers, base64.b64decode(sample["body"]), None)
    assert posted.event is not None, (key, posted)
    return key, posted.event, sample


def sample_of(stack: Stack, name: str, event: str) -> dict[str, Any]:
    wish = {"event": event}
    try:
        return stack.api.ask("POST", "webhooks", name, "samples", body=wish)
    except ApiError:  # the secret would be told, or is a public key
        return stack.api.ask("POST", "webhooks", name, "samples", body={**wish, "trial_key": True})
