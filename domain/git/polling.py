"""When a repo is polled: the times, in milliseconds. The scripts of the store carry them out."""

from typing import Final

DEFAULT_INTERVAL_MS: Final = 15_000
"""Between two polls, unless the owner says otherwise (Rancher Fleet's default)."""

HEARD_INTERVAL_MS: Final = 3_600_000
"""The same once the repo's host has called, and proved it: polling is then for what a webhook missed."""

MIN_INTERVAL_MS: Final = 1000
"""No owner may ask for less."""

LOOK_MS: Final = 2000
"""Between two looks for a commit that a push has named and that is not to be seen yet."""

LOOKED_MS: Final = 30_000
"""For how long it is looked for."""

MAX_PAUSE_MS: Final = 900_000
"""A pause doubles with each failure, up to this, or to the repo's own interval if that is longer."""
