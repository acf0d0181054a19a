"""`fleet queues`: the queues of all gateways and the workers on them, for operators, over the control API."""

import os
from typing import Annotated, Final

import typer

from cli.answers import say, say_json, say_table
from cli.client import ControlApi, Json, control_api
from cli.durations import about, ago, duration_ms, unix_ms
from cli.options import AsJson, Insecure, examples
from cli.surroundings import clock_ms
from config.settings import load

_LONGEST_MS: Final = 86_400_000
_PERCENT: Final = 100

app: Final = typer.Typer(
    invoke_without_command=True,
    help="Queues and workers, which all gateways share: for the gateways of operators.",
    epilog=examples("fleet queues", "fleet queues --json"),
)


@app.callback()
def queues(context: typer.Context, *, as_json: AsJson = False, insecure: Insecure = False) -> None:
    """Show the queues, how many jobs wait in each, and what each worker does. For operators.

    All gateways share them. suspend lets workers rest, resume lets them go on.
    """
    if context.invoked_subcommand is None:
        _tell(_api(insecure=insecure).ask("GET", "queues"), as_json=as_json)
    elif as_json or insecure:
        raise typer.BadParameter(f"Write --json and --insecure behind {context.invoked_subcommand}.")


@app.command(epilog=examples("fleet queues suspend", "fleet queues suspend --for 10m"))
def suspend(
    *,
    length_ms: Annotated[
        int | None,
        typer.Option(
            "--for", parser=duration_ms, metavar="TIME", help="Until then, at most 24h. Else until resume."
        ),
    ] = None,
    as_json: AsJson = False,
    insecure: Insecure = False,
) -> None:
    """Let workers rest. Senders get their 202 as ever, and events wait.

    What is under way ends, and each worker that is just waiting for a job may still take one. Connectors go
    on with what is theirs already.
    """
    if length_ms is not None and not 1000 <= length_ms <= _LONGEST_MS:  # noqa: PLR2004 - a second
        raise typer.BadParameter("--for is 1s to 24h.")
    wish = {"for_s": None if length_ms is None else length_ms // 1000}
    _tell(_api(insecure=insecure).ask("POST", "queues", "suspend", body=wish), as_json=as_json)


@app.command(epilog=examples("fleet queues resume"))
def resume(*, as_json: AsJson = False, insecure: Insecure = False) -> None:
    """Let workers go on."""
    _tell(_api(insecure=insecure).ask("POST", "queues", "resume", body={}), as_json=as_json)


def _api(*, insecure: bool) -> ControlApi:
    return control_api(load(os.environ), insecure=insecure)


def _tell(found: Json, *, as_json: bool) -> None:
    if as_json:
        say_json(found)
        return
    now_ms = clock_ms()
    say_table(
        ("QUEUE", "WAITING", "OLDEST", "UNDER WAY", "FAILED"),
        (_row(each, now_ms) for each in found["queues"]),
    )
    say("")
    if found["workers"]:
        columns = ("WORKER", "QUEUE", "STATE", "DOING", "SINCE", "DONE", "FAILED", "PROCESS")
        say_table(columns, (_worker(each, now_ms) for each in found["workers"]))
        say("")
    say(*_sentences(found, now_ms))


def _row(queue: Json, now_ms: int) -> tuple[object, ...]:
    oldest = ago(queue["oldest_at"], now_ms) if queue["oldest_at"] else "-"
    return queue["name"], queue["depth"], oldest, queue["started"], queue["failed"]


def _worker(worker: Json, now_ms: int) -> tuple[object, ...]:
    return (
        worker["name"][-8:],
        worker["queue"],
        worker["state"],
        worker["doing"] or "-",
        ago(worker["since"], now_ms) if worker["since"] else "-",
        worker["done"],
        worker["failed"],
        f"{worker['host']}:{worker['pid']}",
    )


def _sentences(found: Json, now_ms: int) -> list[str]:
    waiting = (
        f"{found['events_waiting']} events wait to be verified, {found['retries']} deliveries for a retry."
    )
    redis = found["redis"]
    memory = f"Redis {redis['version']} uses {about_bytes(redis['used_bytes'])}"
    if redis["max_bytes"]:
        memory += f", {redis['share'] * _PERCENT:.0f} % of what it may have"
    return [waiting, f"{memory}.", *troubles(found, now_ms)]


def troubles(found: Json, now_ms: int) -> list[str]:
    """What is wrong with queues and workers, a sentence each, with what to do."""
    told: list[str] = []
    if found["suspended"]:
        until = found["suspended_until"]
        left = f" for another {about(unix_ms(until) - now_ms)}" if until else ""
        told.append(
            f"SUSPENDED{left}: events wait, but for one more job of each worker at most."
            " 'fleet queues resume' lets them go on."
        )
    served = {worker["queue"] for worker in found["workers"]}
    told += [
        f"NO WORKER for the queue {each['name']}: start one with 'fleet run worker {each['name']}'."
        for each in found["queues"]
        if each["name"] not in served
    ]
    if not found["sweeper"]:
        told.append("NO SWEEPER is on duty, so nothing is retried: start one with 'fleet run sweeper'.")
    return told


def about_bytes(number: int) -> str:
    """A number of bytes as people say it."""
    return f"{number / 2**20:.1f} MiB" if number < 2**30 else f"{number / 2**30:.1f} GiB"
