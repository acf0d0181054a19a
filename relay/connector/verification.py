"""Verification at home: the private side judges signatures itself, by a secret that only its vault holds.

What the gateway says of an event is believed in nothing here but its time of receipt, and that within bounds:
whose rules hold and which secrets count is what the owner wrote on this side. Most senders sign the body
alone: what nobody signed of method, path and query passes only as the owner wishes. Headers do pass.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from domain.delivery import Outcome
from domain.errors import InvalidInputError
from domain.event import Request
from domain.reasons import ADDRESS_AT_HOME, CLOCKS_AT_HOME, INVALID_AT_HOME
from domain.senders import SENDERS, Sender, Site, Verdict, parameters_of, tailored, usable, verify
from domain.senders.likeness import likely
from relay.connector.target import Answer, Arrival, KeepAlive, Target

MAX_AHEAD_MS: Final = 5 * 60 * 1000
"""By how much the gateway's clock may be ahead of ours, in milliseconds."""

MAX_AGE_MS: Final = 31 * 24 * 3600 * 1000
"""Longer ago no event can have been received that is still delivered, in milliseconds: the longest retention
(FLEET_RETENTION_HOURS) is 30 days."""

_METHOD: Final = "POST"
_SIGNED_METHODS: Final = frozenset({_METHOD, "GET"})
_DOCUMENTS: Final = frozenset({"app_id"})
"""Parameters of ways of signing that need keys to be fetched, which nobody does here."""


class Verification:
    """Whose rules hold at home, and which secrets vouch."""

    def __init__(
        self,
        sender: str,
        secrets: Sequence[str],
        parameters: Mapping[str, str] | None = None,
        url: str | None = None,
        *,
        any_path: bool = False,
    ) -> None:
        """What the owner wants verified.

        Args:
            sender: key of the sender, as the owner has written it.
            secrets: any of them may vouch, so that one can be rotated.
            parameters: what else the sender was told, see `Sender.parameters`.
            url: the address as it stands at the sender, for senders that sign it.
            any_path: let method, path and query pass that nobody has signed.

        Raises:
            InvalidInputError: nothing could be verified like this; the sentence says what to do.
        """
        settings = dict(parameters or {})
        self._sender = _fitted(sender, settings)
        self._secrets = _keys(self._sender, secrets)
        address = url or settings.get("url", "")
        _require_address(self._sender, address)
        self._site = Site(address, settings)
        self._any_path = any_path

    def check(self, arrival: Arrival) -> Verdict:
        """Whether the sender's own bytes were signed with one of the secrets, at the time of receipt."""
        return verify(self._sender, arrival.request, self._secrets, arrival.received_at, self._site)

    def vouches_for_address(self, request: Request, scheme: str | None) -> bool:
        """Whether method, path and query of a verified request may be believed.

        Where the address is signed, senders call it by GET, too (Twilio), and sign no method.

        Args:
            request: what was verified.
            scheme: by which scheme.
        """
        if self._any_path:
            return True
        if any(each.id == scheme and each.signs_url for each in self._sender.schemes):
            return request.method in _SIGNED_METHODS
        return (request.method, request.path, request.query) == (_METHOD, b"", b"")


class VerifiedTarget:
    """Brings to another target only what is signed; the rest is refused, for its bytes will not change."""

    def __init__(self, target: Target, verification: Verification, clock_ms: Callable[[], int]) -> None:
        """A target behind a check.

        Args:
            target: gets what is signed, with the scheme that has verified it here.
            verification: the check.
            clock_ms: Unix time in milliseconds.
        """
        self._target = target
        self._verification = verification
        self._clock_ms = clock_ms

    async def deliver(self, arrival: Arrival, keep_alive: KeepAlive) -> Answer:
        """Verify a delivery, then bring it there.

        The time of receipt is the gateway's word. One that cannot be is no reason to lose an event, as this
        machine's clock may be the wrong one: another attempt follows.
        """
        age_ms = self._clock_ms() - arrival.received_at
        if not -MAX_AHEAD_MS <= age_ms <= MAX_AGE_MS:
            return Answer(Outcome.RETRY, CLOCKS_AT_HOME)
        verdict = self._verification.check(arrival)
        if not verdict.ok:
            return Answer(Outcome.REFUSED, f"{INVALID_AT_HOME}: {verdict.rejection}")
        if not self._verification.vouches_for_address(arrival.request, verdict.scheme):
            # The owner can allow it, and loses nothing until then.
            return Answer(Outcome.RETRY, ADDRESS_AT_HOME)
        verified = replace(arrival, scheme=verdict.scheme or "")
        return replace(await self._target.deliver(verified, keep_alive), verified_by=verified.scheme)


def _fitted(key: str, settings: Mapping[str, str]) -> Sender:
    """The sender with the owner's parameters, if its requests can be verified here."""
    if key not in SENDERS:
        said = f"There is no sender {key[:64]!r} to verify."
        raise InvalidInputError(
            "sender", " ".join(filter(None, [said, likely(key), "'fleet senders' shows all."]))
        )
    sender = tailored(SENDERS[key], settings)
    if not sender.schemes:
        raise InvalidInputError("sender", f"{sender.title} signs nothing, so nothing can be verified.")
    if missing := [
        each.name for each in parameters_of(sender) if each.is_required and each.name not in settings
    ]:
        raise InvalidInputError(
            f"parameters.{missing[0]}", f"{sender.title} cannot be verified without {missing[0]}."
        )
    if fetched := _DOCUMENTS.intersection(settings):
        raise InvalidInputError(
            f"parameters.{min(fetched)}",
            f"What {sender.title} signs for {min(fetched)} takes keys that have to be fetched from it, and"
            " only the gateway's workers do that. Let the gateway verify it, or leave this out.",
        )
    return sender


def _keys(sender: Sender, secrets: Sequence[str]) -> tuple[bytes, ...]:
    keys = tuple(each.encode() for each in secrets)
    if not keys:
        raise InvalidInputError(
            "secrets", f"Name the secret of {sender.title} in your vault. {sender.secret.where}"
        )
    if not all(usable(sender, each) for each in keys):
        raise InvalidInputError(
            "secrets",
            f"One of the secrets can be no key of {sender.title}, so nothing would ever be signed with it."
            f" {sender.secret.where}",
        )
    return keys


def _require_address(sender: Sender, address: str) -> None:
    if not address and all(scheme.signs_url for scheme in sender.counting):
        raise InvalidInputError(
            "url",
            f"{sender.title} signs the address that it calls, which does not come along. Write it as 'url',"
            " exactly as it stands there.",
        )
