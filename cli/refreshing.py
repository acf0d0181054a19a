"""Refreshing: a named list gets the networks that its sender publishes now, or says why not."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cli.download import MAX_BYTES, download, is_url
from domain.errors import FleetError
from domain.named import SHIPPED, NamedList, checked_networks, read_feed
from domain.webhook import checked_name

_A_FILE: Final = "a file on the server"


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A list with its new networks.

    Attributes:
        named: the list as it is to be kept.
        added: how many networks it did not have before.
        removed: how many it has no more.
    """

    named: NamedList
    added: int
    removed: int


def refreshed(name: str, known: NamedList | None, origin: str | None, now_ms: int) -> Refreshed:
    """The list with the networks of today.

    Args:
        name: what webhooks call it.
        known: the list as it is; None: a list of one's own is to be made.
        origin: file or URL of the networks; None: the feed of the list.
        now_ms: Unix time in milliseconds.

    Raises:
        FleetError: the networks cannot be had, or cannot be right. The list stays as it is.
    """
    if known is None and origin is None:
        raise FleetError("There is no such list; --from makes one of your own.")
    base = known or NamedList(checked_name("name", name), name, "", "", "", ())
    origin = origin or base.feed
    if not origin:
        raise FleetError("No file is known from which it could be refreshed; name one with --from.")
    if name not in SHIPPED:
        base = replace(base, **_from(origin))
    raw = download(origin) if is_url(origin) else _read(Path(origin))
    networks = checked_networks(read_feed(raw, name))
    today = datetime.fromtimestamp(now_ms / 1000, UTC).date().isoformat()
    named = replace(base, as_of=today, networks=networks)
    before, after = set(base.networks), set(networks)
    return Refreshed(named, len(after - before), len(before - after))


def _from(origin: str) -> dict[str, str]:
    if is_url(origin):
        return {"source": origin, "feed": origin}
    return {"source": _A_FILE, "feed": ""}


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise FleetError(f"{path} cannot be read: {error.strerror}.") from None
    if len(raw) > MAX_BYTES:
        raise FleetError(f"{path} has more than {MAX_BYTES} bytes.")
    return raw
