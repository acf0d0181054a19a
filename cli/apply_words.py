"""What `fleet apply` says: of each resource, and of what is left to do."""

from collections.abc import Iterator, Sequence
from typing import Final

from cli.client import Json
from cli.repo_words import url
from domain.git.credential import KEYS
from domain.git.schema import likely

REPO: Final = "GitRepo"
SECRET: Final = "Secret"  # noqa: S105 - a kind of resource

_NAMED: Final = 5
"""So many names stand in a sentence; of more, the number is told."""


def line(outcome: Json) -> str:
    """What became of a resource, or would become."""
    change = outcome["change"]
    done = f"would be {change}" if outcome["dry_run"] and change != "unchanged" else change
    return f"{outcome['kind']} {outcome['name']}: {done}.{_about_ignored(outcome['ignored'])}"


def _about_ignored(ignored: Sequence[str]) -> str:
    """What was not read, and what of it looks like a slip."""
    meant = {each: likely(each) for each in ignored}
    foreign = [each for each in ignored if meant[each] is None]
    told = f" Ignored, as it means nothing here: {', '.join(foreign)}." if foreign else ""
    slips = (f" Ignored: {each}; is {field} meant?" for each, field in meant.items() if field)
    return told + "".join(slips)


def refused(outcome: Json) -> str:
    """Why a resource was not applied, and where it stands."""
    return f"{outcome['place']}: {outcome['kind']} {outcome['name']} is refused: {outcome['error']}"


def passed_over(places: Sequence[str]) -> list[str]:
    """What was found and is none of ours."""
    return [f"Passed over: {_few(places)}."] if places else []


def next_steps(repos: list[Json], steps: Json) -> Iterator[str]:
    """What to do next: where pushes go, what vouches for them, and who is told."""
    if steps["receiver"] is not None:
        yield from ("", "Register this URL at your Git host, as a webhook for pushes:", "")
        yield f"  {url(steps['receiver'])}"
    yield from _about_pushes(repos)
    if steps["run"]:
        nobody = "No subscription listens to these repos yet. Next:"
        yield from ("", nobody if steps["receiver"] else "Commits cannot be announced yet. Next:", "")
        yield from (f"  {command}" for command in steps["run"])


def _about_pushes(repos: list[Json]) -> Iterator[str]:
    """A line for all repos whose pushes meet the same fate, unless they are checked."""
    fates: dict[str, list[str]] = {}
    for repo in repos:
        if repo["pushes"] != "checked":
            fates.setdefault(_fate(repo), []).append(repo["name"])
    if fates:
        yield ""
    for fate, names in fates.items():
        yield f"Pushes of {_few(names)} are {fate}"


def _fate(repo: Json) -> str:
    secret = repo["secrets"]["webhook"]
    told = f"{repo['pushes']}."
    if repo["pushes"].startswith("believed"):
        return f"{told} Apply a Secret {secret['name']} with {_keys(secret)} to have them checked."
    if secret["missing"] or not secret["exists"]:
        return f"{told} Apply the Secret {secret['name']} with {_keys(secret)}."
    return told


def _keys(secret: Json) -> str:
    if missing := secret["missing"]:
        keys = " and ".join(missing)
        return f"the key{'s' if len(missing) > 1 else ''} {keys}, as entered at the Git host"
    return f"the key of your Git host ({', '.join(sorted(KEYS))})"


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
