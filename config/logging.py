"""Logging, set up once per process: our own messages and those of libraries take one way and one form."""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Final

import structlog
from structlog.typing import EventDict, Processor

from config.settings import Settings

LIBRARY: Final = "library"
"""The event of every line that comes from a library; `message` is what it says."""

# The last net, not the rule: nobody passes these to a logger. `headers` because senders put secrets in them.
_NEVER_LOGGED: Final = frozenset(
    {"body", "secret", "token", "signature", "authorization", "headers", "password", "cookie"}
)
# Access logs hold the path of every request, and the path of a webhook is its token.
_SILENCED: Final = ("uvicorn.access", "aiohttp.access")
# At debug level these print the headers of WebSocket handshakes, the access token among them; dulwich prints
# all that a Git server says.
_NEVER_DEBUG: Final = ("uvicorn.error", "websockets", "websockets.client", "websockets.server", "dulwich")
# They tell of each session, and at debug level print whole answers, URLs of webhooks among them.
_ONLY_WARNING: Final = ("mcp", "sse_starlette")
# paramiko tells of each connection, and of one that fails with a traceback; we say what matters.
# dulwich says each word that it does not know of what a Git server says.
_UNHEARD: Final = ("paramiko", "dulwich")
# Said by uvicorn of every request that is none: strangers would fill the log.
_NEVER_SAID: Final = ("Invalid HTTP request received.", "Unsupported upgrade request.")
# These bring their own handlers, which would say everything twice and in another form.
_WITH_OWN_HANDLERS: Final = ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi", "rq.worker")


def configure(settings: Settings) -> None:
    """Sends everything that is logged to standard error: text for people, JSON lines for machines.

    Servers must be started with their own logging set-up switched off (uvicorn: `log_config=None`).

    Args:
        settings: the level and the form; `auto` asks whether standard error is a terminal.
    """
    prepare: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        drop_secrets,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*prepare, name_library],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendering(settings)],
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *prepare,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    _take_over_standard_logging(formatter, settings.log_level.upper())


def drop_secrets(_logger: object, _method: str, event: EventDict) -> EventDict:
    """A structlog processor: removes what must never be logged, also one level down and behind a prefix."""
    for key in [key for key in event if _is_secret(key)]:
        del event[key]
    for key, value in event.items():
        if isinstance(value, Mapping):
            event[key] = _without_secrets(value)  # pyright: ignore[reportUnknownArgumentType] - any mapping
    return event


def name_library(_logger: object, _method: str, event: EventDict) -> EventDict:
    """A structlog processor: what a library says in words of its own is its message; our names are stable."""
    event["message"] = event["event"]
    event["event"] = LIBRARY
    return event


def _without_secrets(values: Mapping[Any, Any]) -> MutableMapping[Any, Any]:
    return {key: value for key, value in values.items() if not _is_secret(str(key))}


def _is_secret(key: str) -> bool:
    return key.lower().replace("-", "_").rpartition("_")[2] in _NEVER_LOGGED


def _rendering(settings: Settings) -> list[Processor]:
    on_terminal = sys.stderr.isatty()
    if settings.log_format == "console" or (settings.log_format == "auto" and on_terminal):
        # repr: a sender's text must not move the terminal's cursor. Plain tracebacks: the default ones show
        # the values of local variables, and those are payload.
        return [
            structlog.dev.ConsoleRenderer(
                colors=on_terminal,
                repr_native_str=True,
                exception_formatter=structlog.dev.plain_traceback,
            )
        ]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]


def _take_over_standard_logging(formatter: logging.Formatter, level: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in _WITH_OWN_HANDLERS:
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    for name in _NEVER_DEBUG:
        logging.getLogger(name).setLevel(max(logging.INFO, root.level))
    for name in _ONLY_WARNING:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    logging.getLogger("uvicorn.error").addFilter(_is_worth_saying)
    for name in _UNHEARD:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    for name in _SILENCED:
        logging.getLogger(name).disabled = True


def _is_worth_saying(record: logging.LogRecord) -> bool:
    return record.msg not in _NEVER_SAID
