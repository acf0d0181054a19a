"""Bodies signed by the senders' own libraries, over HTTP through the running gateway."""

import itertools
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.senders_sdk.libraries import TOLERANCE_S, Library, Message
from tests.system.stack import Stack, post, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

LATE_S = TOLERANCE_S + 60
names = (f"hook-{number}" for number in itertools.count())


@dataclass(frozen=True)
class Door:
    """A webhook of the gateway."""

    stack: Stack
    library: Library
    url: str

    def message(self, at: int | None = None) -> Message:
        return Message(self.url, self.library.body, int(time.time()) if at is None else at)

    async def story(self, message: Message, headers: Mapping[str, str]) -> dict[str, Any]:
        """What became of a message that was posted."""
        content_type = {"Content-Type": self.library.content_type}
        status, accepted = post(message.url, message.body.encode(), {**content_type, **headers})
        assert status == 202
        story: dict[str, Any] = {}

        def decided() -> bool:
            story.update(self.stack.api.ask("GET", "events", accepted["id"]))
            return story["state"] != "waiting"

        await until(decided, "a verdict")
        return story


@pytest.fixture
def door(stack: Stack, library: Library) -> Door:
    """A webhook that demands signatures made with the library's secret."""
    name = next(names)
    webhook = stack.webhook(name, library.sender, require_signature=True)
    stack.api.ask("PUT", "webhooks", name, "secret", body={"secret": library.secret})
    query = f"?{library.query}" if library.query else ""
    return Door(stack, library, webhook["url"] + query)


async def test_what_the_library_signs_is_verified(door: Door, library: Library) -> None:
    message = door.message()
    story = await door.story(message, library.sign(message, library.secret))
    found = (story["state"], story["verified_by"], story["rejected_because"])
    assert found == ("unmatched", library.scheme, None)


async def test_signed_with_another_secret_it_is_not(door: Door, library: Library) -> None:
    message = door.message()
    story = await door.story(message, library.sign(message, library.other_secret))
    assert (story["state"], story["rejected_because"]) == ("rejected", "wrong_signature")


async def test_changed_on_its_way_it_is_not(door: Door, library: Library) -> None:
    message = door.message()
    signed = library.sign(message, library.secret)
    story = await door.story(replace(message, body=message.body.replace("1", "2", 1)), signed)
    assert (story["state"], story["rejected_because"]) == ("rejected", library.refused_when_changed)


async def test_signed_long_ago_neither_of_us_believes_it(door: Door, library: Library) -> None:
    message = door.message(int(time.time()) - LATE_S)
    signed = library.sign(message, library.secret)
    assert library.accepts(message, library.secret, signed) is not library.has_timestamp
    story = await door.story(message, signed)
    assert story["rejected_because"] == ("too_old" if library.has_timestamp else None)
