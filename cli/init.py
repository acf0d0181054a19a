"""`fleet init`: keys for those who start the services one by one, and all secrets of a whole deployment."""

import os
from pathlib import Path
from typing import Annotated

import typer

from cli import deployment
from cli.answers import say
from cli.first_gateway import NAME, make_keys
from config.settings import load


def init(
    services: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Make a folder of secrets for each service in FOLDER, and the first gateway in Redis.",
        ),
    ] = None,
    redis_address: Annotated[
        str,
        typer.Option("--redis", metavar="HOST:PORT", help="With --services: where Redis will be."),
    ] = "redis:6379",
) -> None:
    """Make the sealing key in the secrets folder, unless there is one.

    'fleet up' does this by itself. Every service needs the same key: without it, nothing that is kept
    can be opened. Keep a copy in a safe place.

    With --services it prepares a deployment of separate services instead, as docker-compose.yml does: a Redis
    user for each of them, keys, the first gateway and its access token. Nothing secret is shown.
    """
    settings = load(os.environ)
    if services is None:
        make_keys(settings)
        say(f"The sealing key is in {settings.secrets_dir}.")
    elif deployment.prepare(settings, services, redis_address):
        say(f"The secrets of all services are in {services}; gateway {NAME} is ready.")
    else:
        say(
            f"The secrets of all services are in {services}. The access token of gateway {NAME} does not open"
        )
        say(f"it any more; 'fleet gateways renew {NAME}' makes a new one.")
