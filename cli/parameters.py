"""Parameters of a sender on the command line: `--set NAME=VALUE`, where secret ones are asked for."""

from collections.abc import Sequence
from typing import Annotated, Final

import typer

from cli.asking import read_secret
from domain.senders import SENDERS, parameters_of

SECRET_NAMES: Final = frozenset(
    each.name for sender in SENDERS.values() for each in parameters_of(sender) if each.is_secret
)

Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="A parameter of the sender, such as header=X-Sig; 'NAME=' removes it. A secret one is asked for:"
        " '--set NAME'. Repeat it for more.",
    ),
]


def given(settings: Sequence[str] | None) -> dict[str, str]:
    """The parameters by name; "" for one that is to be removed.

    Raises:
        typer.BadParameter: a value is missing, or a secret one would end up in histories.
        InvalidInputError: what was read is no secret.
    """
    return dict(map(_parameter, settings or ()))


def _parameter(setting: str) -> tuple[str, str]:
    name, sign, value = setting.partition("=")
    if name in SECRET_NAMES and value:
        raise typer.BadParameter(f"{name} is secret: write '--set {name}', then it is asked for.")
    if not sign and name not in SECRET_NAMES:
        raise typer.BadParameter(
            f"{name!r} has no value: write '--set {name}=VALUE', or '{name}=' to remove it."
        )
    return name, value if sign else read_secret(name)
