"""`fleet settings`: whether the settings are right, and which of them are set."""

import os

from pydantic import SecretStr

from cli.answers import say, say_facts, say_json
from cli.options import AsJson
from config.settings import PREFIX, load


def settings(*, as_json: AsJson = False) -> None:
    """Check all settings and show those that are set. Exit code 1 and a sentence for each mistake.

    Nothing is started or asked. What is secret is not shown.
    """
    loaded = load(os.environ)
    chosen = {
        f"{PREFIX}{name.upper()}": _shown(getattr(loaded, name)) for name in sorted(loaded.model_fields_set)
    }
    if as_json:
        say_json(chosen)
    elif chosen:
        say_facts(chosen)
    else:
        say("Every setting has its default.")


def _shown(value: object) -> str:
    match value:
        case SecretStr():
            return "set (it is not shown)"
        case tuple():
            return ",".join(map(str, value))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        case _:
            return str(value)
