"""Judging: expressions over the facts of one event. It never raises; it says yes, no, or why neither."""

from contextlib import suppress
from functools import cached_property, lru_cache
from typing import Any, Final

from cel_expr_python import cel  # pyright: ignore[reportMissingTypeStubs] - of the folder; cel has one

from domain.errors import InvalidInputError
from domain.expression.facts import Facts
from domain.expression.failure import Failure, failure_of
from domain.expression.language import compiled, environment
from domain.expression.reading import TooManyPartsError, UnreadError, content_of

_KEPT: Final = 256
_compiled: Final = lru_cache(_KEPT)(compiled)


class Judge:
    """Judges one event by any number of expressions; its body is read once."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._unread = Failure.BODY_UNREAD

    def judge(self, expression: str) -> bool | str:
        """Whether the event fulfils an expression; or why that cannot be said, see `failure.told`."""
        try:
            return self._judged(expression)
        except InvalidInputError:
            return Failure.INVALID.value
        except MemoryError:
            return Failure.TOO_LARGE.value
        except RuntimeError as error:
            return self._why(str(error), expression)
        except Exception:  # noqa: BLE001 - whatever is in the library, no event passes by it
            return Failure.OTHER.value

    def prepare(self) -> None:
        """Read the body now, so that the time which that takes is not the expression's."""
        _ = self._values

    def _judged(self, expression: str) -> bool | str:
        answer = _compiled(expression).eval(self._activation)
        found: object = answer.value()
        if answer.type() == cel.Type.BOOL and isinstance(found, bool):
            return found
        why = self._why(str(found), expression)
        is_empty = self._values.get("body", self) is None and why == Failure.WRONG_TYPE
        return Failure.NO_CONTENT.value if is_empty else why

    def _why(self, error: str, expression: str) -> str:
        why = failure_of(error, expression)
        return self._unread.value if why == Failure.BODY_UNREAD else why

    @cached_property
    def _activation(self) -> cel.Activation:
        """It keeps what it has converted of the values for the next expression."""
        return environment().Activation(data=self._values)

    @cached_property
    def _values(self) -> dict[str, Any]:
        """What cannot be read is left out: to ask for it is an error, which has a class of its own."""
        values = self._facts.values()
        try:
            values["body"] = content_of(self._facts.request)
        except TooManyPartsError:
            self._unread = Failure.TOO_MANY_PARTS
        except UnreadError:
            pass  # the class it has from the start
        with suppress(UnicodeDecodeError):
            values["text"] = str(self._facts.request.body, "utf-8")
        return values
