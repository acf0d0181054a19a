"""Rendering: a template and the fields of an event become a prompt; in a process of its own (see `prompt`).

The template is its owner's, the fields are a stranger's. Jinja puts values in as they are and never reads
them as template; here each is made plain and cut to a bound, which the text itself says.
"""

import json
import resource
import sys
from collections.abc import Mapping
from typing import Any, Final, cast

from jinja2 import ChainableUndefined, StrictUndefined, TemplateError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from domain.visible import visible

MAX_VALUE_CHARS: Final = 65_536
MAX_PROMPT_CHARS: Final = 262_144
FIELDS: Final = frozenset({"event", "headers", "body", "json", "fence"})
"""The names that a template can use."""
FAILED: Final = 3
"""Exit code: the output is a sentence that says what is wrong."""

_MEMORY_BYTES: Final = 512 * 1024 * 1024
_CPU_S: Final = 5


class _Missing(ChainableUndefined, StrictUndefined):
    """What an event does not have: it cannot be written, but `default` can stand in for it, however deep."""


class RenderingError(Exception):
    """The template and these fields make no prompt; the text is a sentence that says why."""


class Plain(str):
    """A text that is plain and within its bound already."""

    __slots__ = ()


def plain(text: str) -> str:
    """A text without control characters (but for tab and line end), terminal escapes and invisible ones."""
    return visible(text.replace("\r\n", "\n"), but="\n\t")


def bounded(text: str) -> str:
    """A plain text of bounded length; the rest is left out, and that is said."""
    if len(text) <= MAX_VALUE_CHARS:
        return plain(text)
    return f"{plain(text[:MAX_VALUE_CHARS])}\n[cut here: {MAX_VALUE_CHARS:,} of {len(text):,} characters]"


def written(value: object) -> str:
    """A value as it stands in a prompt: text as it is, lists and maps as JSON."""
    if isinstance(value, Plain):
        return value
    if isinstance(value, str):
        return bounded(value)
    return bounded(json.dumps(value, ensure_ascii=False, indent=2))


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, in which a dot behind an object of an event names a field of it, never a method."""

    def getattr(self, obj: object, attribute: str) -> object:
        """What stands behind a dot: "items" and "values" are the names of fields, too."""
        if isinstance(obj, dict):
            fields = cast("dict[str, object]", obj)
            return fields[attribute] if attribute in fields else self.undefined(obj=obj, name=attribute)
        return super().getattr(obj, attribute)


def environment(fence: str) -> ImmutableSandboxedEnvironment:
    """Jinja's sandbox, with the filter `fenced`.

    Args:
        fence: what nobody outside can guess; it stands around what is fenced.
    """
    made = _Sandbox(undefined=_Missing, finalize=_finalized, keep_trailing_newline=True)
    made.filters["fenced"] = lambda value: Plain(f"<data-{fence}>\n{written(value)}\n</data-{fence}>")
    return made


def _finalized(value: object) -> object:
    # What is undefined complains by itself when it is written.
    return value if isinstance(value, StrictUndefined) else written(value)


def mistake_in(template: str) -> str:
    """What is wrong with a template, a sentence; "" when nothing is."""
    made = environment("")
    try:
        tree = made.parse(template)
        # Filters and tests that do not exist are found here.
        made.compile(tree)
    except TemplateError as error:
        line = getattr(error, "lineno", None)
        return f"{f'line {line}: ' if line else ''}{error.message}"
    if any(tree.find(kind) for kind in (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)):
        return "a prompt stands by itself: it cannot include, import or extend another."
    unknown = sorted(meta.find_undeclared_variables(made.parse(template)) - FIELDS - made.globals.keys())
    if unknown:
        return f"there is no {unknown[0]!r}; a prompt can use {', '.join(sorted(FIELDS))}."
    return ""


def rendered(template: str, fields: Mapping[str, Any], fence: str) -> str:
    """The prompt.

    Args:
        template: in Jinja's language.
        fields: `event`, `headers` and `body`; `json` is made of the body.
        fence: what nobody outside can guess.

    Raises:
        RenderingError: the template does not fit these fields, or the prompt would be too long.
    """
    values = {**fields, "json": _json(fields["body"]), "fence": fence}
    parts, chars = list[str](), 0
    try:
        for part in environment(fence).from_string(template).generate(values):
            parts.append(part)
            chars += len(part)
            if chars > MAX_PROMPT_CHARS:
                raise RenderingError(f"it would be longer than {MAX_PROMPT_CHARS:,} characters.")
    except MemoryError:
        raise RenderingError("it takes too much memory.") from None
    except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, RecursionError) as error:
        raise RenderingError(plain(f"{type(error).__name__}: {error}"[:500])) from None
    return "".join(parts)


def _json(body: str) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def main() -> None:
    """Read a template and fields, as JSON, on standard input; print the prompt."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_S, _CPU_S))
    asked = cast("dict[str, Any]", json.loads(sys.stdin.buffer.read()))
    try:
        said, code = rendered(asked["template"], asked["fields"], asked["fence"]), 0
    except RenderingError as error:
        said, code = str(error), FAILED
    sys.stdout.buffer.write(said.encode(errors="replace"))
    sys.stdout.flush()
    sys.exit(code)
