"""Webhooks in Redis: their rules, their sealed token and secrets, their statistics."""

import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domain.limits import DEFAULTS
from domain.webhook import Webhook
from store import keys, owned
from store.calls import Call, one, pairs, text, together
from store.owned import Row, rows
from store.scripts import load
from store.sealing import Sealer, secret_place, token_place


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


@dataclass(frozen=True, slots=True)
class StoredWebhook:
    """A webhook as Redis has it.

    Attributes:
        webhook: the webhook without its secrets.
        sealed_token: the token of its URL, sealed.
        sealed_secrets: its signing secrets, sealed; b"" when it has none.
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
    """
    webhook = stored.webhook
    command = load("create_webhook").command(
        webhook.id,
        webhook.gateway,
        webhook.name,
        token_hash,
        most,
        *("description", webhook.description),
        *("sender", webhook.sender),
        *("require_signature", int(webhook.require_signature)),
        *("hourly_limit", webhook.hourly_limit),
        *("created_at", webhook.created_at),
        *("version", webhook.version),
        *("https_only", int(webhook.https_only)),
        *("allow_ips", json.dumps(webhook.allow_ips)),
        *("verify_at", webhook.verify_at),
        *("token", stored.sealed_token),
        *("secrets", stored.sealed_secrets),
    )
    return owned.create("webhook", webhook.name, command).then(lambda _: None)


def by_token(token_hash: str) -> Call[StoredWebhook | None]:
    """The webhook behind a URL token, None when there is none."""
    command = load("webhook_by_token").command(token_hash)
    return one(command, lambda reply: next((_stored(row) for row in rows(reply)), None))


def fetch(ids: Sequence[str]) -> Call[list[StoredWebhook | None]]:
    """The webhooks of these ids, None where one was deleted. Whose they are is the caller's concern."""

    def read(webhook_id: str) -> Call[StoredWebhook | None]:
        call = one(("HGETALL", keys.webhook(webhook_id)), pairs)
        return call.then(lambda fields: _stored((webhook_id, fields)) if fields else None)

    return together([read(webhook_id) for webhook_id in ids])


def of_gateway(gateway: str) -> Call[list[StoredWebhook]]:
    """The webhooks of a gateway, oldest first."""
    return owned.all_of("webhook", gateway).then(lambda found: [_stored(row) for row in found])


def find(gateway: str, name_or_id: str) -> Call[StoredWebhook | None]:
    """The gateway's webhook of that name, else of that id; None when it has none."""
    return owned.find("webhook", gateway, name_or_id).then(lambda row: _stored(row) if row else None)


def set_secrets(gateway: str, webhook: str, sealed: bytes) -> Call[bool]:
    """Replace the signing secrets. False when the gateway has no such webhook.

    Args:
        gateway: the Gateway ID.
        webhook: the webhook's id.
        sealed: what `seal_secrets` made.
    """
    return one(load("set_secrets").command(gateway, webhook, sealed), bool)


def capture(webhook: Webhook, before: bytes, sealed: bytes) -> Call[bool]:
    """Keep the secret that came in a handshake. False when the secrets changed meanwhile.

    Args:
        webhook: whose secret it is.
        before: the sealed secrets so far, none of them live.
        sealed: what `seal_secrets` made.
    """
    return one(load("capture_secret").command(webhook.gateway, webhook.id, before, sealed), bool)


def change(
    gateway: str, webhook: str, *, https_only: bool | None = None, allow_ips: Sequence[str] | None = None
) -> Call[bool]:
    """Change who may send. False when the gateway has no such webhook.

    Args:
        gateway: the Gateway ID.
        webhook: the webhook's id.
        https_only: whether plain http is refused; None: as before.
        allow_ips: checked entries, see `domain.allowed`; None: as before.
    """
    fields: list[str | int] = []
    if https_only is not None:
        fields += ["https_only", int(https_only)]
    if allow_ips is not None:
        fields += ["allow_ips", json.dumps(list(allow_ips))]
    return one(load("change_webhook").command(gateway, webhook, *fields), bool)


def delete(gateway: str, webhook: str, now_ms: int) -> Call[bool]:
    """Delete a webhook: its URL is dead at once. False when the gateway has no such webhook.

    What it left behind (events, deliveries, routes) is due for the sweeper at `now_ms`, Unix ms.
    """
    return one(load("delete_webhook").command(gateway, webhook, now_ms), bool)


def seal_secrets(sealer: Sealer, gateway: str, webhook: str, secrets: Sequence[bytes], now_ms: int) -> bytes:
    """Signing secrets as Redis keeps them; b"" when there are none."""
    if not secrets:
        return b""
    plain = json.dumps([b64encode(secret).decode() for secret in secrets]).encode()
    return sealer.seal(plain, secret_place(gateway, webhook), now_ms)


def open_secrets(sealer: Sealer, stored: StoredWebhook) -> tuple[bytes, ...]:
    """The signing secrets of a webhook.

    Raises:
        SealBrokenError: they cannot be opened.
    """
    if not stored.sealed_secrets:
        return ()
    place = secret_place(stored.webhook.gateway, stored.webhook.id)
    encoded: list[str] = json.loads(sealer.open(stored.sealed_secrets, place))
    return tuple(b64decode(secret) for secret in encoded)


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
        verify_at=text(fields.get("verify_at", b"workers")),
    )
    last_at = fields.get("last_at")
    statistics = WebhookStatistics(int(fields.get("events", 0)), int(last_at) if last_at else None)
    return StoredWebhook(webhook, fields["token"], fields["secrets"], statistics)
