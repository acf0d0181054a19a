"""Absence: why no worker has looked at an event so far, and what brings one to it."""

from cli.client import ControlApi, Json


def absence(api: ControlApi, story: Json) -> str:
    """Why an event still waits for a worker, a sentence; "" when it does not.

    Args:
        api: asked whether workers are suspended, when the event waits.
        story: what the control API says of the event.
    """
    return _told(api.ask("GET", "status")) if story.get("state") == "waiting" else ""


def _told(status: Json) -> str:
    if not status["suspended"]:
        return "No worker has looked at it so far. Is one running? 'fleet status' says it."
    if status["server"] is None:
        return "Workers are suspended: it waits until whoever runs the server resumes them."
    return "Workers are suspended: 'fleet queues resume' lets them go on."
