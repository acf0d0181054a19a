"""A prompt: a template over the fields of an event, filled in by a process that can be killed.

A sender can make lists long and numbers large: what a template makes of them is bounded in time and memory
from outside, for Python cannot be interrupted from within.
"""

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from domain.errors import FleetError, InvalidInputError
from relay.connector.target import Arrival
from relay.connector.targets import rendering
from relay.connector.targets.child import run_child

MAX_TEMPLATE_CHARS: Final = 64 * 1024
TIME_S: Final = 10.0
_FENCE_BYTES: Final = 12
_MAX_BYTES: Final = 4 * rendering.MAX_PROMPT_CHARS
_ROOT: Final = Path(__file__).parents[3]
_PROGRAM: Final = (
    "import sys; sys.path[:0] = sys.argv[1:]; from relay.connector.targets.rendering import main; main()"
)


class PromptError(FleetError):
    """An event makes no prompt; the text says why, for the terminal of its owner."""


class Prompt:
    """What an agent is asked about an event."""

    def __init__(self, template: str, entropy: Callable[[int], bytes], headers: tuple[str, ...] = ()) -> None:
        """A prompt.

        Args:
            template: in Jinja's language.
            entropy: that many unguessable bytes.
            headers: names of the headers that can stand in it, in lower case.

        Raises:
            InvalidInputError: this is no template, or it uses names that do not exist.
        """
        if len(template) > MAX_TEMPLATE_CHARS:
            raise InvalidInputError("prompt", f"It is longer than {MAX_TEMPLATE_CHARS:,} characters.")
        if not template.strip():
            raise InvalidInputError("prompt", "It is empty.")
        if mistake := rendering.mistake_in(template):
            raise InvalidInputError("prompt", mistake[0].upper() + mistake[1:])
        self._template = template
        self._entropy = entropy
        self._headers = headers

    async def text_for(self, arrival: Arrival) -> bytes:
        """The prompt for a delivery.

        Raises:
            PromptError: the event lacks what the template uses, or the prompt is too long.
        """
        question = {
            "template": self._template,
            "fields": _fields(arrival, self._headers),
            "fence": self._entropy(_FENCE_BYTES).hex(),
        }
        said = bytearray()

        def take(chunk: bytes) -> None:
            said.extend(chunk[: max(0, _MAX_BYTES - len(said))])

        argv = (sys.executable, "-P", "-c", _PROGRAM, str(_ROOT), *filter(None, sys.path))
        try:
            async with asyncio.timeout(TIME_S):
                code = await run_child(argv, {}, _ROOT, json.dumps(question).encode(), take)
        except TimeoutError:
            raise PromptError(f"The prompt was not ready in {TIME_S:g} s; make its loops smaller.") from None
        except OSError as error:
            raise PromptError(f"Nothing can be started to make the prompt: {error.strerror}.") from None
        if code == 0:
            return bytes(said)
        if code == rendering.FAILED:
            raise PromptError(f"The event makes no prompt: {said.decode(errors='replace')}")
        raise PromptError("The prompt took too much time or memory; make its loops smaller.")


def _fields(arrival: Arrival, headers: tuple[str, ...]) -> dict[str, Any]:
    request = arrival.request
    return {
        "event": {
            "id": arrival.event,
            "type": arrival.event_type,
            "delivery": arrival.delivery,
            "attempt": arrival.attempt,
            "webhook": arrival.webhook,
            "sender": arrival.sender,
            "subscription": arrival.subscription,
            "verified": arrival.scheme,
            "received_at": arrival.received_at,
            "method": request.method,
            "path": request.path.decode(errors="replace"),
            "query": request.query.decode(errors="replace"),
        },
        "headers": {
            name: b", ".join(values).decode(errors="replace")
            for name in headers
            if (values := request.header_values(name.encode()))
        },
        "body": request.body.decode(errors="replace"),
    }
