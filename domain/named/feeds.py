"""Feeds: the files in which senders publish their networks, and the forms they have."""

import json
from collections.abc import Iterable
from typing import Any, Final, cast

from domain.errors import InvalidInputError

_UNKNOWN: Final = (
    "It has no form that is known: a list of networks as JSON or in lines, or what GitHub, Stripe, Atlassian"
    " or Paddle publish."
)

# JSON of strangers: nothing is known of it but that it is an object.
_Object = dict[str, Any]


def read_feed(raw: bytes, name: str) -> list[str]:
    """The networks in a file, as they stand there.

    Args:
        raw: the file.
        name: of the list. Atlassian's file is about all its products: the list is named like the product.

    Raises:
        InvalidInputError: it has no form that is known.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInputError("networks", "It is no UTF-8 text.") from None
    if not text.lstrip().startswith(("{", "[")):
        return _lines(text)
    try:
        content: object = json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidInputError("networks", "It begins like JSON, but is none.") from None
    return _texts(_networks_in(cast("_Object", content), name) if isinstance(content, dict) else content)


def _lines(text: str) -> list[str]:
    """One network a line; what follows a `#` is a comment."""
    bare = (line.partition("#")[0].strip() for line in text.splitlines())
    return [line for line in bare if line]


def _networks_in(content: _Object, name: str) -> object:
    if "hooks" in content:  # https://api.github.com/meta
        return content["hooks"]
    if "WEBHOOKS" in content:  # https://stripe.com/files/ips/ips_webhooks.json
        return content["WEBHOOKS"]
    if isinstance(content.get("items"), list):  # https://ip-ranges.atlassian.com/
        return list(_of_product(content["items"], name))
    if isinstance(content.get("data"), dict):  # https://api.paddle.com/ips
        return content["data"].get("ipv4_cidrs")
    return None


def _of_product(items: Iterable[Any], product: str) -> Iterable[object]:
    """The networks from which a product of Atlassian calls others."""
    for item in items:
        if not isinstance(item, dict):
            continue
        entry = cast("_Object", item)
        # Without a direction it may be either.
        if product in _list(entry.get("product")) and "egress" in _list(entry.get("direction", ["egress"])):
            yield entry.get("cidr")


def _list(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


def _texts(networks: object) -> list[str]:
    entries = _list(networks)
    if not isinstance(networks, list) or not all(isinstance(each, str) for each in entries):
        raise InvalidInputError("networks", _UNKNOWN)
    return cast("list[str]", entries)
