"""Screenshots: how pages look in light, in dark and on a phone, for people to judge."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from playwright.async_api import Browser

from tests.browser.visitor import Visitor, visitor

LOOKS: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "light": {"color_scheme": "light"},
        "dark": {"color_scheme": "dark"},
        "phone": {
            "color_scheme": "light",
            "viewport": {"width": 360, "height": 740},
            "device_scale_factor": 2,
            "is_mobile": True,
            "has_touch": True,
        },
    }
)
"""Options of a browser's context by the name of the look."""


@asynccontextmanager
async def looking(browser: Browser, signed_in: Visitor, look: str) -> AsyncGenerator[Visitor]:
    """A visitor with a look of his own, who is signed in as another one is."""
    state = await signed_in.context.storage_state()
    async with visitor(browser, signed_in.home, storage_state=state, **LOOKS[look]) as made:
        yield made


async def take(who: Visitor, folder: Path, name: str) -> None:
    """A picture of the whole page that is open."""
    await who.page.screenshot(path=folder / f"{name}.png", full_page=True)


async def overflow(who: Visitor) -> list[str]:
    """What makes a page wider than its window, so that one has to push it to and fro."""
    return await who.page.evaluate(
        """() => {
          const width = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= width) return [];
          return [...document.querySelectorAll('body *')]
            .filter(each => each.getBoundingClientRect().right > width + 1)
            .map(each => `${each.tagName}.${each.className}`).slice(0, 10);
        }"""
    )
