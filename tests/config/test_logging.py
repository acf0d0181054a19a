"""What a process prints as its log, seen from outside."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from config.logging import drop_secrets

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
import logging, os
import structlog
from config import logging as logs
from config.settings import load

logging.getLogger("uvicorn").addHandler(logging.StreamHandler())
logs.configure(load(os.environ))
log = structlog.get_logger("fleet.ingress")
log.debug("too quiet")
log.info("accepted", event_id="evt_1", token="CANARY", access_token="CANARY", bad="\\x1b[2Jred",
         request={"Authorization": "CANARY", "X-Hub-Signature": "CANARY", "size": 3})
logging.getLogger("uvicorn.error").info("started %s", "now", extra={"body": "CANARY"})
logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
logging.getLogger("uvicorn.error").warning("Unsupported upgrade request.")
logging.getLogger("uvicorn.access").error("GET /t/CANARY")
logging.getLogger("rq.worker").warning("job %s", "job_1")
with structlog.contextvars.bound_contextvars(gateway="gw_1"):
    try:
        body = "CANA" + "RY"
        raise ValueError("no payload here")
    except ValueError:
        log.exception("failed")
"""


def environment(**settings: str) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("FLEET_")}
    return {**plain, **settings}


def printed(**settings: str) -> str:
    done = subprocess.run(  # noqa: S603 - the program above
        [sys.executable, "-c", PROGRAM],
        env=environment(**settings),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == ""
    return done.stderr


def shown_on_a_terminal(**settings: str) -> str:
    ours, theirs = pty.openpty()
    with subprocess.Popen(  # noqa: S603 - the program above
        [sys.executable, "-c", PROGRAM], env=environment(**settings), cwd=ROOT, stderr=theirs
    ) as running:
        os.close(theirs)
        shown = b""
        # A terminal whose other end is closed reads as an error on Linux, as the end elsewhere.
        while True:
            try:
                chunk = os.read(ours, 4096)
            except OSError:
                break
            if not chunk:
                break
            shown += chunk
    os.close(ours)
    assert running.returncode == 0
    return shown.decode()


def test_machines_get_json_lines_of_everything() -> None:
    entries = [json.loads(line) for line in printed().splitlines()]
    assert [(entry["event"], entry["level"], entry["logger"]) for entry in entries] == [
        ("accepted", "info", "fleet.ingress"),
        ("library", "info", "uvicorn.error"),
        ("library", "warning", "rq.worker"),
        ("failed", "error", "fleet.ingress"),
    ]
    assert [entry.get("message") for entry in entries] == [None, "started now", "job job_1", None]
    assert entries[0]["event_id"] == "evt_1"
    assert entries[0]["request"] == {"size": 3}
    assert entries[0]["timestamp"].endswith("Z")
    assert entries[3]["gateway"] == "gw_1"
    assert "ValueError: no payload here" in entries[3]["exception"]


@pytest.mark.parametrize("form", ["json", "console"])
def test_no_secret_no_payload_and_no_address_of_a_webhook_is_printed(form: str) -> None:
    assert "CANARY" not in printed(FLEET_LOG_FORMAT=form, FLEET_LOG_LEVEL="debug")


@pytest.mark.parametrize("form", ["json", "console"])
def test_foreign_text_cannot_steer_the_terminal(form: str) -> None:
    assert "\x1b" not in printed(FLEET_LOG_FORMAT=form)


def test_people_get_text() -> None:
    text = printed(FLEET_LOG_FORMAT="console")
    assert "accepted" in text.splitlines()[0]
    assert "Traceback (most recent call last)" in text
    with pytest.raises(json.JSONDecodeError):
        json.loads(text.splitlines()[0])


def test_a_terminal_gets_text_by_itself() -> None:
    shown = shown_on_a_terminal()
    assert "fleet.ingress" in shown
    assert '"event"' not in shown
    assert '"event"' in shown_on_a_terminal(FLEET_LOG_FORMAT="json")


def test_the_level_is_the_least_that_is_printed() -> None:
    assert "too quiet" in printed(FLEET_LOG_LEVEL="debug")
    assert "accepted" not in printed(FLEET_LOG_LEVEL="warning")
    assert "job_1" not in printed(FLEET_LOG_LEVEL="error")


@pytest.mark.parametrize(
    "key",
    [
        "body",
        "Token",
        "access_token",
        "webhook-secret",
        "X-Hub-Signature",
        "Authorization",
        "headers",
        "cookie",
    ],
)
def test_a_secret_is_dropped_by_its_name(key: str) -> None:
    event = {"event": "seen", key: "value", "inner": {key: "value", "size": 1}, "token_count": 3}
    assert drop_secrets(None, "info", event) == {"event": "seen", "inner": {"size": 1}, "token_count": 3}
