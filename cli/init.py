"""`fleet init`: the sealing key, for those who start the services one by one."""

import os

from cli.answers import say
from cli.first_gateway import make_keys
from config.settings import load


def init() -> None:
    """Make the sealing key in the secrets folder, unless there is one.

    'fleet up' does this by itself. Every service needs the same key: without it, nothing that is kept
    can be opened. Keep a copy in a safe place.
    """
    settings = load(os.environ)
    make_keys(settings)
    say(f"The sealing key is in {settings.secrets_dir}.")
