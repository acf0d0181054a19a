"""Making the targets that were wished for."""

import os
from collections.abc import Callable, Iterable

import aiohttp

from cli.surroundings import clock_ms
from cli.targets.wish import HttpWish, TargetsError, VerifyWish, Wish
from cli.vault import Vault
from domain.errors import InvalidInputError
from relay.connector.observer import Observer
from relay.connector.target import Target
from relay.connector.targets.agent import AgentTarget
from relay.connector.targets.exec import ExecTarget
from relay.connector.targets.http import HttpTarget
from relay.connector.targets.prompt import Prompt
from relay.connector.verification import Verification, VerifiedTarget

Verifications = dict[str, Verification]


def verifications(wishes: Iterable[Wish], vault: Callable[[], Vault]) -> Verifications:
    """How the targets verify that were wished to, by their names.

    Args:
        wishes: all that is wished.
        vault: opens the vault; not called when nobody verifies.

    Raises:
        TargetsError: a secret is missing, or nothing could be verified like this.
        VaultError: the vault cannot be opened.
    """
    wanted = {wish.name: wish.verify for wish in wishes if wish.verify is not None}
    if not wanted:
        return {}
    opened = vault()
    return {name: _verification(verify, opened) for name, verify in wanted.items()}


def _verification(wish: VerifyWish, vault: Vault) -> Verification:
    secrets = [_secret(wish, name, vault) for name in wish.secrets]
    try:
        return Verification(wish.sender, secrets, wish.parameters, wish.url, any_path=wish.any_path)
    except InvalidInputError as error:
        raise TargetsError(f"{wish.place}, {error.field}: {error}") from None


def _secret(wish: VerifyWish, name: str, vault: Vault) -> str:
    secret = vault.get(name)
    if secret is None:
        raise TargetsError(
            f"{wish.place}, secrets: {name[:64]!r} is not in {vault.place}; put it there with"
            f" 'fleet vault set {name[:64]}', or with 'fleet vault pull' if the gateway holds it."
        )
    return secret


def target_of(
    wish: Wish, session: aiohttp.ClientSession, observer: Observer, verification: Verification | None
) -> Target:
    """The target of a wish.

    Args:
        wish: what is wished.
        session: for targets at a URL.
        observer: is told what programs print.
        verification: how it verifies first; None: not at all.
    """
    made = _plain(wish, session, observer)
    return made if verification is None else VerifiedTarget(made, verification, clock_ms)


def _plain(wish: Wish, session: aiohttp.ClientSession, observer: Observer) -> Target:
    to = wish.to
    if isinstance(to, HttpWish):
        return HttpTarget(session, to.url, clock_ms, to.options)
    if to.template is None:
        return ExecTarget(to.command, observer)
    return AgentTarget(to.command, Prompt(to.template, os.urandom, to.command.headers), observer)
