"""Every line that the code can log, read from its syntax: what is logged need not happen in a test."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("cli", "config", "domain", "ingress", "relay", "store", "workers")
LEVELS = ("debug", "info", "warning", "error")
LOGGERS = ("_log", "log")
# Methods of ours that log under the name they are given: the level, and what they add to each line.
PASSING_ON = {"_warn_seldom": "warning", "_log_seldom": ""}


class UnstableNameError(AssertionError):
    """A log call whose name is not written where it is called."""


@dataclass(frozen=True)
class LogCall:
    """One call."""

    place: str
    events: tuple[str, ...]
    levels: tuple[str, ...]
    fields: tuple[str, ...]


def log_calls() -> list[LogCall]:
    files = [file for folder in FOLDERS for file in sorted((ROOT / folder).rglob("*.py"))]
    return [call for file in files for call in calls_in(file.read_text(), str(file.relative_to(ROOT)))]


def calls_in(source: str, name: str) -> Iterator[LogCall]:
    """The log calls of a module, when it has a logger."""
    if "get_logger" not in source:
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and (found := _call(node, f"{name}:{node.lineno}")):
            yield found


def _call(node: ast.Call, place: str) -> LogCall | None:
    levels, arguments = _levels(node.func), node.args
    if not levels and isinstance(node.func, ast.Attribute) and node.func.attr in PASSING_ON:
        level = PASSING_ON[node.func.attr]
        if not level:  # the first argument is the method of the logger
            levels, arguments = _levels(arguments[0]), arguments[1:]
        levels = levels or (level,)
        if isinstance(arguments[0], ast.Name):
            return None  # the body of such a method, which passes on what it was given
    if not levels:
        return None
    fields = tuple(keyword.arg or "*" for keyword in node.keywords)
    return LogCall(place, _texts(arguments[0], place), levels, fields)


def _levels(func: ast.expr) -> tuple[str, ...]:
    match func:
        case ast.Attribute(value=ast.Name(id=name), attr=level) if name in LOGGERS and level in LEVELS:
            return (level,)
        case ast.IfExp(body=one, orelse=other):
            return (*_levels(one), *_levels(other))
        case _:
            return ()


def _texts(argument: ast.expr, place: str) -> tuple[str, ...]:
    match argument:
        case ast.Constant(value=str(text)):
            return (text,)
        case ast.IfExp(body=one, orelse=other):
            return (*_texts(one, place), *_texts(other, place))
        case _:
            raise UnstableNameError(f"{place}: write the name of the log line where it is logged.")
