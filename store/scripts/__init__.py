"""The Lua scripts: every state change is one of them. Each file's header is its contract.

A script is the text of its file after a head that is made here: the key names, the table of delivery
transitions, the times of attempts and polls, and the functions that scripts share (`parts/`). So Redis
executes the very table that `domain.delivery` defines, and keeps its times and those of `domain.git.polling`.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from domain.delivery import ANSWER_GRACE_S, IN_FLIGHT, LONGEST_ATTEMPT_S, TRANSITIONS, DeliveryState
from domain.git import polling
from store import keys
from store.calls import Argument, Command

# Work must drain when Redis is full, or it would stay full. Only what asks for more is refused then.
_FREES_MEMORY = "#!lua flags=allow-oom\n"
_TAKES_MEMORY = "#!lua\n"
_TAKING = frozenset(
    {
        "accept",
        "create_gateway",
        "create_subscription",
        "create_webhook",
        "end_poll",
        "keep_secret",
        "limit_gateway",
        "offer_sign_in",
        "put_repo",
    }
)


@dataclass(frozen=True, slots=True)
class Script:
    """One script: its text and the SHA-1 by which Redis knows it."""

    name: str
    source: str
    sha: str

    def command(self, *arguments: Argument) -> Command:
        """The command that runs this script."""
        return ("EVALSHA", self.sha, 0, *arguments)


def _delivery_table() -> str:
    moves = ", ".join(f"['{state}>{step}'] = '{to}'" for (state, step), to in TRANSITIONS.items())
    buckets = ", ".join(
        f"{state} = '{'in_flight' if state in IN_FLIGHT else state}'" for state in DeliveryState
    )
    times = f"grace_ms = {ANSWER_GRACE_S * 1000}, longest_ms = {LONGEST_ATTEMPT_S * 1000}"
    return f"local MOVES = {{{moves}}}\nlocal BUCKET = {{{buckets}}}\nlocal ATTEMPT = {{{times}}}\n"


def _poll_table() -> str:
    times = {
        "default_ms": polling.DEFAULT_INTERVAL_MS,
        "heard_ms": polling.HEARD_INTERVAL_MS,
        "look_ms": polling.LOOK_MS,
        "looked_ms": polling.LOOKED_MS,
        "failed_ms": polling.MAX_PAUSE_MS,
    }
    return "local POLL = {" + ", ".join(f"{name} = {time}" for name, time in times.items()) + "}\n"


@cache
def load(name: str) -> Script:
    """The script of that name."""
    folder = resources.files(__name__)
    parts = sorted((folder / "parts").iterdir(), key=lambda part: part.name)
    shared = "".join(part.read_text() for part in parts)
    flags = _TAKES_MEMORY if name in _TAKING else _FREES_MEMORY
    text = (folder / f"{name}.lua").read_text()
    body = f"local function main()\n{text}\nend\nlocal answer = main()\nfinish()\nreturn answer\n"
    source = flags + keys.lua_table() + _delivery_table() + _poll_table() + shared + body
    # Redis names scripts by their SHA-1; nothing secret depends on it.
    return Script(name, source, hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest())


def every() -> list[Script]:
    """All scripts, for loading them into a server."""
    files = resources.files(__name__).iterdir()
    return [load(file.name.removesuffix(".lua")) for file in files if file.name.endswith(".lua")]
