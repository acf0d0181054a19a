"""What is wrong with the settings, in sentences: one per mistake, never the value of a secret."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from domain.errors import FleetError

PREFIX: Final = "FLEET_"
"""What the names of all our variables begin with."""
SECRETS: Final = frozenset({"token", "redis_url"})
"""The settings whose values are never shown."""

_SHOWN_CHARACTERS: Final = 60
# A default that is derived from a setting with a mistake; the mistake itself is told already.
_CONSEQUENCE: Final = "default_factory_not_called"

_RULES: Final = {
    "greater_than_equal": "it must be at least {ge}",
    "less_than_equal": "it must be at most {le}",
    "int_parsing": "it must be a whole number",
    "int_from_float": "it must be a whole number",
    "int_parsing_size": "it must be a smaller number",
    "float_parsing": "it must be a number",
    "finite_number": "it must be a finite number",
    "literal_error": "it must be {expected}",
    "too_long": "it must have at most {max_length} entries",
    "value_error": "{error}",
}


class SettingsError(FleetError):
    """The start stops here. Its text has one sentence per mistake, each on its own line.

    Attributes:
        mistakes: the sentences.
    """

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)


def sentences(error: ValidationError, given: Mapping[str, str]) -> list[str]:
    """One sentence per mistake that pydantic found.

    Args:
        error: what pydantic found.
        given: the values that came from the environment, by field; others came from secret files.
    """
    return [_sentence(each, given) for each in error.errors() if each["type"] != _CONSEQUENCE]


def unknown_names(names: Iterable[str], known: Sequence[str]) -> list[str]:
    """One sentence per variable that has our prefix and means nothing, with what was probably meant."""
    return [f"{name} is no setting; {_suggestion(name, known)}." for name in sorted(names)]


def _suggestion(name: str, known: Sequence[str]) -> str:
    bare = [each.removeprefix(PREFIX) for each in known]
    near = get_close_matches(name.removeprefix(PREFIX), bare, n=1, cutoff=0.7)
    return f"perhaps {PREFIX}{near[0]} is meant" if near else "docs/settings.md lists all of them"


def _sentence(mistake: ErrorDetails, given: Mapping[str, str]) -> str:
    facts = {name: _plain(fact) for name, fact in mistake.get("ctx", {}).items()}
    rule = _RULES.get(mistake["type"], mistake["msg"]).format(**facts)
    match mistake["loc"]:
        case ():
            return f"{rule}."
        case (field, int(place), *_):
            return f"{_subject(str(field), given)}; entry {place + 1}{rule.removeprefix('it')}."
        case path:
            return f"{_subject(str(path[0]), given)}; {rule}."


def _plain(fact: object) -> object:
    """A bound as people write it: 60, not 60.0."""
    return int(fact) if isinstance(fact, float) and fact.is_integer() else fact


def _subject(field: str, given: Mapping[str, str]) -> str:
    name = f"{PREFIX}{field.upper()}"
    if field not in given:
        return f"{name} (from the secret file {field}) cannot be used"
    text = given[field]
    # A URL with an @ may hold a password, whatever the setting.
    if field in SECRETS or "@" in text:
        return f"{name} cannot be used (its value is not shown)"
    return (
        f"{name} is {text}"
        if len(text) <= _SHOWN_CHARACTERS and text.isprintable()
        else f"{name} cannot be used"
    )
