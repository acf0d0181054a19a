"""Options that several commands share, and the form of their examples."""

from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]

Insecure = Annotated[
    bool,
    typer.Option("--insecure", help="Send the access token over plain http:// to another machine."),
]

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]

Namespace = Annotated[
    str | None,
    typer.Option("--namespace", "-n", metavar="NAMESPACE", help="Only what is in this namespace."),
]


def examples(*lines: str) -> str:
    """Examples as the end of a command's help."""
    return "\n\n".join(["[bold]Examples[/bold]", *(f"[dim]$[/dim] {line}" for line in lines)])
