"""`fleet deliveries retry` and `discard`: one, some, or all of a filter."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

import typer

from cli import bulk, filters
from cli import delivery_words as words
from cli.answers import complain, say, say_json
from cli.asking import confirm
from cli.bulk import Tally
from cli.client import ControlApi, Json, control_api
from cli.event_words import in_short
from cli.exits import Exit
from cli.options import AsJson, Insecure, Yes, examples
from cli.surroundings import clock_ms
from config.settings import load
from domain.delivery import DeliveryState
from domain.ids import is_id

RETRY: Final = examples(
    "fleet deliveries retry evt_1m7yhvbe6n6gf6symg0x1qq",
    "fleet deliveries retry --subscription app --since 2h --dry-run",
    "fleet deliveries retry --all",
)
DISCARD: Final = examples(
    "fleet deliveries discard evt_1m7yhvbe6n6gf6symg0x1qq",
    "fleet deliveries discard --webhook old --until 2026-01-31 --yes",
)
_SHOWN: Final = 10
"""How many of those that were skipped are named."""

Wanted = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[ID]...", help="Deliveries, or events, which stands for all that failed of them."
    ),
]
All = Annotated[bool, typer.Option("--all", help="All that failed, instead of naming them.")]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Count what is meant, and by what it failed. Nothing is changed.")
]


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be done with the dead.

    Attributes:
        verb: the last part of its path in the API.
        doing: what a progress bar calls it.
        done: what it is called when it is done.
        would: what a rehearsal says.
        question: what is asked first; "" for nothing.
    """

    verb: str
    doing: str
    done: str
    would: str
    question: str


_RETRY: Final = Work("retry", "Retrying", "retried", "would be retried", "")
_DISCARD: Final = Work(
    "discard",
    "Discarding",
    "discarded",
    "would be discarded",
    "Discard {}? They cannot be retried afterwards.",
)


def retry(  # noqa: PLR0913 - each is an option of the command
    wanted: Wanted = None,
    *,
    every: All = False,
    webhook: filters.Webhook = None,
    subscription: filters.Subscription = None,
    event_type: filters.EventType = None,
    since: filters.Since = None,
    until: filters.Until = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    insecure: Insecure = False,
) -> None:
    """Try deliveries again that failed, as long as the bodies of their events are kept.

    Each begins its schedule of attempts anew. Name deliveries or events, or choose by filter, or take --all.
    --since and --until speak of when they failed. What fails again meanwhile is not retried twice. Ctrl-C
    ends it at any time: what was done stays done, and the same command goes on with the rest.
    """
    wish = filters.chosen(
        clock_ms(), webhook=webhook, subscription=subscription, type=event_type, since=since, until=until
    )
    api = control_api(load(os.environ), insecure=insecure)
    _do(_RETRY, api, _Choice(wanted or (), wish, every), dry_run=dry_run, ask=False, as_json=as_json)


def discard(  # noqa: PLR0913 - each is an option of the command
    wanted: Wanted = None,
    *,
    every: All = False,
    webhook: filters.Webhook = None,
    subscription: filters.Subscription = None,
    event_type: filters.EventType = None,
    since: filters.Since = None,
    until: filters.Until = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: AsJson = False,
    insecure: Insecure = False,
) -> None:
    """Give deliveries up that failed: they count as discarded, and nobody can retry them any more.

    Name deliveries or events, or choose by filter, or take --all. --since and --until speak of when they
    failed. The body of an event is deleted with its last delivery.
    """
    wish = filters.chosen(
        clock_ms(), webhook=webhook, subscription=subscription, type=event_type, since=since, until=until
    )
    api = control_api(load(os.environ), insecure=insecure)
    _do(_DISCARD, api, _Choice(wanted or (), wish, every), dry_run=dry_run, ask=not yes, as_json=as_json)


@dataclass(frozen=True, slots=True)
class _Choice:
    """Which deliveries are meant: those named, or those of a filter, which may be empty for all."""

    wanted: Sequence[str]
    wish: dict[str, str]
    every: bool

    def __post_init__(self) -> None:
        if sum((bool(self.wanted), bool(self.wish), self.every)) != 1:
            raise typer.BadParameter("Name deliveries or events, or use a filter, or --all.")


def _do(work: Work, api: ControlApi, choice: _Choice, *, dry_run: bool, ask: bool, as_json: bool) -> None:
    ids = _deliveries(api, choice.wanted)
    count = _count(api, choice, ids, is_looked_at=dry_run or ask)
    if dry_run:
        _rehearse(work, count, as_json=as_json)
        return
    if count["count"] and ask:
        confirm(work.question.format(words.counted(count, "failed")))
    path = ("deliveries", work.verb)
    with bulk.progress(work.doing, count["count"]) as shown:
        if choice.wanted:
            tally = bulk.by_ids(api, path, ids, shown)
        else:
            tally = bulk.by_filter(api, path, {**choice.wish}, shown)
    _report(work, tally, count["count"], by_name=bool(choice.wanted), as_json=as_json)


def _deliveries(api: ControlApi, wanted: Sequence[str]) -> list[str]:
    """Ids of deliveries; an event stands for those of it that are dead.

    Raises:
        ApiError: there is no such event.
    """
    found: list[str] = []
    for each in wanted:
        if is_id("evt", each):
            event = api.ask("GET", "events", each)
            dead = [told["id"] for told in event["deliveries"] if told["state"] == DeliveryState.DEAD]
            if not dead:
                complain(_why_none(event))
            found += dead
        else:
            found.append(each)
    return list(dict.fromkeys(found))


def _why_none(event: Json) -> str:
    """Why nothing can be done with an event, although somebody named it."""
    if event["rejected_because"]:
        return f"{event['id']} was rejected; only its sender can send it again."
    return f"{event['id']}: {in_short(event)}. Nothing of it is out of attempts."


def _count(api: ControlApi, choice: _Choice, ids: Sequence[str], *, is_looked_at: bool) -> Json:
    """How many are meant, and by what they failed; of those named only when they are to be looked at."""
    if not choice.wanted:
        return api.ask("GET", "deliveries", "count", query={"state": "dead", **choice.wish})
    if not is_looked_at:
        return {"count": len(ids), "is_complete": True, "by_note": {}}
    found = [api.ask("GET", "deliveries", each) for each in ids]
    dead = [str(each["note"] or "") for each in found if each["state"] == DeliveryState.DEAD]
    return {"count": len(dead), "is_complete": True, "by_note": dict(Counter(dead))}


def _rehearse(work: Work, count: Json, *, as_json: bool) -> None:
    if as_json:
        say_json({"would": work.verb, **count})
    else:
        say(f"{words.counted(count, 'failed')} {work.would}. Nothing was changed.")


def _report(work: Work, tally: Tally, total: int, *, by_name: bool, as_json: bool) -> None:
    """How far it came. What others have done meanwhile is no failure, but who names one wants it done."""
    if as_json:
        say_json({work.done: tally.done, "skipped": tally.skipped, "is_complete": tally.is_complete})
    else:
        _tell(work, tally)
    if not tally.is_complete:
        why = tally.error or "Interrupted:"
        complain(f"{why} {tally.seen} of {total} were looked at; the same command goes on with the rest.")
        raise typer.Exit(Exit.INTERRUPTED if tally.interrupted else Exit.FAILED)
    harmless = set[str]() if by_name else {"not_dead"}
    if tally.reasons().keys() - harmless:
        raise typer.Exit(Exit.FAILED)


def _tell(work: Work, tally: Tally) -> None:
    if tally.is_complete and not tally.seen:
        say("Nothing to do: none of these has failed.")
        return
    say(f"{tally.done} {work.done}.")
    if tally.skipped:
        say(f"Left as they are: {words.skipped(tally.reasons())}.")
        say(*(f"  {each['id']}" for each in tally.skipped[:_SHOWN]))
