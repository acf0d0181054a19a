"""Somebody with a browser of his own: cookies, clipboard, one window. Every fault of a page is kept."""

import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

_TOLD: Final = """
addEventListener('securitypolicyviolation', event => {
  window.fleetViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`);
});
"""
_WIDE: Final = {"width": 1280, "height": 900}
_WAIT_MS: Final = 20_000
expect.set_options(timeout=_WAIT_MS)


@dataclass
class Visitor:
    """A person at the dashboard.

    Attributes:
        home: scheme, host and port of the relay. Nothing else may be called.
        faults: errors of scripts and of the console, violations of the policy, requests to strangers.
        expected: patterns of faults that are what the test is about.
    """

    home: str
    context: BrowserContext
    page: Page
    faults: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    async def go(self, path: str) -> None:
        """Open a page by its address, below that of the relay."""
        await self.page.goto(f"{self.home}{path}", wait_until="load")

    async def clipboard(self) -> str:
        return await self.page.evaluate("navigator.clipboard.readText()")

    async def text(self) -> str:
        """What the page says."""
        return await self.page.inner_text("body")

    async def everything(self) -> str:
        """What the page says and hides."""
        return await self.page.content()

    @contextmanager
    def expecting(self, pattern: str) -> Iterator[None]:
        """Within the block a fault is no fault, if it fits a regular expression."""
        before = len(self.faults)
        yield
        self.faults[before:] = [each for each in self.faults[before:] if not re.search(pattern, each)]

    def watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.on("console", self._listen)
        page.on("request", self._see)

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(f"console: {message.text} ({message.location['url']})")

    def _see(self, request: Request) -> None:
        if not request.url.startswith((f"{self.home}/", "data:", "blob:")):
            self.faults.append(f"called a stranger: {request.url}")


@asynccontextmanager
async def visitor(browser: Browser, home: str, **options: Any) -> AsyncGenerator[Visitor]:
    """A visitor who is not signed in; at the end, no page may have had a fault.

    Args:
        browser: a running one.
        home: the address of the relay.
        options: of the browser's context, such as `viewport` and `color_scheme`.
    """
    parts = urlsplit(home)
    home = f"{parts.scheme}://{parts.netloc}"
    context = await browser.new_context(**{"viewport": _WIDE, "reduced_motion": "reduce", **options})
    context.set_default_timeout(_WAIT_MS)
    await context.grant_permissions(["clipboard-read", "clipboard-write"], origin=home)
    page = await context.new_page()
    made = Visitor(home, context, page)
    await context.expose_function("fleetViolation", lambda text: made.faults.append(f"policy: {text}"))
    await context.add_init_script(_TOLD)
    made.watch(page)
    context.on("page", made.watch)
    try:
        yield made
        assert not made.faults, "\n".join(made.faults)
    finally:
        await context.close()
