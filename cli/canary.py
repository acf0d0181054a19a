"""`fleet run canary`: an event of our own walks the whole way every so often, and says how it was."""

import asyncio
import os
import secrets
import signal
from pathlib import Path
from typing import Final

import uvloop
from redis.exceptions import NoPermissionError

from cli import secret_files
from cli.client import ApiError, ControlApi, Json, TokenUnknownError
from cli.metrics import readiness
from cli.metrics.monitored import monitored, new_book
from cli.metrics.of_canary import CanaryMeters
from cli.surroundings import clock_ms, dice, redis_url, suitable_store
from config.settings import Settings
from domain.canary import BOUND_S, NAME, Failure, Report
from domain.errors import FleetError, NameTakenError
from domain.gateway import Gateway
from domain.ids import ENTROPY_BYTES, new_id
from relay.canary.canary import Canary, CanaryContext
from relay.canary.place import NoPlaceError, Place
from relay.canary.walk import SENDER
from relay.connector.connector import ConnectorConfig
from relay.connector.trust import trusting
from store import canary, gateways, tokens
from store.connect import AsyncStore, SyncStore

TOKEN_FILE: Final = "canary-token"  # noqa: S105 - the name of a file
_SECRET_BYTES: Final = 32
# More than one each second; strangers cannot spend it.
_HOURLY_LIMIT: Final = 10_000
# Nobody reads what was an hour ago, and each event is remembered for a day at least.
_LOG_LENGTH: Final = 100
_API_TIMEOUT_S: Final = 5.0
_DESCRIPTION: Final = "The canary of this server; made anew when it is missing."


class CanaryError(FleetError):
    """There can be no canary as things are; the text says what to do."""


def run(settings: Settings, *, insecure: bool) -> None:
    """Walk until a signal asks to stop.

    Args:
        settings: of this process.
        insecure: speak plain http:// and ws:// to a relay on another machine.

    Raises:
        CanaryError: it is off, or its gateway has another token.
        ApiError: its token would travel in the clear.
        CaFileError: the file of CAs cannot be used.
    """
    if settings.canary_interval == 0:
        raise CanaryError(
            "FLEET_CANARY_INTERVAL is 0, so there is no canary; set it to the seconds between two events."
        )
    token = ensure_token(settings)
    book = new_book(NAME)
    meters = CanaryMeters(book)
    with monitored(settings, book, readiness.of_canary(meters, clock_ms)):
        uvloop.run(_run(settings, token, meters, insecure=insecure))


def ensure_token(settings: Settings) -> str:
    """The access token of the canary's gateway; both are made when they are missing.

    Raises:
        RedisAwayError: Redis does not answer.
        CanaryError: the gateway is there, but its token is not.
    """
    file = settings.secrets_dir / TOKEN_FILE
    if file.exists():
        return file.read_text().strip()
    store = suitable_store(settings)
    try:
        return make_gateway(store, file)
    except NoPermissionError:
        raise _token_missing(file) from None
    finally:
        store.close()


def make_gateway(store: SyncStore, file: Path) -> str:
    """Make the canary's gateway, and keep its access token in a file.

    Raises:
        CanaryError: a gateway of that name exists.
    """
    token = tokens.access_token(os.urandom(tokens.ACCESS_TOKEN_BYTES))
    gateway = Gateway(new_id("gw", clock_ms(), os.urandom(ENTROPY_BYTES)), NAME, clock_ms())
    try:
        store.run(gateways.create(gateway, tokens.hashed(token), _LOG_LENGTH))
    except NameTakenError:
        raise _token_missing(file) from None
    secret_files.keep(file, token + "\n")
    return token


def _token_missing(file: Path) -> CanaryError:
    return CanaryError(
        f"The access token of gateway {NAME} is not in {file};"
        f" 'fleet gateways renew {NAME}' on the server makes a new one; put it there."
    )


async def _run(settings: Settings, token: str, meters: CanaryMeters, *, insecure: bool) -> None:
    tls = trusting(settings.ca_file)
    store = AsyncStore(redis_url(settings))
    api = ControlApi(
        settings.api_url, token, insecure=insecure, ca_file=settings.ca_file, timeout_s=_API_TIMEOUT_S
    )
    nest = Nest(api, settings.public_url)

    async def keep(report: Report) -> None:
        meters.walked(report)
        await store.run(canary.keep(report))

    async def last() -> Report | None:
        return await store.run(canary.last())

    walking = Canary(
        CanaryContext(
            interval_s=settings.canary_interval,
            connector=ConnectorConfig(settings.api_url, token, insecure=insecure, tls=tls),
            tls=tls,
            prepare=lambda: asyncio.to_thread(nest.place),
            keep=keep,
            last=last,
            clock_ms=clock_ms,
            dice=dice,
            entropy=os.urandom,
        )
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, walking.stop)
    try:
        await walking.run()
    finally:
        await store.close()


class Nest:
    """The webhook and the subscription of the canary, made through the control API like any owner's."""

    def __init__(self, api: ControlApi, public_url: str) -> None:
        """A place that is not made yet.

        Args:
            api: asked with the canary's token.
            public_url: how the public door is reached from here; the relay may tell others another way.
        """
        self._api = api
        self._public_url = public_url
        self._secret = secrets.token_urlsafe(_SECRET_BYTES)
        self._secret_id = ""

    def place(self) -> Place:
        """Make sure that both are there, as they have to be.

        Raises:
            NoPlaceError: the relay is away, or refuses.
        """
        try:
            webhook = self._webhook()
            self._subscribe()
        except TokenUnknownError as error:
            raise NoPlaceError(Failure.TOKEN_REFUSED, str(error)) from None
        except ApiError as error:
            raise NoPlaceError(Failure.RELAY_AWAY, str(error)) from None
        token = str(webhook["url"]).rpartition("/")[2]
        return Place(f"{self._public_url}/t/{token}", self._secret.encode(), NAME)

    def _webhook(self) -> Json:
        webhook = self._found("webhooks")
        if webhook is None:
            wish = {
                "name": NAME,
                "sender": SENDER,
                "description": _DESCRIPTION,
                "require_signature": True,
                "hourly_limit": _HOURLY_LIMIT,
            }
            webhook = self._api.ask("POST", "webhooks", body=wish)
        # Nobody else knows the secret, and no file: each process brings one of its own. One that was replaced
        # is told for a while, with its end.
        if self._secret_id not in [each["id"] for each in webhook["secrets"] if each["expires_at"] is None]:
            body = {"secret": self._secret, "exact": True}
            webhook = self._api.ask("PUT", "webhooks", NAME, "secret", body=body)
            self._secret_id = webhook["secrets"][0]["id"]
        return webhook

    def _subscribe(self) -> None:
        subscription = self._found("subscriptions")
        if subscription is not None and subscription["webhooks"] == [NAME]:
            return
        if subscription is not None:
            # Its webhook was deleted, and another one has the name now.
            self._api.ask("DELETE", "subscriptions", NAME)
        wish = {"name": NAME, "webhooks": [NAME], "timeout_s": round(BOUND_S)}
        self._api.ask("POST", "subscriptions", body=wish)

    def _found(self, things: str) -> Json | None:
        return next((each for each in self._api.ask("GET", things)[things] if each["name"] == NAME), None)
