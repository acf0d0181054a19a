"""Places: the repo or Secret that somebody means by "namespace/name", or by its name alone."""

from typing import Literal

from cli.client import ApiError, ControlApi
from cli.paging import pages
from domain.errors import UnknownThingError

Thing = Literal["repo", "Secret"]


class SeveralThingsError(ApiError):
    """A name without a namespace means several repos or Secrets."""

    def __init__(self, thing: Thing, name: str, found: list[str]) -> None:
        super().__init__(f"Several {thing}s are called {name!r}: {', '.join(found)}. Say which.")


def place_of(api: ControlApi, thing: Thing, wanted: str) -> tuple[str, str]:
    """Namespace and name of what is meant; a name alone is enough when only one is called so.

    Raises:
        UnknownThingError: nothing can be called so, or nothing is.
        SeveralThingsError: several are.
    """
    if "/" not in wanted:
        things = f"{thing.lower()}s"
        found = [each["name"] for page in pages(api, things, {"name": wanted}) for each in page[things]]
        if len(found) > 1:
            raise SeveralThingsError(thing, wanted, found)
        wanted = found[0] if found else f"/{wanted}"
    namespace, _, name = wanted.partition("/")
    if not namespace or not name or "/" in name:
        raise UnknownThingError(thing, wanted.lstrip("/"))
    return namespace, name
