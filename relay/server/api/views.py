"""Views: what the control API shows of things. No secret is in them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from domain.allowed import LIST_MARK
from domain.gateway import Gateway
from domain.limits import Limits
from domain.named import NamedList
from domain.secret import known
from domain.senders import SENDERS, parameters_of
from domain.subscription import Subscription
from domain.vault import Vault
from domain.webhook import Webhook
from relay.server.api.signature import signature
from store.limits import Account
from store.rates import Rate
from store.refusals import Refusals
from store.webhooks import StoredWebhook

View = dict[str, object]


def moment(unix_ms: int) -> str:
    """A point in time by RFC 3339, in UTC, to the millisecond."""
    text = datetime.fromtimestamp(unix_ms / 1000, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def of_gateway(gateway: Gateway) -> View:
    """Who is asking."""
    return {"id": gateway.id, "name": gateway.name, "created_at": moment(gateway.created_at)}


def of_account(account: Account, defaults: Limits, queue_limit: int) -> View:
    """A gateway, its limits and, under the same names and in the same units, what it has of each.

    Args:
        account: what Redis knows of it.
        defaults: what a gateway without limits of its own may have.
        queue_limit: events that may wait on the whole server.
    """
    return {
        **of_gateway(account.gateway),
        "limits": asdict(account.limits(defaults)),
        "use": account.use.beside(queue_limit),
    }


@dataclass(frozen=True, slots=True)
class Traffic:
    """What happens at a webhook now.

    Attributes:
        matched: when its secrets last matched, Unix ms by their ids.
        rate: how much of its hour is spent.
        refused: what its door has refused in the last day, by reason.
    """

    matched: Mapping[str, int]
    rate: Rate
    refused: Mapping[str, Refusals]


def of_webhook(
    stored: StoredWebhook, url: str | None, vault: Vault | None, traffic: Traffic, now_ms: int
) -> View:
    """A webhook: how it verifies, with which secrets, and what has happened there. Never a secret itself.

    Args:
        stored: the webhook.
        url: where senders reach it; None: its sealing key is gone.
        vault: its vault; None likewise.
        traffic: what happens there.
        now_ms: Unix time in milliseconds.
    """
    webhook, statistics = stored.webhook, stored.statistics
    last_at = statistics.last_at
    return {
        "id": webhook.id,
        "name": webhook.name,
        "description": webhook.description,
        "sender": webhook.sender,
        "url": url,
        "paused": webhook.paused,
        "require_signature": webhook.require_signature,
        "signature": signature(webhook, vault, now_ms),
        "verify": webhook.verify_at,
        "secrets": None if vault is None else _secrets(vault, traffic.matched, now_ms),
        "held": vault is not None and vault.held is not None and vault.held.waits,
        "parameters": None if vault is None else _parameters(webhook, vault, are_secret=False),
        "secret_parameters": None if vault is None else list(_parameters(webhook, vault, are_secret=True)),
        "hourly_limit": webhook.hourly_limit,
        "rate": _rate(webhook, traffic.rate),
        "refusals": {
            reason: {"count": each.times, "last_at": moment(each.last_at)}
            for reason, each in traffic.refused.items()
        },
        "https_only": webhook.https_only,
        "allow_ips": list(webhook.allow_ips),
        "created_at": moment(webhook.created_at),
        "events": statistics.events,
        "last_triggered": None if last_at is None else moment(last_at),
    }


def _rate(webhook: Webhook, rate: Rate) -> View:
    resets_at = moment(rate.ends_at) if rate.ends_at else None
    return {"used": rate.used, "limit": webhook.hourly_limit, "resets_at": resets_at}


def _secrets(vault: Vault, matched: Mapping[str, int], now_ms: int) -> list[View]:
    return [
        {
            "id": each.id,
            "created_at": moment(each.created_at),
            "expires_at": None if each.expires_at is None else moment(each.expires_at),
            "last_matched": moment_or_none(matched.get(each.id, 0)),
            "to_reveal": each.id == vault.revealable,
            "is_trial": each.is_trial,
        }
        for each in known(vault.secrets, now_ms)
        # What was made up for a test is of no interest to anybody after it.
        if each.is_live(now_ms) or not each.is_trial
    ]


def _parameters(webhook: Webhook, vault: Vault, *, are_secret: bool) -> dict[str, str]:
    if webhook.is_git:
        return {}
    hidden = {each.name for each in parameters_of(SENDERS[webhook.sender]) if each.is_secret}
    return {name: value for name, value in vault.parameters.items() if (name in hidden) is are_secret}


def of_subscription(subscription: Subscription, names: Mapping[str, str]) -> View:
    """A subscription; its webhooks by name, by id where they were deleted.

    Args:
        subscription: the subscription.
        names: names of the gateway's webhooks by their ids.
    """
    return {
        "id": subscription.id,
        "name": subscription.name,
        "webhooks": [names.get(webhook, webhook) for webhook in subscription.webhooks],
        "events": list(subscription.event_types),
        "senders": list(subscription.senders),
        "expression": subscription.expression,
        "timeout_s": subscription.timeout_s,
        "linger_s": subscription.linger_s,
        "created_at": moment(subscription.created_at),
    }


def of_list(named: NamedList) -> View:
    """A named list, as owners choose from it."""
    return {
        "name": f"{LIST_MARK}{named.name}",
        "title": named.title,
        "as_of": named.as_of,
        "count": len(named.networks),
    }


def moment_or_none(unix_ms: int | None) -> str | None:
    """Likewise, None for what has not happened (0 or None)."""
    return moment(unix_ms) if unix_ms else None
