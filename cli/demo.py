"""`fleet demo`: the main job, from an empty folder to an event that arrived, each step with its time."""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Annotated, Final

import aiohttp
import typer

from cli import first_gateway
from cli.answers import say
from cli.called import command
from cli.client import ControlApi, Json
from cli.output import LogFiles
from cli.paging import every
from cli.printing_subscriber import Arrived, PrintingSubscriber
from cli.service import Service, StartInterruptedError
from cli.stack import fleet, services
from cli.steps import Steps
from cli.supervisor import Supervisor
from config.settings import Settings, load
from domain.errors import FleetError
from domain.event import Request
from domain.senders import SENDERS, sign
from relay.connector.trust import distrust, trusting

SIGNED: Final = "demo-github"
OPEN: Final = "demo-open"
SUBSCRIPTION: Final = "demo"
_TIMEOUT_S: Final = 30.0
_POLL_S: Final = 0.01
_PAYLOAD: Final = {
    "ref": "refs/heads/main",
    "repository": {"full_name": "octo-org/hello-world"},
    "head_commit": {"message": "The first event through Fleet Gateway"},
}


class DemoError(FleetError):
    """The demo did not show what it is there to show."""


def demo(
    *, once: Annotated[bool, typer.Option("--once", help="Stop after the event has arrived.")] = False
) -> None:
    """Start everything, send a signed GitHub event and show it arriving. Then stay up.

    Exit code 0 when the event arrived, 1 when it did not.
    """
    try:
        shown = asyncio.run(_demo(load(os.environ), once=once))
    except StartInterruptedError:
        raise typer.Exit(1) from None
    if not shown:
        raise typer.Exit(1)


async def _demo(settings: Settings, *, once: bool) -> bool:
    """Whether the event arrived before somebody asked to stop."""
    steps, shown = Steps(), False
    async with PrintingSubscriber() as subscriber:
        with services(settings, os.environ) as wanted:
            logs = LogFiles(settings.state_dir / "logs")
            async with Supervisor([steps.timed(each) for each in wanted], logs) as running:
                token = first_gateway.ensure_gateway(settings)
                if token is None:
                    raise DemoError(first_gateway.refused(settings))
                api = ControlApi(settings.api_url, token, ca_file=settings.ca_file)
                try:
                    signed, opened, secret = _prepare(api)  # not in a thread, which would go on when we stop
                    steps.done("webhook and subscription made")
                    await running.add(_connector(settings, token, subscriber.url))
                    await _until(lambda: _has_tunnel(api), "The connector got no tunnel")
                    steps.done("connector holds a tunnel")
                    await _show(steps, settings, api, subscriber, signed)
                    shown = True
                    if not once:
                        _invite(settings, signed, opened, secret)
                        subscriber.print_from_now_on()
                        await running.wait()
                finally:
                    _clear(api)
    return shown


def _clear(api: ControlApi) -> None:
    """Take away what the demo makes, so that no open address is left behind."""
    for webhook in every(api, "webhooks"):
        if webhook["name"] in {SIGNED, OPEN}:
            api.ask("DELETE", "webhooks", webhook["name"])
    for subscription in every(api, "subscriptions"):
        if subscription["name"] == SUBSCRIPTION:
            api.ask("DELETE", "subscriptions", SUBSCRIPTION)


def _prepare(api: ControlApi) -> tuple[Json, Json, str]:
    """A webhook that demands signatures, one that demands nothing, and a subscription to both."""
    # A demo that was killed may have left its things behind.
    _clear(api)
    wish = {"name": SIGNED, "sender": "github", "require_signature": True}
    signed = api.ask("POST", "webhooks", body=wish)
    opened = api.ask("POST", "webhooks", body={"name": OPEN, "sender": "custom"})
    api.ask("POST", "subscriptions", body={"name": SUBSCRIPTION, "webhooks": [SIGNED, OPEN]})
    return signed, opened, str(signed["secret"])


def _connector(settings: Settings, token: str, url: str) -> Service:
    env = {**os.environ, "FLEET_API_URL": settings.api_url, "FLEET_TOKEN": token}
    return Service(name="connector", argv=fleet("connect", f"{SUBSCRIPTION}={url}"), env=env)


def _has_tunnel(api: ControlApi) -> bool:
    return bool(api.ask("GET", "gateway")["tunnels"])


def _is_settled(api: ControlApi, event: str) -> bool:
    deliveries = api.ask("GET", "events", event)["deliveries"]
    return all(each["state"] == "delivered" for each in deliveries)


async def _until(ask: Callable[[], bool], complaint: str) -> None:
    """Wait until a question is answered with yes.

    Raises:
        DemoError: it never is.
    """
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            while True:
                if await asyncio.to_thread(ask):
                    return
                await asyncio.sleep(_POLL_S)
    except TimeoutError:
        raise DemoError(f"{complaint}; the logs in the state folder say why.") from None


async def _show(
    steps: Steps, settings: Settings, api: ControlApi, subscriber: PrintingSubscriber, signed: Json
) -> None:
    """Send the event and follow it.

    Raises:
        DemoError: it was not accepted, or did not arrive as it was sent.
    """
    body = json.dumps(_PAYLOAD).encode()
    say("", "A signed GitHub push event is on its way.")
    steps.begin()
    event = await _post(settings, str(signed["url"]), body, _signed(body, str(signed["secret"])))
    steps.done(f"accepted: 202 {event}")
    try:
        arrived = await asyncio.wait_for(subscriber.arrival(), _TIMEOUT_S)
    except TimeoutError:
        raise DemoError(f"Event {event} did not arrive; the logs in the state folder say why.") from None
    steps.done(f"arrived at {subscriber.url}", at=arrived.at)
    _check(arrived, body)
    await _tell_story(api, event)


def _signed(body: bytes, secret: str) -> Mapping[str, str]:
    bare = Request("POST", b"", b"", (), body)
    signature = sign(SENDERS["github"], bare, secret.encode(), 0).headers
    return {
        "content-type": "application/json",
        "x-github-event": "push",
        "x-github-delivery": "f6b1a7a0-0000-4000-8000-000000000001",
        **{name.decode(): value.decode() for name, value in signature},
    }


async def _post(settings: Settings, url: str, body: bytes, headers: Mapping[str, str]) -> str:
    tls = trusting(settings.ca_file)
    try:
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data=body, headers=headers, ssl=tls) as answer,
        ):
            if answer.status != HTTPStatus.ACCEPTED:
                raise DemoError(f"The ingress answered {answer.status} instead of 202.")
            return str((await answer.json())["id"])
    except aiohttp.ClientConnectorCertificateError as error:
        who = settings.public_url
        raise DemoError(distrust(who, "FLEET_PUBLIC_URL", error.certificate_error)) from None
    except aiohttp.ClientError:
        raise DemoError(f"The ingress cannot be reached at {settings.public_url}.") from None


def _check(arrived: Arrived, body: bytes) -> None:
    if arrived.body != body or arrived.headers.get("fleet-verified") != "github-sha256":
        raise DemoError("What arrived is not what was sent.")
    say(f"             the same {len(body)} bytes and headers, verified by github-sha256")


async def _tell_story(api: ControlApi, event: str) -> None:
    """What the gateway says about the event, once it is settled."""
    await _until(lambda: _is_settled(api, event), f"Event {event} arrived but was not settled")
    story = await asyncio.to_thread(api.ask, "GET", "events", event)
    say(f"             {story['state']}; 1 of {len(story['deliveries'])} delivered; its body is deleted")


def _invite(settings: Settings, signed: Json, opened: Json, secret: str) -> None:
    say(
        "",
        "It stays up; what arrives is printed here. Send something yourself, from another terminal:",
        "",
        f'  curl -d \'{{"hello": "world"}}\' {opened["url"]}',
        "",
        "This one takes GitHub's events only, signed with this secret:",
        "",
        f"  {signed['url']}",
        f"  {secret}",
        "",
        f"Both end with the demo. What became of each event: {command('events list')}",
        f"Logs are in {settings.state_dir / 'logs'}.",
        "Ctrl-C stops everything.",
        "",
    )
    sys.stdout.flush()
