"""Vouching: for which of the repos that a request names its sender knows the secret."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from domain.errors import SealBrokenError
from domain.event import Request
from domain.git.credential import Credential, Standing, Vouching
from domain.git.provider import Provider
from store.repo_secrets import unseal
from store.repos import Match, Matches
from store.sealing import Sealer

_AT_A_STRETCH: Final = 20


@dataclass(slots=True)
class Vouched:
    """How a request stands with the repos that it names.

    Attributes:
        right: those for which it is believed.
        unproven: names of those among them that believe without a secret.
        refused: names of those for which it is not believed, and why.
        misconfigured: names of those for which nobody can tell, because of something on our side, and why.
        broken: names of Secrets that cannot be opened, and why.
    """

    right: list[Match] = field(default_factory=list[Match])
    unproven: list[str] = field(default_factory=list[str])
    refused: dict[str, str] = field(default_factory=dict[str, str])
    misconfigured: dict[str, str] = field(default_factory=dict[str, str])
    broken: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def is_our_fault(self) -> bool:
        """Whether it is believed for no repo, and the sender can do nothing about that."""
        return not self.right and not self.refused

    def add(self, match: Match, credential: Credential) -> None:
        """Note how it stands with one repo."""
        name = match.name
        if credential.standing is Standing.RIGHT:
            self.right.append(match)
            if not credential.is_proven:
                self.unproven.append(name)
        else:
            is_refused = credential.standing is Standing.REFUSED
            (self.refused if is_refused else self.misconfigured)[name] = credential.detail


async def vouch(
    sealer: Sealer, gateway: str, provider: Provider, request: Request, matches: Matches
) -> Vouched:
    """For which repos a request is believed.

    Other requests have their turn in between: each Secret takes 0.6 ms for a body of 1 MiB.

    Args:
        sealer: opens the Secrets.
        gateway: whose repos they are.
        provider: who calls.
        request: what came, byte for byte.
        matches: the repos, and the Secrets that may vouch for it.
    """
    vouched = Vouched()
    vouching = Vouching(provider, request, _opened(sealer, gateway, matches.secrets, vouched.broken))
    tried: set[str] = set()
    for number, match in enumerate(matches.repos):
        secret = match.demand.secret
        if tried and (secret not in tried or number % _AT_A_STRETCH == 0):
            await asyncio.sleep(0)
        tried.add(secret)
        vouched.add(match, vouching.credential(match.demand))
    return vouched


def _opened(
    sealer: Sealer, gateway: str, sealed: Mapping[str, bytes], broken: dict[str, str]
) -> Mapping[str, Mapping[str, bytes]]:
    secrets: dict[str, Mapping[str, bytes]] = {}
    for name, value in sealed.items():
        try:
            secrets[name] = unseal(sealer, gateway, name, value).data
        except SealBrokenError as error:
            broken[name] = str(error)
            # It is there, and has no key that would do. Left out, it would make an unauthenticated push
            # one that nobody has to vouch for.
            secrets[name] = {}
    return secrets
