"""The language of expressions: CEL, with the variables that an event has here, checked before it is used.

CEL is Google's Common Expression Language (https://cel.dev): no loops without an end, no side effects. It may
still take more time than we have, so that workers evaluate in a process of their own.
"""

import re
from functools import cache
from typing import Final

from cel_expr_python import cel  # pyright: ignore[reportMissingTypeStubs] - of the folder; cel has one

from domain.errors import InvalidInputError

MAX_EXPRESSION_CHARS: Final = 2000

_MAX_MISTAKES: Final = 3
_MAX_MISTAKE_CHARS: Final = 200
_TEXT: Final = cel.Type.STRING
_VARIABLES: Final = {
    "body": cel.Type.DYN,
    "text": _TEXT,
    "headers": cel.Type.Map(_TEXT, _TEXT),
    "event.id": _TEXT,
    "event.type": _TEXT,
    "event.types": cel.Type.List(_TEXT),
    "event.webhook": _TEXT,
    "event.sender": _TEXT,
    "event.verified": cel.Type.BOOL,
    "event.received_at": cel.Type.TIMESTAMP,
}
"""`event` is no map: so a misspelt field of it is a mistake when a subscription is made, not later."""

_MISTAKE: Final = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): (.*)")
_NO_CONTAINER: Final = " (in container '')"
_CLASS_BESIDE: Final = re.compile(r"(?:[A-Z_]+: )?(.*?)(?: \[[A-Z_]+\])?", re.DOTALL)


@cache
def environment() -> cel.Env:
    """What expressions may name. Only CEL's own functions and macros are there."""
    return cel.NewEnv(variables=_VARIABLES)


def compiled(expression: str) -> cel.Expression:
    """An expression, ready to be evaluated.

    Raises:
        InvalidInputError: it is none, or its answer is not true or false; the sentence says where, and quotes
            nothing but the expression.
    """
    try:
        made = environment().compile(expression)
    except (RuntimeError, ValueError) as error:
        raise InvalidInputError("expression", f"This is no expression: {_mistakes(str(error))}") from None
    kind = made.return_type()
    if kind != cel.Type.BOOL:
        hint = "compare it with something, as in body.flag == true" if kind == cel.Type.DYN else "compare it"
        raise InvalidInputError(
            "expression", f"An expression has to be true or false; this one is {_kind(kind)}: {hint}."
        )
    return made


def checked_expression(expression: str) -> str:
    """The expression itself when events can be judged by it, or when it is empty.

    Raises:
        InvalidInputError: it cannot be used; the sentence says why and where.
    """
    if len(expression) > MAX_EXPRESSION_CHARS:
        raise InvalidInputError(
            "expression",
            f"An expression has at most {MAX_EXPRESSION_CHARS} characters.",
        )
    if not all(each.isprintable() or each in "\n\t" for each in expression):
        raise InvalidInputError("expression", "An expression has no control characters but line breaks.")
    if expression:
        compiled(expression)
    return expression


def _kind(kind: cel.Type) -> str:
    return "of any type" if kind == cel.Type.DYN else f"of type {kind.name().lower()}"


def _mistakes(error: str) -> str:
    """CEL's own words, with the places: they are about the text alone."""
    found = [
        (f"line {line}, column {column}: " if int(line) > 0 else "") + words
        for line, column, words in _MISTAKE.findall(error)
    ]
    whole = _CLASS_BESIDE.fullmatch(error)
    told = found[:_MAX_MISTAKES] or [error if whole is None else whole[1]]
    plain = dict.fromkeys(each.replace(_NO_CONTAINER, "").strip().removesuffix(".") for each in told)
    return f"{'; '.join(each[:_MAX_MISTAKE_CHARS] for each in plain)}."
