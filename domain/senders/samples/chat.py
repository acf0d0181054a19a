"""Samples of chats, calls and social networks."""

from collections.abc import Mapping
from typing import Final

from domain.senders.samples.blanks import Json, Number
from domain.senders.samples.sample import Form, Sample

_SLACK_HEADERS: Final = {"User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)", "Accept": "*/*"}


def _slack(event: str, thing: dict[str, Json]) -> Sample:
    return Sample(
        event,
        {
            "token": "not-checked-by-anybody",
            "team_id": "T0001OCTO",
            "api_app_id": "A0001OCTO",
            "event": {"type": event, "user": "U0001OCTO", "event_ts": "{unix}.000200"} | thing,
            "type": "event_callback",
            "event_id": "Ev{id}",
            "event_time": Number.UNIX,
            "authorizations": [{"team_id": "T0001OCTO", "user_id": "U0002OCTO", "is_bot": True}],
        },
        _SLACK_HEADERS,
    )


_SLACK: Final = (
    _slack(
        "message",
        {"channel": "C0001OCTO", "channel_type": "channel", "text": "Déployé", "ts": "{unix}.000200"},
    ),
    _slack("app_mention", {"channel": "C0001OCTO", "text": "<@U0002OCTO> hello", "ts": "{unix}.000200"}),
    _slack("reaction_added", {"reaction": "thumbsup", "item": {"type": "message", "channel": "C0001OCTO"}}),
    Sample(
        "/deploy",
        Form(
            {
                "token": "not-checked-by-anybody",
                "team_id": "T0001OCTO",
                "team_domain": "octo-org",
                "channel_id": "C0001OCTO",
                "channel_name": "general",
                "user_id": "U0001OCTO",
                "command": "/deploy",
                "text": "main to production",
                "response_url": "https://hooks.example.com/commands/T0001OCTO/{number}",
                "trigger_id": "{number}.{id}",
            }
        ),
        _SLACK_HEADERS,
    ),
)


def _discord(event: str, thing: Json) -> Sample:
    return Sample(
        event,
        {
            "version": 1,
            "application_id": "1234560123453231555",
            "type": 1,
            "event": {"type": event, "timestamp": "{time_ms}", "data": thing},
        },
        {"User-Agent": "Discord-Webhook/1.0 (+https://discord.com)"},
    )


_DISCORD: Final = (
    _discord(
        "APPLICATION_AUTHORIZED",
        {
            "integration_type": 1,
            "scopes": ["applications.commands"],
            "user": {"id": "{number}", "username": "octocat", "discriminator": "0"},
        },
    ),
    _discord("ENTITLEMENT_CREATE", {"id": "{number}", "sku_id": "1019475255913222144", "type": 8}),
)

_CHAT: Final[Json] = {"id": 1111111, "type": "private", "username": "octocat", "first_name": "Octo"}
_FROM: Final[Json] = {"id": 1111111, "is_bot": False, "username": "octocat", "first_name": "Octo"}
_TELEGRAM: Final = (
    Sample(
        "message",
        {
            "update_id": Number.NUMBER,
            "message": {
                "message_id": 1365,
                "from": _FROM,
                "chat": _CHAT,
                "date": Number.UNIX,
                "text": "/start",
            },
        },
    ),
    Sample(
        "callback_query",
        {
            "update_id": Number.NUMBER,
            "callback_query": {"id": "{number}", "from": _FROM, "chat_instance": "-1", "data": "yes"},
        },
    ),
)


def _line(event: str, thing: dict[str, Json]) -> Sample:
    common: dict[str, Json] = {
        "type": event,
        "mode": "active",
        "timestamp": Number.UNIX_MS,
        "source": {"type": "user", "userId": "U4af4980629aaaaaaaaaaaaaaaaaaaaaa"},
        "webhookEventId": "{id}",
        "deliveryContext": {"isRedelivery": False},
        "replyToken": "{hex}",
    }
    document: Json = {"destination": "Uaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "events": [common | thing]}
    return Sample(event, document, {"User-Agent": "LineBotWebhook/2.0"}, "application/json; charset=utf-8")


def _zoom(event: str) -> Sample:
    return Sample(
        event,
        {
            "event": event,
            "event_ts": Number.UNIX_MS,
            "payload": {
                "account_id": "AAAAAABBBB",
                "object": {
                    "id": "{number}",
                    "uuid": "{id}",
                    "host_id": "x1yCzABCDEfg23HiJKl4mN",
                    "topic": "Weekly meeting",
                    "type": 2,
                    "start_time": "{time}",
                    "duration": 60,
                    "timezone": "UTC",
                },
            },
        },
        {"User-Agent": "Zoom Marketplace/1.0a", "x-zm-trackingid": "v=2.0;clid=us06;rid=WEB_{hex}"},
    )


def _twitch(event: str, thing: dict[str, Json], version: str = "1") -> Sample:
    broadcaster: dict[str, Json] = {
        "broadcaster_user_id": "1337",
        "broadcaster_user_login": "octo_org",
        "broadcaster_user_name": "octo_org",
    }
    return Sample(
        event,
        {
            "subscription": {
                "id": "f1c2a387-161a-49f9-a165-0f21d7a4e1c4",
                "type": event,
                "version": version,
                "status": "enabled",
                "cost": 0,
                "condition": {"broadcaster_user_id": "1337"},
                "transport": {"method": "webhook", "callback": "https://hooks.example.com/twitch"},
                "created_at": "2025-01-01T12:00:00Z",
            },
            "event": broadcaster | thing,
        },
        {
            "Twitch-Eventsub-Message-Id": "{uuid}",
            "Twitch-Eventsub-Message-Retry": "0",
            "Twitch-Eventsub-Message-Type": "notification",
            "Twitch-Eventsub-Subscription-Type": event,
            "Twitch-Eventsub-Subscription-Version": version,
        },
    )


def _meta(item: str, field: str, value: Json) -> Sample:
    changes: Json = [{"field": field, "value": value}]
    document: Json = {"object": item, "entry": [{"id": "{number}", "time": Number.UNIX, "changes": changes}]}
    return Sample(f"{item}.{field}", document, {"User-Agent": "facebookexternalua", "Accept": "*/*"})


_META: Final = (
    _meta(
        "whatsapp_business_account",
        "messages",
        {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "15550100000", "phone_number_id": "106540352242922"},
            "messages": [{"from": "15550100001", "id": "wamid.{id}", "timestamp": "{unix}", "type": "text"}],
        },
    ),
    _meta("page", "feed", {"item": "status", "verb": "add", "post_id": "{number}_{number}"}),
    _meta("instagram", "comments", {"id": "{number}", "text": "Nice greeting"}),
)

CHAT: Final[Mapping[str, tuple[Sample, ...]]] = {
    "slack": _SLACK,
    "discord": _DISCORD,
    "telegram": _TELEGRAM,
    "line": (
        _line("message", {"message": {"id": "{number}", "type": "text", "text": "Hello, world"}}),
        _line("follow", {"follow": {"isUnblocked": False}}),
    ),
    "zoom": (_zoom("meeting.started"), _zoom("meeting.ended")),
    "twitch": (
        _twitch("stream.online", {"id": "{number}", "type": "live", "started_at": "{time}"}),
        _twitch("channel.follow", {"user_id": "1234", "user_login": "octocat", "followed_at": "{time}"}, "2"),
    ),
    "meta": _META,
}
