"""The queues and workers of the server, described. They are for operators."""

from typing import Final, get_args

from relay.server.api.inputs import Pause
from relay.server.api.openapi.operation import Operation, Part
from relay.server.api.openapi.schemas import (
    flag,
    input_of,
    many,
    maybe,
    moment,
    number,
    record,
    ref,
    text,
    whole,
    word,
)
from store.queues import WorkerState

_ONLY: Final = ("operator_only",)

PART: Final = Part(
    "queues",
    "What all gateways of the server share. Only operators may ask.",
    (
        Operation(
            "GET", "/queues", "show_queues", "Shows queues and workers.", {200: "Server"}, refusals=_ONLY
        ),
        Operation(
            "POST",
            "/queues/suspend",
            "suspend_queues",
            "Lets workers rest; each may still take one job.",
            {200: "Server"},
            body="Pause",
            refusals=_ONLY,
        ),
        Operation(
            "POST",
            "/queues/resume",
            "resume_queues",
            "Lets workers begin jobs again.",
            {200: "Server"},
            refusals=_ONLY,
        ),
    ),
    {
        "Queue": record(
            "A queue of RQ.",
            {
                "name": text("Its name."),
                "depth": whole("Jobs that no worker has begun."),
                "oldest_at": maybe(moment("When the first of them was enqueued; null: there is none.")),
                "started": whole("Jobs under way."),
                "failed": whole("Jobs that failed, and are kept to be requeued."),
            },
        ),
        "Worker": record(
            "A worker.",
            {
                "name": text("Its random name."),
                "queue": text("What it serves."),
                "state": word(
                    "What it does; `suspended` workers may still take one job each.", get_args(WorkerState)
                ),
                "doing": maybe(text("Its job in words; null: it has none.")),
                "since": maybe(moment("When it began that.")),
                "host": text("The machine."),
                "pid": whole("Its process id there."),
                "started_at": maybe(moment("When it started.")),
                "seen_at": maybe(moment("Its last sign of life.")),
                "done": whole("Jobs it has done."),
                "failed": whole("Jobs it has failed at."),
            },
        ),
        "Server": record(
            "What stands between the doors.",
            {
                "queues": many("In the order in which an event may come to them.", ref("Queue")),
                "workers": many("Of all queues.", ref("Worker")),
                "retries": whole("Deliveries that wait for their next attempt, of all gateways."),
                "suspended": flag("Whether workers rest."),
                "suspended_until": maybe(moment("When they do again; null: when somebody says so.")),
                "sweeper": flag("Whether a sweeper is on duty."),
                "redis": record(
                    "The Redis behind it.",
                    {
                        "version": text("Its version."),
                        "used_bytes": whole("The memory that it uses."),
                        "max_bytes": maybe(whole("How much it may use; null: it has no limit.")),
                        "share": maybe(number("The one as a share of the other.")),
                    },
                ),
                "events_waiting": whole("Events that wait for a worker, of all gateways."),
            },
        ),
        "Pause": input_of(Pause, {"for_s": "For how many seconds; null: until `POST /queues/resume`."}),
    },
)
