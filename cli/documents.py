"""Documents: what stands in a text of YAML or JSON, read as Kubernetes reads it.

A text of YAML is scanned as a stream of events first: how deep it is, how much once every alias is written
out (ten lines can stand for gigabytes: https://en.wikipedia.org/wiki/Billion_laughs_attack), and that it says
nothing twice. Errors say where, and never what: any value may be secret.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from domain.errors import FleetError

MAX_DEPTH: Final = 50
MAX_NODES: Final = 2_000_000
"""Values of one text, with aliases written out. A GitRepo has about twenty."""

_STRING_TAG: Final = "tag:yaml.org,2002:str"
# What a parser found, in its own words, when there is nothing of the text in them.
_PURE_WORDS: Final = re.compile("[a-z ,]+")


class UnreadableTextError(FleetError):
    """A text is no YAML or JSON, or goes beyond our limits. The sentence begins with where."""

    def __init__(self, line: int | None, sentence: str) -> None:
        super().__init__(f"line {line}: {sentence}" if line else sentence)


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a text.

    Attributes:
        line: where it begins, from 1.
        content: what it says.
    """

    line: int
    content: object = field(repr=False)


def yaml_documents(text: str) -> list[Document]:
    """The documents of a text that are not empty.

    Raises:
        UnreadableTextError: it is no YAML, names something twice, has tags, or goes beyond the limits.
    """
    try:
        lines = _scanned(text)
        contents = yaml.load_all(text, Loader=LOADER)
        found = [Document(line, content) for line, content in zip(lines, contents, strict=True)]
    except yaml.YAMLError as error:
        raise UnreadableTextError(*_told(error)) from None
    except ValueError:
        raise UnreadableTextError(None, "A number in it cannot be read; put it in quotes.") from None
    return [each for each in found if each.content is not None]


def json_documents(text: str) -> list[Document]:
    """The one document of a text, unless it is null.

    Raises:
        UnreadableTextError: it is no JSON, names something twice, or is nested too deep.
    """
    try:
        content = json.loads(text, object_pairs_hook=_named_once, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise UnreadableTextError(error.lineno, f"this is no JSON ({error.msg}).") from None
    except (ValueError, RecursionError):
        raise UnreadableTextError(
            None, "It has a number too long to be read, or is nested too deep."
        ) from None
    return [] if content is None else [Document(1, content)]


def _named_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise UnreadableTextError(None, "A name stands in the same object for the second time.")
    return found


def _refuse_constant(_: str) -> None:
    raise UnreadableTextError(None, "It has NaN or Infinity, which JSON does not know (RFC 8259, section 6).")


def _told(error: yaml.YAMLError) -> tuple[int | None, str]:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = str(getattr(error, "problem", "") or "")
    words = f" ({problem})" if _PURE_WORDS.fullmatch(problem) else ""
    advice = "check the indentation, and put values with special characters in quotes"
    return (mark.line + 1 if mark else None), f"this is no YAML{words}; {advice}."


@dataclass(slots=True)
class _Open:
    """A list or mapping that is not closed yet.

    Attributes:
        anchor: by which aliases will mean it.
        before: the nodes of the document before it.
        height: how deep it is inside.
        names: those in it, when it is a mapping.
        awaits_name: whether a name comes next.
    """

    anchor: str | None
    before: int
    height: int = 0
    names: set[str] | None = None
    awaits_name: bool = False


@dataclass(slots=True)
class _Scan:
    """Counts what a text is made of. Aliases count as much as what they mean."""

    nodes: int = 0
    open: list[_Open] = field(default_factory=list[_Open])
    anchors: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])

    def see(self, event: yaml.Event) -> None:
        """Takes in the next event."""
        line = _line(event)
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self.anchors:
                raise UnreadableTextError(line, "an alias (*) means nothing that stands complete before it.")
            self._add(line, *self.anchors[event.anchor], name=None)
        elif isinstance(event, yaml.ScalarEvent):
            _refuse_tag(line, event.tag)
            self._add(line, 1, 0, name=event.value)
            self._remember(event.anchor, 1, 0)
        elif isinstance(event, yaml.CollectionStartEvent):
            _refuse_tag(line, event.tag)
            is_mapping = isinstance(event, yaml.MappingStartEvent)
            self._add(line, 1, 1, name=None)
            names = set[str]() if is_mapping else None
            self.open.append(_Open(event.anchor, self.nodes - 1, names=names, awaits_name=is_mapping))
        elif isinstance(event, yaml.CollectionEndEvent):
            closed = self.open.pop()
            self._remember(closed.anchor, self.nodes - closed.before, closed.height + 1)
            if self.open:
                self.open[-1].height = max(self.open[-1].height, closed.height + 1)

    def _add(self, line: int, nodes: int, height: int, *, name: str | None) -> None:
        self.nodes += nodes
        if self.nodes > MAX_NODES:
            raise UnreadableTextError(
                line, f"there is too much in it: more than {MAX_NODES:,} values, with aliases written out."
            )
        if len(self.open) + height > MAX_DEPTH:
            raise UnreadableTextError(line, f"it is nested too deep: more than {MAX_DEPTH} levels.")
        if self.open:
            self._place(line, self.open[-1], height, name)

    def _place(self, line: int, within: _Open, height: int, name: str | None) -> None:
        within.height = max(within.height, height)
        if within.names is None:
            return
        if within.awaits_name:
            if name is None:
                raise UnreadableTextError(line, "a list, a mapping or an alias stands where a name belongs.")
            if name in within.names:
                raise UnreadableTextError(
                    line, "a name stands in the same mapping for the second time; is a line --- missing?"
                )
            within.names.add(name)
        within.awaits_name = not within.awaits_name

    def _remember(self, anchor: str | None, nodes: int, height: int) -> None:
        if anchor is not None:
            self.anchors[anchor] = (nodes, height)


def _scanned(text: str) -> list[int]:
    """The lines on which documents begin."""
    scan, lines = _Scan(), list[int]()
    for event in _events(text):
        if isinstance(event, yaml.DocumentStartEvent):
            lines.append(_line(event))
            scan.anchors.clear()
        scan.see(event)
    return lines


def _events(text: str) -> Iterator[yaml.Event]:
    return yaml.parse(text, Loader=LOADER)


def _refuse_tag(line: int, tag: str | None) -> None:
    if tag not in {None, _STRING_TAG}:
        raise UnreadableTextError(line, "it has a tag (!), which manifests have no use for.")


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


_PLAIN: Final = (
    ("bool", r"yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF", "yYnNtTfFoO"),
    ("int", r"[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0[0-7_]*|[1-9][0-9_]*)", "-+0123456789"),
    ("float", r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("null", r"~|null|Null|NULL|", ("~", "n", "N", "")),
    ("merge", r"<<", "<"),
)
"""What counts as something else than a text when it is not quoted: its tag, form and first characters."""


def loader_of(kind: type[Any]) -> type[Any]:
    """A safe loader that takes for numbers and truths what Kubernetes does: dates and 1:30 are texts."""
    resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for name, form, firsts in _PLAIN:
        for first in firsts:
            rule = (f"tag:yaml.org,2002:{name}", re.compile(rf"(?:{form})\Z"))
            resolvers.setdefault(first, []).append(rule)
    return type("_Loader", (kind,), {"yaml_implicit_resolvers": resolvers})


LOADER: Final = loader_of(getattr(yaml, "CSafeLoader", yaml.SafeLoader))
"""Ten times as fast where PyYAML was built with libyaml."""
