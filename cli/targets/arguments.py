"""Targets on the command line: NAME=URL, names from fleet.toml, or one program behind `--`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from cli.targets.owned import owned_text
from cli.targets.reading import FILE, read
from cli.targets.surroundings import surroundings
from cli.targets.wish import HttpWish, ProgramWish, Wish
from domain.errors import InvalidInputError
from domain.webhook import checked_name
from relay.connector.outgoing import target_url
from relay.connector.targets.command import Command
from relay.connector.targets.prompt import MAX_TEMPLATE_CHARS, Prompt


@dataclass(frozen=True, slots=True)
class ProgramOptions:
    """What the command line says of the one program that stands on it.

    Attributes:
        is_exec: it gets the body.
        is_agent: it gets a prompt.
        prompt_file: the template of that prompt.
        timeout_s: how long a run may take, in seconds.
        concurrency: how many runs at a time.
        allow_unverified: run it for events that nobody has verified, too.
    """

    is_exec: bool
    is_agent: bool
    prompt_file: Path | None
    timeout_s: float | None
    concurrency: int
    allow_unverified: bool


def wishes(
    words: Sequence[str], file: Path | None, options: ProgramOptions, environ: Mapping[str, str]
) -> list[Wish]:
    """What the command line asks for.

    Args:
        words: its arguments.
        file: the file of targets, if one was named.
        options: those of a program.
        environ: our environment.

    Raises:
        typer.BadParameter: it cannot be understood.
        TargetsError: a file cannot be used.
    """
    if options.is_exec or options.is_agent:
        if file is not None:
            raise typer.BadParameter("With --exec or --agent there is no --file: the target stands here.")
        return [_program(words, options, environ)]
    if options.prompt_file or options.timeout_s or options.allow_unverified:
        raise typer.BadParameter(
            "--prompt-file, --timeout and --allow-unverified are of --exec and --agent; other targets have"
            " them in fleet.toml."
        )
    found = list(_chosen(words, file, environ))
    if len({each.name for each in found}) < len(found):
        raise typer.BadParameter("A subscription is named twice; give it one target.")
    return found


def _chosen(words: Sequence[str], file: Path | None, environ: Mapping[str, str]) -> list[Wish]:
    """Those that are named, or all of the file when none is."""
    named = [each for each in words if "=" not in each]
    if file is None and (named or not words) and not FILE.exists():
        said = f"{named[0]!r} is no target" if named else "There are no targets"
        raise typer.BadParameter(
            f"{said}: write NAME=URL, e.g. app=http://127.0.0.1:3000/, or describe targets in {FILE} here"
            " (docs/targets.md)."
        )
    written = read(file or FILE, environ, is_chosen=file is not None) if file or named or not words else []
    if not words:
        return written
    by_name = {each.name: each for each in written}
    if missing := [each for each in named if each not in by_name]:
        raise typer.BadParameter(
            f"{file or FILE} has no target {missing[0]!r}; it has {', '.join(sorted(by_name))}."
        )
    return [by_name[each] if each in named else _at_url(each) for each in words]


def _at_url(text: str) -> Wish:
    name, _, url = text.partition("=")
    if not (name and url):
        raise typer.BadParameter(f"{text!r} is no target; write NAME=URL, e.g. app=http://127.0.0.1:3000/.")
    try:
        target_url(url)
    except InvalidInputError as error:
        raise typer.BadParameter(str(error)) from None
    return Wish(name, HttpWish(url))


def _program(words: Sequence[str], options: ProgramOptions, environ: Mapping[str, str]) -> Wish:
    if options.is_exec and options.is_agent:
        raise typer.BadParameter("A target is --exec or --agent, not both.")
    example = (
        "review --agent --prompt-file p.md -- claude -p" if options.is_agent else "ci --exec -- ./build.sh"
    )
    if len(words) < 2 or "=" in words[0]:  # noqa: PLR2004 - a name and a program
        raise typer.BadParameter(
            f"Name the subscription, then the program behind --: fleet connect {example}"
        )
    try:
        checked_name("name", words[0])
    except InvalidInputError as error:
        raise typer.BadParameter(str(error)) from None
    if options.is_agent != (options.prompt_file is not None):
        raise typer.BadParameter(f"--prompt-file goes with --agent, and only there: fleet connect {example}")
    command = Command(
        tuple(words[1:]),
        Path.cwd(),
        surroundings(environ, (), {}),
        timeout_s=options.timeout_s,
        concurrency=options.concurrency,
        allow_unverified=options.allow_unverified,
    )
    return Wish(words[0], ProgramWish(command, _template(options.prompt_file)))


def _template(file: Path | None) -> str | None:
    if file is None:
        return None
    text = owned_text(file, 4 * MAX_TEMPLATE_CHARS, is_chosen=True)
    try:
        Prompt(text, bytes)
    except InvalidInputError as error:
        raise typer.BadParameter(f"{file}: {error}") from None
    return text
