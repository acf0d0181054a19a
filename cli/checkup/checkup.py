"""The checkup: all that can be seen from where this machine stands, at the same time."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing

from cli.checkup import canary as canary_row
from cli.checkup import ledger, machinery, public, redis_server, relay, ring, tls
from cli.checkup.looking import Look, look_at_all
from cli.checkup.row import Row, failed, unchecked
from cli.client import ApiError, ControlApi, Json, access_token, has_token
from cli.embedded_redis import embedded_redis
from cli.surroundings import clock_ms, redis_url
from config.settings import Settings
from domain.canary import Failure, Report
from relay.server.api.machinery_views import of_machinery
from store import canary, keyring, memory, queues
from store.connect import SyncStore
from store.proofs import new_proof
from store.sealing import Sealer

_API_TIMEOUT_S = 4.0


class Checkup:
    """What `fleet doctor` does."""

    def __init__(self, settings: Settings, *, insecure: bool) -> None:
        """A checkup that has not begun.

        Args:
            settings: of this machine.
            insecure: send the access token over plain http:// to another machine.
        """
        self._settings = settings
        self._insecure = insecure

    def rows(self) -> list[Row]:
        """What there is to say, in the order in which to read it."""
        settings = self._settings
        looks = [*self._on_the_server()] if self.has_redis else [Look("redis", _no_redis)]
        looks += [
            Look("relay", self._relay),
            Look(public.CHECK, self._public),
            Look("TLS", lambda: self._tls("TLS", settings.public_url, "FLEET_PUBLIC_URL")),
        ]
        if _origin(settings.api_url) != _origin(settings.public_url):
            looks.append(Look("relay TLS", lambda: self._tls("relay TLS", settings.api_url, "FLEET_API_URL")))
        return look_at_all(looks)

    @property
    def has_redis(self) -> bool:
        """Whether the Redis of a gateway can be asked from here."""
        settings = self._settings
        return settings.redis_url is not None or embedded_redis(settings.state_dir).folder.is_dir()

    def _on_the_server(self) -> Iterator[Look]:
        settings = self._settings

        def asking(rows: Callable[[SyncStore], Iterable[Row]]) -> Callable[[], list[Row]]:
            """A connection of its own for each: one that hangs holds up no other."""

            def ask() -> list[Row]:
                with closing(SyncStore(redis_url(settings), is_patient=False)) as store:
                    return list(rows(store))

            return ask

        yield Look("redis", asking(lambda store: redis_server.rows(store, settings, clock_ms)))
        yield Look("sealing keys", asking(lambda store: ring.rows(store, settings)))
        yield Look("workers", asking(_machinery))
        yield Look("ledger", asking(ledger.rows))
        yield Look(canary_row.CHECK, asking(self._canary))

    def _canary(self, store: SyncStore) -> list[Row]:
        return [canary_row.row(store.run(canary.last()), self._settings.canary_interval, clock_ms())]

    def _api(self) -> ControlApi | None:
        """What is asked with our token; None when there is none.

        Raises:
            ApiError: the token would travel in the clear.
        """
        settings = self._settings
        if not has_token(settings):
            return None
        return ControlApi(
            settings.api_url,
            access_token(settings, insecure=self._insecure),
            insecure=self._insecure,
            ca_file=settings.ca_file,
            timeout_s=_API_TIMEOUT_S,
        )

    def _relay(self) -> list[Row]:
        try:
            rows, status = relay.rows(self._api())
        except ApiError as error:
            return [failed("relay", "is not asked", str(error))]
        if status is None or self.has_redis:
            return rows
        return [*rows, *_seen_by_the_relay(status)]

    def _public(self) -> list[Row]:
        settings = self._settings
        if public.is_of_another(settings.public_url, settings.ingress_url):
            return [public.elsewhere(settings.public_url)]
        try:
            question = self._question()
        except ApiError:
            question = None
        if question is None:
            advice = (
                "It takes the sealing keys, or an access token and the relay, to tell whether it is ours."
            )
            return [unchecked(public.CHECK, "nobody here can ask whose it is", advice)]
        return list(public.rows(*question, settings.ca_file, public.has_default_route))

    def _question(self) -> tuple[str, str] | None:
        """A question to the public door, and what proves that it is ours."""
        settings = self._settings
        if keyring.exists(settings.secrets_dir):
            sealer = Sealer(keyring.load(settings.secrets_dir), os.urandom)
            proof = new_proof(sealer, os.urandom, clock_ms())
            return f"{settings.public_url}/t/{proof.question}", proof.answer
        api = self._api()
        if api is None:
            return None
        made = api.ask("POST", "proofs")
        return made["url"], made["proof"]

    def _tls(self, check: str, url: str, setting: str) -> list[Row]:
        return list(tls.rows(check, url, setting, self._settings.ca_file, clock_ms))


def _no_redis() -> list[Row]:
    advice = "'fleet doctor' on the server looks at Redis, keys, workers and queues."
    return [unchecked("redis", "this is not the server", advice)]


def _machinery(store: SyncStore) -> Iterator[Row]:
    now_ms = clock_ms()
    found = of_machinery(store.run(queues.look(now_ms)), store.run(memory.about_redis()), now_ms)
    yield from machinery.rows(found, now_ms)


def _seen_by_the_relay(status: Json) -> Iterator[Row]:
    """What the relay says of our gateway, and to operators of the server."""
    yield from relay.of_gateway(status)
    if status["server"] is not None:
        yield from machinery.rows(status["server"], machinery.ms(status["now"]))
    yield canary_row.row(_report(status["canary"]), 0, machinery.ms(status["now"]))


def _report(told: Json | None) -> Report | None:
    """The report that the relay told."""
    if told is None:
        return None
    good_at = told["good_at"]
    return Report(
        at=machinery.ms(told["at"]),
        interval_s=told["interval_s"],
        failure=Failure(told["failure"]) if told["failure"] else None,
        status=told["status"],
        good_at=machinery.ms(good_at) if good_at else None,
        latency_ms=told["latency_ms"],
    )


def _origin(url: str) -> str:
    return "/".join(url.split("/")[:3])
