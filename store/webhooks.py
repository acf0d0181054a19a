"""Webhooks in Redis: their rules, their sealed token and vault, their statistics."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast

from domain.errors import FleetError
from domain.limits import DEFAULTS
from domain.senders import Sender, Site
from domain.vault import Vault
from domain.webhook import VerifyAt, Webhook
from store import keys, owned, vaults
from store.calls import Call, Reply, one, pairs, text, together
from store.owned import Look, Part, Row, rows
from store.scripts import load
from store.sealing import Sealer, token_place, vault_place
from store.webhook_change import Change, WebhookChangedError


@dataclass(frozen=True, slots=True)
class WebhookStatistics:
    """What has happened at a webhook.

    Attributes:
        events: number of events accepted so far.
        last_at: when the last one was accepted, Unix ms; None before the first.
    """

    events: int = 0
    last_at: int | None = None


_NO_STATISTICS: Final = WebhookStatistics()
_CHANGED_MEANWHILE: Final = -1
_OTHER_RECEIVER: Final = b"git"


class GitReceiverExistsError(FleetError):
    """A gateway has one Git receiver at most: its repos would not know whose subscribers to tell."""

    def __init__(self) -> None:
        super().__init__("This gateway has its webhook for Git already; 'fleet webhooks list' shows it.")


@dataclass(frozen=True, slots=True)
class StoredWebhook:
    """A webhook as Redis has it.

    Attributes:
        webhook: the webhook without its secrets.
        sealed_token: the token of its URL, sealed.
        sealed_secrets: its vault, sealed; b"" when that is empty.
        statistics: what has happened there.
    """

    webhook: Webhook
    sealed_token: bytes
    sealed_secrets: bytes
    statistics: WebhookStatistics = _NO_STATISTICS


def create(stored: StoredWebhook, token_hash: str, most: int = DEFAULTS.webhooks) -> Call[None]:
    """Record a webhook under its name and the hash of its URL token.

    Args:
        stored: the webhook.
        token_hash: of its URL token.
        most: how many webhooks a gateway without a limit of its own may have.

    Raises:
        NameTakenError: another webhook of the gateway has that name.
        LimitReachedError: the gateway has too many webhooks.
        GitReceiverExistsError: it is a Git receiver, and the gateway has one.
    """
    webhook = stored.webhook
    command = load("create_webhook").command(
        webhook.id,
        webhook.gateway,
        webhook.name,
        token_hash,
        most,
        int(webhook.is_git),
        *("description", webhook.description),
        *("sender", webhook.sender),
        *("require_signature", int(webhook.require_signature)),
        *("hourly_limit", webhook.hourly_limit),
        *("created_at", webhook.created_at),
        *("version", webhook.version),
        *("https_only", int(webhook.https_only)),
        *("allow_ips", json.dumps(webhook.allow_ips)),
        *("verify_at", webhook.verify_at),
        *("paused", int(webhook.paused)),
        *("token", stored.sealed_token),
        *("secrets", stored.sealed_secrets),
    )
    return owned.create("webhook", webhook.name, command).then(_require_only)


def _require_only(reply: Reply) -> None:
    if reply == _OTHER_RECEIVER:
        raise GitReceiverExistsError


def by_token(token_hash: str) -> Call[StoredWebhook | None]:
    """The webhook behind a URL token, None when there is none."""
    command = load("webhook_by_token").command(token_hash)
    return one(command, lambda reply: next((_stored(row) for row in rows(reply)), None))


def git_of(gateway: str) -> Call[StoredWebhook | None]:
    """The Git receiver of a gateway, by the gateway's name or id; None when it has none."""
    command = load("git_webhook").command(keys.GATEWAYS, gateway)
    return one(command, lambda reply: next((_stored(row) for row in rows(reply)), None))


def fetch(ids: Sequence[str]) -> Call[list[StoredWebhook | None]]:
    """The webhooks of these ids, None where one was deleted. Whose they are is the caller's concern."""

    def read(webhook_id: str) -> Call[StoredWebhook | None]:
        call = one(("HGETALL", keys.webhook(webhook_id)), pairs)
        return call.then(lambda fields: _stored((webhook_id, fields)) if fields else None)

    return together([read(webhook_id) for webhook_id in ids])


def part_of(gateway: str, look: Look) -> Call[Part[StoredWebhook]]:
    """Some webhooks of a gateway, oldest first."""
    return owned.part_of("webhook", gateway, look, _stored)


def find(gateway: str, name_or_id: str) -> Call[StoredWebhook | None]:
    """The gateway's webhook of that name, else of that id; None when it has none."""
    return owned.find("webhook", gateway, name_or_id).then(lambda row: _stored(row) if row else None)


def change(webhook: Webhook, to: Change) -> Call[bool]:
    """Change a webhook. False when its gateway has it no more.

    Args:
        webhook: the webhook as it was read, with its version.
        to: what is to be different.

    Raises:
        WebhookChangedError: it was changed since (when the reply is parsed).
    """

    def parse(reply: Reply) -> bool:
        if reply == _CHANGED_MEANWHILE:
            raise WebhookChangedError
        return bool(reply)

    place = (webhook.gateway, webhook.id, webhook.version)
    command = load("change_webhook").command(*place, len(to.forgotten), *to.forgotten, *to.fields())
    return one(command, parse)


def matched(ids: Sequence[str]) -> Call[list[dict[str, int]]]:
    """When each secret of these webhooks last matched: Unix ms by the id of the secret."""

    def read(webhook_id: str) -> Call[dict[str, int]]:
        call = one(("ZRANGE", keys.matched(webhook_id), 0, -1, "WITHSCORES"), pairs)
        return call.then(lambda found: {secret: int(at) for secret, at in found.items()})

    return together([read(webhook_id) for webhook_id in ids])


def delete(gateway: str, webhook: str, now_ms: int) -> Call[bool]:
    """Delete a webhook: its URL is dead at once. False when the gateway has no such webhook.

    What it left behind (events, deliveries, routes) is due for the sweeper at `now_ms`, Unix ms.
    """
    return one(load("delete_webhook").command(gateway, webhook, now_ms), bool)


def seal_vault(sealer: Sealer, gateway: str, webhook: str, vault: Vault, now_ms: int) -> bytes:
    """A vault as Redis keeps it; b"" when it is empty."""
    if vault.is_empty:
        return b""
    return sealer.seal(vaults.written(vault), vault_place(gateway, webhook), now_ms)


def open_vault(sealer: Sealer, stored: StoredWebhook) -> Vault:
    """The vault of a webhook.

    Raises:
        SealBrokenError: it cannot be opened.
    """
    if not stored.sealed_secrets:
        return Vault()
    place = vault_place(stored.webhook.gateway, stored.webhook.id)
    return vaults.read(sealer.open(stored.sealed_secrets, place))


def seal_token(sealer: Sealer, gateway: str, webhook: str, token: str, now_ms: int) -> bytes:
    """A URL token as Redis keeps it, so that its owner can see the URL again."""
    return sealer.seal(token.encode(), token_place(gateway, webhook), now_ms)


def open_token(sealer: Sealer, stored: StoredWebhook) -> str:
    """The URL token of a webhook.

    Raises:
        SealBrokenError: it cannot be opened.
    """
    place = token_place(stored.webhook.gateway, stored.webhook.id)
    return sealer.open(stored.sealed_token, place).decode()


def site_of(sender: Sender, stored: StoredWebhook, vault: Vault, sealer: Sealer, public_url: str) -> Site:
    """A webhook in its sender's eyes.

    Args:
        sender: who calls there.
        stored: the webhook.
        vault: what it keeps secret.
        sealer: opens its token, where the sender signs the address.
        public_url: what its address begins with.

    Raises:
        SealBrokenError: the token cannot be opened.
    """
    url = vault.parameters.get("url", "")
    if sender.signs_url and not url:
        url = f"{public_url}/t/{open_token(sealer, stored)}"
    return Site(url, vault.parameters)


def _stored(row: Row) -> StoredWebhook:
    webhook_id, fields = row
    webhook = Webhook(
        id=webhook_id,
        gateway=text(fields["gateway"]),
        name=text(fields["name"]),
        description=text(fields["description"]),
        sender=text(fields["sender"]),
        require_signature=fields["require_signature"] == b"1",
        hourly_limit=int(fields["hourly_limit"]),
        created_at=int(fields["created_at"]),
        version=int(fields["version"]),
        https_only=fields["https_only"] == b"1",
        allow_ips=tuple(json.loads(fields["allow_ips"])),
        verify_at=cast("VerifyAt", text(fields["verify_at"])),
        examine_until=int(fields.get("examine_until", 0)),
        paused=fields["paused"] == b"1",
    )
    last_at = fields.get("last_at")
    statistics = WebhookStatistics(int(fields.get("events", 0)), int(last_at) if last_at else None)
    return StoredWebhook(webhook, fields["token"], fields["secrets"], statistics)
