"""What `fleet apply` says: of each resource, and of what is left to do."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeVar

from cli.answers import few
from cli.called import NAME, program
from cli.client import Json
from cli.repo_words import url
from domain.git.credential import KEYS
from domain.git.repo import GLOBAL_SECRET

REPO: Final = "GitRepo"
SECRET: Final = "Secret"  # noqa: S105 - a kind of resource

Trait = TypeVar("Trait")

_NOBODY: Final = (
    "No subscription listens to these repos yet: the commits at which they stand now are told to nobody. To"
    " be told these as well: subscribe, delete the repos with 'fleet repos delete', apply them again. Next:"
)


def line(outcome: Json) -> str:
    """What became of a resource, or would become."""
    change = outcome["change"]
    done = f"would be {change}" if outcome["dry_run"] and change != "unchanged" else change
    foreign = [each for each in outcome["ignored"] if each not in outcome["slips"]]
    told = f" Ignored, as it means nothing here: {', '.join(foreign)}." if foreign else ""
    return f"{outcome['kind']} {outcome['name']}: {done}.{told}"


def slips(outcomes: Sequence[Json]) -> list[str]:
    """What looks misspelled, where it is not overlooked."""
    found = [
        f"Careful: {each['place']}: {field} is unknown and was ignored; is {meant} meant?"
        for each in outcomes
        for field, meant in each["slips"].items()
    ]
    return ["", *found] if found else []


def refused(outcome: Json) -> str:
    """Why a resource was not applied, and where it stands."""
    return f"{outcome['place']}: {outcome['kind']} {outcome['name']} is refused: {outcome['error']}"


def refused_likewise(outcomes: Sequence[Json]) -> Iterator[str]:
    """Those that were refused for a reason that was told of another one, together: nobody reads a hundred."""
    groups: dict[str, list[str]] = {}
    for each in outcomes:
        groups.setdefault(each["error"], []).append(each["name"])
    for names in groups.values():
        if rest := names[1:]:
            yield f"And {len(rest)} more are refused for the same reason as {names[0]}: {few(rest)}."


def passed_over(places: Sequence[str]) -> list[str]:
    """What was found and is none of ours."""
    return [f"Passed over: {few(places)}."] if places else []


def next_steps(repos: list[Json], steps: Json, *, is_new: bool) -> Iterator[str]:
    """How commits are found, and what to do for more: of pushes at once, and of a subscriber.

    Args:
        repos: what was applied.
        steps: the receiver, and the commands that are still needed.
        is_new: whether anything has changed; who applies the same again has read the rest.
    """
    if is_new:
        yield from ("", *_about_polls(repos))
        yield from _about_pushes([each for each in repos if each["can_be_named"]], steps["receiver"])
    if steps["run"]:
        yield from ("", _NOBODY if steps["receiver"] else "Commits cannot be announced yet. Next:", "")
        yield from (f"  {program()}{line.removeprefix(NAME)}" for line in steps["run"])


def _about_polls(repos: list[Json]) -> Iterator[str]:
    """A line for all repos that are polled equally often, and what no push can speed up."""
    for interval, names in _grouped(repos, lambda repo: repo["polled"]).items():
        if interval:
            yield f"Polled every {interval}: {few(names)}. 'fleet repos list' shows what is found."
        else:
            yield f"Polling is off: {few(names)}. A push or 'fleet repos sync' has them looked at."
    if nameless := [each["name"] for each in repos if not each["can_be_named"]]:
        yield f"No webhook can tell of pushes: {few(nameless)}. No Git host can name such an address."


def _about_pushes(repos: list[Json], receiver: Json | None) -> Iterator[str]:
    """What makes pushes known at once, unless there is nothing of that kind."""
    if not repos:
        return
    if receiver is not None:
        yield from ("", "To hear of pushes at once, register this URL at your Git host, as a webhook:", "")
        yield f"  {url(receiver)}"
    fates = _grouped([each for each in repos if each["pushes"] != "checked"], _fate)
    if fates:
        yield ""
    for (before, after), names in fates.items():
        yield f"{before} {few(names)} {after}"


def _grouped(repos: list[Json], trait: Callable[[Json], Trait]) -> dict[Trait, list[str]]:
    groups: dict[Trait, list[str]] = {}
    for repo in repos:
        groups.setdefault(trait(repo), []).append(repo["name"])
    return groups


def _fate(repo: Json) -> tuple[str, str]:
    """What becomes of pushes of a repo: what is said before its name, and after it."""
    secret, pushes = repo["secrets"]["webhook"], repo["pushes"]
    if pushes.startswith("believed"):
        advice = f"Apply a Secret {secret['name']} with {_keys(secret)} to have them checked."
        return "Pushes of", f"are {pushes}. {advice}"
    if secret["missing"] or not secret["exists"]:
        # Who sets nothing up is told no more than a stranger; who has set something up half is at fault.
        status = 401 if secret["name"] == GLOBAL_SECRET and not secret["exists"] else 500
        advice = f"apply the Secret {secret['name']}, too, with {_keys(secret)}."
        return "For", f"{advice} Until then webhooks for them are answered {status}."
    return "Pushes of", f"are {pushes}."


def _keys(secret: Json) -> str:
    if missing := secret["missing"]:
        keys = " and ".join(missing)
        return f"the key{'s' if len(missing) > 1 else ''} {keys}, as entered at the Git host"
    return f"the key of your Git host ({', '.join(sorted(KEYS))})"
