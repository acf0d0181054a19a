"""A visitor of the dashboard without a browser: keeps cookies, fills in forms, follows nothing by itself."""

import contextlib
import http.client
import os
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.applications import Starlette

from domain.networks import Networks
from relay.server.api import api_routes
from relay.server.context import RelayContext
from relay.server.dashboard import dashboard_routes
from tests.owner_door import context_of, serving


def application(context: RelayContext) -> Starlette:
    """Control API and dashboard."""

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await context.store.close()

    routes = [*api_routes(), *dashboard_routes(context.clock_ms, lambda: False)]
    app = Starlette(routes=routes, lifespan=lifespan)
    app.router.redirect_slashes = False
    app.state.context = context
    return app


@contextlib.contextmanager
def dashboard(redis_url: str, **changes: Any) -> Iterator[str]:
    """The dashboard over a Redis; gives its address as host:port."""
    # What a visitor says of his address is believed: each has one of his own.
    context = replace(context_of(redis_url), trusted=Networks.of(["127.0.0.1"]))
    with serving(application(replace(context, **changes))) as address:
        yield address


@dataclass(frozen=True)
class Seen:
    """An answer as a visitor sees it."""

    status: int
    headers: dict[str, str]
    cookies: list[str]
    text: str

    @property
    def location(self) -> str:
        return urlsplit(self.headers["location"])._replace(scheme="", netloc="").geturl()

    @property
    def csrf(self) -> str:
        [*found] = {*re.findall(r'name="csrf" value="([^"]+)"', self.text)}
        assert len(found) == 1
        return found[0]

    def words(self) -> str:
        """What stands there to be read, without markup."""
        text = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", self.text, flags=re.DOTALL)
        return " ".join(re.sub(r"<[^>]+>", " ", text).split())


@dataclass
class DashboardVisitor:
    """Somebody with a browser."""

    address: str
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.headers.setdefault("x-forwarded-for", f"2001:db8::{os.urandom(2).hex()}")

    def ask(self, method: str, path: str, body: str | None = None, **headers: str) -> Seen:
        sent = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if self.cookies:
            sent["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection = http.client.HTTPConnection(self.address, timeout=10)
        try:
            connection.request(method, path, body, {name: value for name, value in sent.items() if value})
            response = connection.getresponse()
            found = Seen(
                response.status,
                {name.lower(): value for name, value in response.getheaders()},
                [value for name, value in response.getheaders() if name.lower() == "set-cookie"],
                response.read().decode(),
            )
        finally:
            connection.close()
        for line in found.cookies:
            for name, morsel in SimpleCookie(line).items():
                self.cookies.pop(name, None)
                if morsel["max-age"] != "0":
                    self.cookies[name] = morsel.value
        return found

    def get(self, path: str, **headers: str) -> Seen:
        return self.ask("GET", path, **headers)

    def post(self, path: str, fields: dict[str, Any] | None = None, **headers: str) -> Seen:
        """Send a form as a page of the dashboard would, from its own address."""
        kind = "application/x-www-form-urlencoded"
        sent = {"origin": f"http://{self.address}", "content_type": kind, **headers}
        return self.ask("POST", path, urlencode(fields or {}, doseq=True), **sent)

    def sign_in(self, token: str) -> Seen:
        return self.post("/dashboard/sign-in", {"token": token})

    def submit(self, page: str, to: str, **fields: Any) -> Seen:
        """Send a form that stands on a page, and follow where that leads."""
        done = self.post(to, {"csrf": self.get(page).csrf, **fields})
        return self.get(done.location) if done.status == 303 else done


def signed_in(address: str, token: str) -> DashboardVisitor:
    visitor = DashboardVisitor(address)
    assert visitor.sign_in(token).status == 303
    return visitor
