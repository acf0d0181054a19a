"""Renders the settings as `docs/settings.md` and `.env.example`, so that neither can differ from the code.

`python -m config.reference --write` writes both; `--check` exits 1 and says so when one of them has drifted.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from inspect import getdoc
from typing import Any, Final

from config.mistakes import PREFIX
from config.rendered import RenderedFiles
from config.sections import SECTIONS

_COMMAND: Final = "python -m config.reference"

_FORMATS: Final = {
    "path": "folder",
    "file": "file",
    "host": "host name or IP address",
    "network": "network in CIDR notation or an IP address",
    "url": "URL, http:// or https://",
    "password": "secret text",
    "gateway": "name or id of a gateway",
    "outbound": "`direct`, `off` or host:port of a forwarder",
}

_PAGE_HEAD: Final = f"""# Settings

Rendered from `config/sections/` by `{_COMMAND} --write`; do not edit by hand.

Every setting is an environment variable. An empty value counts as not given.

- `FLEET_ENV_FILE` names a file of `NAME=value` lines that is read as well; `./fleet` reads `.env` beside it.
  Relative paths in it are meant from where that file is.
- A setting may also be a file in the secrets folder, named like the variable without its prefix and in small
  letters: `token`, `redis_url`.
- The environment wins over the env file, and the env file over secret files.

A value out of bounds stops the start with one sentence per mistake. So does a variable that begins with
`FLEET_` but is no setting, unless it begins with `FLEET_TEST_`.
"""

_ENV_HEAD: Final = f"""# Every setting with its default. Copy this file to .env and uncomment what you change.
# Rendered from config/sections/ by `{_COMMAND} --write`; docs/settings.md says more.
"""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as the reference shows it.

    Attributes:
        name: the variable.
        default: its value when not given, "" when that is derived.
        derived: in words, what a derived default comes from; "" otherwise.
        allowed: in words, what it accepts.
        description: what it means and in which unit.
    """

    name: str
    default: str
    derived: str
    allowed: str
    description: str


@dataclass(frozen=True, slots=True)
class Section:
    """The settings of one part of the gateway."""

    title: str
    introduction: str
    settings: tuple[Setting, ...]


def sections() -> Iterator[Section]:
    """All settings, in the order of the reference page."""
    for section in SECTIONS:
        title, _, introduction = (getdoc(section) or "").partition(": ")
        fields: dict[str, dict[str, Any]] = section.model_json_schema()["properties"]
        yield Section(title, introduction, tuple(_setting(name, field) for name, field in fields.items()))


def _setting(name: str, field: dict[str, Any]) -> Setting:
    return Setting(
        name=f"{PREFIX}{name.upper()}",
        default="" if "derived" in field else _text(field["default"]),
        derived=field.get("derived", ""),
        allowed=_allowed(field),
        description=field["description"],
    )


def _text(value: float | str | list[float]) -> str:
    """A value as it is written in the environment."""
    if isinstance(value, list):
        return ",".join(map(_text, value))
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _allowed(schema: dict[str, Any]) -> str:
    match schema:
        case {"anyOf": [inner, *_]}:
            return _allowed(inner)
        case {"enum": words}:
            return " or ".join(f"`{word}`" for word in words)
        case {"items": entry, "maxItems": most}:
            return f"up to {most} entries, each a {_allowed(entry)}"
        case {"minimum": least, "maximum": most}:
            kind = "whole number" if schema["type"] == "integer" else "number"
            return f"{kind} from {_text(least)} to {_text(most)}"
        case _:
            return _FORMATS[schema["format"]]


def settings_page() -> str:
    """The content of `docs/settings.md`."""
    parts = [_PAGE_HEAD]
    for section in sections():
        introduction = section.introduction[0].upper() + section.introduction[1:]
        rows = [_row(setting) for setting in section.settings]
        head = ["| variable | meaning | allowed | default |", "|---|---|---|---|"]
        parts.append("\n".join([f"## {section.title}\n\n{introduction}\n", *head, *rows]) + "\n")
    return "\n".join(parts)


def _row(setting: Setting) -> str:
    default = setting.derived or f"`{setting.default}`"
    return f"| `{setting.name}` | {setting.description} | {setting.allowed} | {default} |"


def env_example() -> str:
    """The content of `.env.example`."""
    parts = [_ENV_HEAD]
    for section in sections():
        parts.append(f"\n# --- {section.title}: {section.introduction}\n")
        parts.extend(_entry(setting) for setting in section.settings)
    return "".join(parts)


def _entry(setting: Setting) -> str:
    default = f" Default: {setting.derived}." if setting.derived else ""
    explained = f"# {setting.description}\n# Allowed: {setting.allowed}.{default}".replace("`", "")
    return f"\n{explained}\n# {setting.name}={setting.default}\n"


FILES: Final = RenderedFiles(
    _COMMAND,
    "the settings say",
    {"docs/settings.md": lambda _: settings_page(), ".env.example": lambda _: env_example()},
)
"""What is rendered here."""


if __name__ == "__main__":
    sys.exit(FILES.main(sys.argv[1:]))
