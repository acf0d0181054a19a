"""Wording: what the answers of tools call our program, where the desk knows how it is called there."""

from collections.abc import Callable
from typing import Final, cast

from mcp_types import CallToolResult, TextContent

Words = Callable[[str], str]
"""A sentence of ours, in the words of whoever reads it."""

_OF_STRANGERS: Final = "by_sender"
"""What stands under this name is data, and stays as it is."""


def worded(result: CallToolResult, words: Words) -> CallToolResult:
    """An answer in other words; what strangers have written stays."""
    return CallToolResult(
        content=[
            TextContent(type="text", text=words(part.text)) if isinstance(part, TextContent) else part
            for part in result.content
        ],
        structured_content=cast("dict[str, object] | None", _worded(result.structured_content, words)),
        is_error=result.is_error,
    )


def _worded(found: object, words: Words) -> object:
    match found:
        case str():
            return words(found)
        case list():
            return [_worded(each, words) for each in cast("list[object]", found)]
        case dict():
            return {
                name: each if name == _OF_STRANGERS else _worded(each, words)
                for name, each in cast("dict[str, object]", found).items()
            }
        case _:
            return found
