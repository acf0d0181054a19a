"""Reading fleet.toml: each table [targets.NAME] becomes a wish, or a sentence on what is wrong with it."""

import os
import ssl
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final, cast

from cli.targets import surroundings
from cli.targets.owned import owned_text
from cli.targets.table import Table
from cli.targets.wish import HttpWish, ProgramWish, TargetsError, VerifyWish, Wish
from domain.delivery import Outcome
from domain.errors import InvalidInputError
from domain.subscription import MAX_TIMEOUT_S
from domain.webhook import checked_name
from relay.connector.outgoing import ORIGINAL, added_headers, checked_host, target_url
from relay.connector.targets.command import Command
from relay.connector.targets.http import HttpOptions
from relay.connector.targets.prompt import MAX_TEMPLATE_CHARS, Prompt
from relay.connector.targets.variables import checked_header_names

FILE: Final = Path("fleet.toml")
MAX_CONCURRENCY: Final = 100
_MAX_BYTES: Final = 1024 * 1024
_HTTP: Final = frozenset({"http", "headers", "host", "verify_tls", "ca_file", "timeout", "verify"})
_PROGRAM: Final = frozenset(
    {
        *("env", "pass_env", "pass_headers", "directory", "concurrency", "timeout", "on_failure"),
        *("allow_unverified", "verify"),
    }
)
KINDS: Final[dict[str, frozenset[str]]] = {
    "http": _HTTP,
    "exec": _PROGRAM | {"exec"},
    "agent": _PROGRAM | {"agent", "prompt", "prompt_file"},
}
"""The keys that each kind of target can have, for the documents, too."""
VERIFY: Final = frozenset({"sender", "secrets", "url", "parameters", "any_path"})


def read(path: Path, environ: Mapping[str, str], *, is_chosen: bool) -> list[Wish]:
    """The wishes of a file; what is relative in it is meant from its folder.

    Args:
        path: the file.
        environ: our environment, for `pass_env`.
        is_chosen: somebody has named it.

    Raises:
        TargetsError: it cannot be used as it is.
    """
    text = owned_text(path, _MAX_BYTES, is_chosen=is_chosen)
    try:
        values = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise TargetsError(f"{path} is no TOML: {str(error)[:200]}.") from None
    targets = values.get("targets")
    for key in values:
        if key != "targets":
            raise TargetsError(f"{path}, {key[:64]}: there is no such table; targets are [targets.NAME].")
    if not isinstance(targets, dict) or not targets:
        raise TargetsError(f"{path} has no targets; write a table [targets.NAME] with http, exec or agent.")
    return [_wish(path, name, value, environ) for name, value in cast("dict[str, object]", targets).items()]


def _wish(path: Path, name: str, value: object, environ: Mapping[str, str]) -> Wish:
    place = f"{path}, [targets.{name[:64]}]"
    try:
        checked_name("name", name)
    except InvalidInputError as error:
        raise TargetsError(f"{place}: {error}") from None
    if not isinstance(value, dict):
        raise TargetsError(
            f'{place}: it must be a table, with a line such as http = "http://127.0.0.1:3000/".'
        )
    table = Table(place, cast("dict[str, object]", value))
    kinds = [kind for kind in KINDS if kind in table]
    if len(kinds) != 1:
        said = f"it has {' and '.join(kinds)}" if kinds else "it has none of http, exec and agent"
        raise TargetsError(f"{place}: {said}; a target has exactly one of these.")
    table.only(KINDS[kinds[0]])
    folder = path.absolute().parent
    to = _http(table, folder) if kinds[0] == "http" else _program(table, kinds[0], folder, environ)
    return Wish(name, to, _verify(table))


def _http(table: Table, folder: Path) -> HttpWish:
    url = table.text("http") or ""
    try:
        target_url(url)
    except InvalidInputError as error:
        raise table.wrong("http", str(error)) from None
    try:
        headers = added_headers(table.mapping("headers", '{ x-env = "dev" }'))
    except InvalidInputError as error:
        raise table.wrong("headers", str(error)) from None
    host = table.text("host") or ""
    try:
        host = host if host in {"", ORIGINAL} else checked_host(host)
    except InvalidInputError as error:
        raise table.wrong("host", str(error)) from None
    return HttpWish(
        url, HttpOptions(headers, host, _tls(table, folder), table.seconds("timeout", MAX_TIMEOUT_S))
    )


def _tls(table: Table, folder: Path) -> ssl.SSLContext | bool:
    ca_file = table.text("ca_file")
    if not table.flag("verify_tls", default=True):
        if ca_file:
            raise table.wrong("ca_file", "with verify_tls = false nobody is asked; leave one of them out.")
        return False
    if ca_file is None:
        return True
    try:
        context = ssl.create_default_context()
        context.load_verify_locations(folder / ca_file)
    except ssl.SSLError:
        raise table.wrong("ca_file", "it holds no certificate in PEM form.") from None
    except OSError as error:
        raise table.wrong("ca_file", f"it cannot be read: {error.strerror}.") from None
    return context


def _program(table: Table, kind: str, folder: Path, environ: Mapping[str, str]) -> ProgramWish:
    command = Command(
        _argv(table, kind),
        _directory(table, folder),
        _environment(table, environ),
        _headers(table),
        table.seconds("timeout", MAX_TIMEOUT_S),
        table.count("concurrency", MAX_CONCURRENCY),
        Outcome.REFUSED if table.word("on_failure", ("retry", "refuse")) == "refuse" else Outcome.RETRY,
        table.flag("allow_unverified", default=False),
    )
    return ProgramWish(command, _template(table, folder, command) if kind == "agent" else None)


def _argv(table: Table, kind: str) -> tuple[str, ...]:
    example = '["claude", "-p"]' if kind == "agent" else '["./deploy.sh", "--fast"]'
    argv = table.texts(kind, f"{example} (no shell reads it)")
    if not argv or not argv[0]:
        raise table.wrong(kind, f"it is empty; name a program and its arguments, such as {kind} = {example}.")
    return argv


def _directory(table: Table, folder: Path) -> Path:
    directory = folder / (table.text("directory") or "")
    if not directory.is_dir():
        raise table.wrong("directory", f"there is no folder {directory}.")
    return directory


def _environment(table: Table, environ: Mapping[str, str]) -> dict[str, str]:
    given, passed = table.mapping("env", '{ STAGE = "test" }'), table.texts("pass_env", '["SSH_AUTH_SOCK"]')
    for key, names in (("env", given), ("pass_env", passed)):
        for name in names:
            if mistake := surroundings.mistake_in(name):
                raise table.wrong(key, mistake)
    for name in passed:
        if name not in environ:
            raise table.wrong("pass_env", f"{name} is not set here; set it, or take it out of the list.")
    return surroundings.surroundings(environ, passed, given)


def _headers(table: Table) -> tuple[str, ...]:
    try:
        return checked_header_names(table.texts("pass_headers", '["x-github-event"]'))
    except InvalidInputError as error:
        raise table.wrong("pass_headers", str(error)) from None


def _template(table: Table, folder: Path, command: Command) -> str:
    text, file = table.text("prompt"), table.text("prompt_file")
    if (text is None) == (file is None):
        raise table.wrong("prompt", 'an agent has a prompt = "..." or a prompt_file = "...", one of the two.')
    key = "prompt"
    if file is not None:
        key = "prompt_file"
        try:
            text = owned_text(folder / file, 4 * MAX_TEMPLATE_CHARS, is_chosen=True)
        except TargetsError as error:
            raise table.wrong(key, str(error)) from None
    try:
        Prompt(text or "", os.urandom, command.headers)
    except InvalidInputError as error:
        raise table.wrong(key, str(error)) from None
    return text or ""


def _verify(table: Table) -> VerifyWish | None:
    verify = table.table("verify", VERIFY)
    if verify is None:
        return None
    sender = verify.text("sender")
    if sender is None:
        raise verify.wrong(
            "sender", "say who signs, such as sender = \"github\"; 'fleet senders' lists them."
        )
    return VerifyWish(
        verify.place,
        sender,
        verify.texts("secrets", '["github-prs"]'),
        verify.mapping("parameters", '{ header = "x-signature" }'),
        verify.text("url"),
        verify.flag("any_path", default=False),
    )
