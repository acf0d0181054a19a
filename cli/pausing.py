"""Pausing webhooks on the command line, and letting them accept again."""

import os
from typing import Final

from cli.answers import say, say_json
from cli.client import Json, control_api
from cli.options import AsJson, Insecure, examples
from cli.rotation import Wanted
from config.settings import load

PAUSE: Final = examples("fleet webhooks pause github")
RESUME: Final = examples("fleet webhooks resume github")


def pause(wanted: Wanted, *, as_json: AsJson = False, insecure: Insecure = False) -> None:
    """Accept nothing for the time being: senders are told to come again in 5 minutes (503).

    Nothing that is sent meanwhile is kept. Most senders try again for hours, some never do.
    What was accepted before goes its way.
    """
    found = _changed(wanted, insecure=insecure, paused=True)
    if as_json:
        say_json(found)
        return
    say(
        f"Webhook {found['name']} is paused: senders get a 503, and nothing of theirs is kept.",
        f"What was accepted before goes its way. 'fleet webhooks resume {found['name']}' ends it.",
    )


def resume(wanted: Wanted, *, as_json: AsJson = False, insecure: Insecure = False) -> None:
    """Let a webhook that is paused accept events again, from now on."""
    found = _changed(wanted, insecure=insecure, paused=False)
    if as_json:
        say_json(found)
    else:
        say(f"Webhook {found['name']} accepts events.")


def _changed(wanted: str, *, insecure: bool, paused: bool) -> Json:
    api = control_api(load(os.environ), insecure=insecure)
    return api.ask("PATCH", "webhooks", wanted, body={"paused": paused})
