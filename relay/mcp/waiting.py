"""The tool that waits: for the next events that are worth something, and none is missed between two calls.

Who waits holds a cursor, the last event that he knows of. Each look reads the event log back to it, so that
what came meanwhile, also while nobody waited, is there. Nothing is remembered here.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import BaseModel, Field

from relay.mcp import cursor
from relay.mcp.events import Event, event_of, lines
from relay.mcp.looking import Look, Watched, look, newest
from relay.mcp.tool import Answer, Call, Effect, Tool, Wish
from relay.mcp.wishes import Globs, OfWebhook, Text

LOOK_S: Final = 1.0
"""Seconds between two looks, and what a stop waits for at most."""

PROGRESS_S: Final = 5.0
DEFAULT_S: Final = 45
"""Some clients give a tool a minute."""

MAX_S: Final = 300


class Waited(BaseModel):
    """What came, oldest first; nothing when the time was over."""

    events: list[Event]
    after: str = Field(description="Pass this to the next call: nothing is missed between the two.")
    rejected: int = Field(description="Requests that were not let in meanwhile: forged, unsigned, repeated.")
    undecided: int = Field(description="Events that no worker has verified yet; the next call has them.")
    more: bool = Field(description="Whether there are more already: call again at once.")
    lost: bool = Field(description="Whether more came than can be told: list_events shows what the log has.")


class WaitForEvent(Wish):
    """Which events are waited for."""

    webhook: OfWebhook = ""
    events: Globs = ()
    after: Annotated[
        Text,
        Field(
            description="'after' of the answer before, so that nothing is missed; 'start': everything from"
            " the beginning; empty: what comes from now on."
        ),
    ] = ""
    timeout_s: Annotated[float, Field(gt=0, le=MAX_S, description="Seconds to wait at most.")] = DEFAULT_S
    limit: Annotated[int, Field(ge=1, le=50, description="How many events at most.")] = 10


@dataclass(slots=True)
class _Tally:
    """What was passed over so far."""

    rejected: int = 0
    last_rejected: str = ""

    def add(self, found: Look) -> None:
        self.rejected += len(found.rejected)
        self.last_rejected = (found.rejected or (self.last_rejected,))[-1]


async def _wait(call: Call, wish: WaitForEvent) -> Answer:
    watched = Watched(wish.webhook, wish.events)
    after = cursor.checked(wish.after) or await newest(call.desk, watched)
    clock = asyncio.get_running_loop().time
    began = told = clock()
    tally = _Tally()
    while True:
        found = await look(call.desk, watched, after, wish.limit)
        tally.add(found)
        after = found.after
        waited = clock() - began
        if found.views or waited >= wish.timeout_s or call.desk.is_stopping:
            return _answer(found, tally, wish, is_stopping=call.desk.is_stopping)
        if clock() - told >= PROGRESS_S:
            told = clock()
            await call.progress(waited, wish.timeout_s, "No event yet.")
        await asyncio.sleep(min(LOOK_S, max(0.01, wish.timeout_s - waited)))


def _answer(found: Look, tally: _Tally, wish: WaitForEvent, *, is_stopping: bool) -> Answer:
    content = Waited(
        events=[event_of(each) for each in found.views],
        after=found.after,
        rejected=tally.rejected,
        undecided=found.undecided,
        more=found.is_more,
        lost=found.is_lost,
    )
    text = lines(content.events) or [_nothing(wish, is_stopping=is_stopping)]
    text += _beside(content, tally)
    text.append(f'Go on with wait_for_event(after="{content.after}") and the same filter.')
    return Answer("\n".join(text), content)


def _nothing(wish: WaitForEvent, *, is_stopping: bool) -> str:
    if is_stopping:
        return "No event yet; this server is stopping, and another call goes on where this one ends."
    return f"No event within {wish.timeout_s:g} seconds. That is no error: call again to go on waiting."


def _beside(content: Waited, tally: _Tally) -> Sequence[str]:
    text: list[str] = []
    if content.rejected:
        text.append(
            f"{_counted(content.rejected, 'request was', 'requests were')} not let in meanwhile;"
            f' why_event(event="{tally.last_rejected}") says why the last one was.'
        )
    if content.undecided:
        text.append(
            f"{_counted(content.undecided, 'event waits', 'events wait')} to be verified."
            " If that lasts, no worker is running: a person"
            " runs 'fleet status'."
        )
    if content.lost:
        text.append("More came than can be told at once; list_events shows what the log still has.")
    if content.more:
        text.append("There are more already.")
    return text


def _counted(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"


TOOLS = (
    Tool(
        "wait_for_event",
        "Wait for an event",
        "Wait until events arrive that were verified, or had nothing to be verified by, and return their"
        " metadata, oldest first. Pass 'after' from one answer to the next call, and nothing is missed. An"
        " answer without events is no error.",
        Effect.READS,
        is_open=True,
        wish=WaitForEvent,
        result=Waited,
        run=_wait,
    ),
)
