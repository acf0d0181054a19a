"""Samples of what people plan, write, sign and answer."""

from collections.abc import Mapping
from typing import Final

from domain.senders.samples.blanks import Json, Number
from domain.senders.samples.sample import Sample


def _azure(event: str, publisher: str, resource: Json) -> Sample:
    return Sample(
        event,
        {
            "subscriptionId": "00000000-0000-4000-8000-000000000001",
            "notificationId": 1,
            "id": "{uuid}",
            "eventType": event,
            "publisherId": publisher,
            "message": {"text": "octocat pushed updates to hello-world:main."},
            "resource": resource,
            "resourceVersion": "1.0",
            "resourceContainers": {"project": {"id": "be9b3917-87e6-42a4-a549-2bc06a7a878f"}},
            "createdDate": "{time_ms}",
        },
        {"User-Agent": "VSServices/19.255.36522.3 (NetStandard; Linux)"},
        "application/json; charset=utf-8",
    )


_AZURE_DEVOPS: Final = (
    _azure(
        "git.push",
        "tfs",
        {
            "commits": [
                {"commitId": "59b20b8d5c6ff8d09518216e87a9dc9ac3cb2a31", "comment": "Greet everybody"}
            ],
            "refUpdates": [{"name": "refs/heads/main"}],
            "repository": {"id": "278d5cd2-584d-4b63-824a-2ba458937249", "name": "hello-world"},
            "pushId": 14,
            "date": "{time_ms}",
        },
    ),
    _azure("workitem.created", "tfs", {"id": 5, "rev": 1, "fields": {"System.Title": "Greet everybody"}}),
    _azure("build.complete", "tfs", {"id": 2, "buildNumber": "20250101.1", "result": "succeeded"}),
)


def _linear(event: str, action: str, data: dict[str, Json]) -> Sample:
    return Sample(
        f"{event}.{action}",
        {
            "action": action,
            "actor": {"id": "b5ea5f1f-8adc-4f52-b4bd-ab4e84cf51ba", "type": "user", "name": "octocat"},
            "createdAt": "{time_ms}",
            "data": {"id": "{uuid}", "createdAt": "{time_ms}"} | data,
            "url": "https://linear.example.com/octo-org/issue/OCTO-1",
            "type": event,
            "organizationId": "c1a7d2f0-2f5a-4f0e-9f65-3d1b5c0e7a77",
            "webhookTimestamp": Number.UNIX_MS,
            "webhookId": "000042e3-d123-4980-b49f-8e140eef9329",
        },
        {"User-Agent": "Linear-Webhook", "Linear-Delivery": "{uuid}", "Linear-Event": event},
        "application/json; charset=utf-8",
    )


def _asana(kind: str, action: str, more: dict[str, Json]) -> Sample:
    item: dict[str, Json] = {
        "user": {"gid": "1204", "resource_type": "user"},
        "created_at": "{time_ms}",
        "action": action,
        "resource": {"gid": "{number}", "resource_type": kind},
        "parent": None,
    }
    return Sample(f"{kind}.{action}", {"events": [item | more]})


def _notion(event: str, entity: str) -> Sample:
    return Sample(
        event,
        {
            "id": "{uuid}",
            "timestamp": "{time_ms}",
            "workspace_id": "13950b26-c203-4f3b-b97d-93ec06319565",
            "subscription_id": "29d75c0d-5546-4414-8459-7b7a92f1fc4b",
            "integration_id": "0ef2e755-4912-8096-91c1-00376a88a5ca",
            "type": event,
            "authors": [{"id": "c7c11cca-1d73-471d-9b6e-bdef51470190", "type": "person"}],
            "accessible_by": [],
            "attempt_number": 1,
            "entity": {"id": "153104cd-477e-809d-8dc4-ff2d96ae3090", "type": entity},
            "data": {"parent": {"id": "13950b26-c203-4f3b-b97d-93ec06319565", "type": "space"}},
        },
        {"User-Agent": "notion-webhooks"},
    )


def _zendesk(event: str, detail: Json) -> Sample:
    return Sample(
        event,
        {
            "account_id": Number.NUMBER,
            "detail": detail,
            "event": {},
            "id": "{uuid}",
            "subject": "zen:ticket:{number}",
            "time": "{time}",
            "type": event,
            "zendesk_event_version": "2022-11-06",
        },
        {
            "User-Agent": "Zendesk Webhook",
            "X-Zendesk-Account-Id": "123456",
            "X-Zendesk-Webhook-Id": "01F1KRFQ6BG29CNWFR60NK5FNY",
            "X-Zendesk-Webhook-Invocation-Id": "{id}",
        },
    )


def _intercom(event: str, item: Json) -> Sample:
    return Sample(
        event,
        {
            "type": "notification_event",
            "app_id": "a86dr8yl",
            "data": {"type": "notification_event_data", "item": item},
            "links": {},
            "id": "notif_{uuid}",
            "topic": event,
            "delivery_status": "pending",
            "delivery_attempts": 1,
            "delivered_at": 0,
            "first_sent_at": Number.UNIX,
            "created_at": Number.UNIX,
            "self": None,
        },
        {"User-Agent": "intercom-webhooks"},
    )


def _hubspot(event: str, *more: dict[str, Json]) -> Sample:
    item: dict[str, Json] = {
        "eventId": Number.NUMBER,
        "subscriptionId": 12345,
        "portalId": 62515,
        "appId": 54321,
        "occurredAt": Number.UNIX_MS,
        "subscriptionType": event,
        "attemptNumber": 0,
        "objectId": Number.NUMBER,
        "changeSource": "CRM",
    }
    return Sample(
        event, [item | each for each in more], {"User-Agent": "HubSpot Connect 2.0 (http://dev.hubspot.com/)"}
    )


def _calendly(event: str, status: str) -> Sample:
    api = "https://api.example.com"
    payload: Json = {
        "uri": f"{api}/scheduled_events/{{uuid}}/invitees/{{uuid}}",
        "email": "customer@example.com",
        "status": status,
        "timezone": "UTC",
        "created_at": "{time_ms}",
        "event": f"{api}/scheduled_events/{{uuid}}",
    }
    document: Json = {
        "event": event,
        "created_at": "{time_ms}",
        "created_by": f"{api}/users/octocat",
        "payload": payload,
    }
    return Sample(event, document, {"User-Agent": "Calendly"})


_TYPEFORM: Final = Sample(
    "form_response",
    {
        "event_id": "{id}",
        "event_type": "form_response",
        "form_response": {
            "form_id": "lT4Z3j",
            "token": "{hex}",
            "submitted_at": "{time}",
            "definition": {
                "id": "lT4Z3j",
                "fields": [{"id": "DlXFaesGBpoF", "title": "Your greeting?", "type": "short_text"}],
            },
            "answers": [
                {
                    "type": "text",
                    "text": "Hello, world",
                    "field": {"id": "DlXFaesGBpoF", "type": "short_text"},
                }
            ],
        },
    },
    {"User-Agent": "Typeform Webhooks"},
)

_TICKET: Final[Json] = {"id": "{number}", "subject": "No greeting", "status": "NEW", "created_at": "{time}"}

WORK: Final[Mapping[str, tuple[Sample, ...]]] = {
    "azure-devops": _AZURE_DEVOPS,
    "linear": (
        _linear(
            "Issue",
            "create",
            {"number": 1, "title": "Greet everybody", "priority": 2, "identifier": "OCTO-1"},
        ),
        _linear("Comment", "create", {"body": "I will look at it.", "issueId": "{uuid}"}),
    ),
    "asana": (
        _asana("task", "changed", {"change": {"field": "name", "action": "changed"}}),
        _asana("story", "added", {}),
    ),
    "notion": (_notion("page.created", "page"), _notion("comment.created", "comment")),
    "zendesk": (
        _zendesk("zen:event-type:ticket.created", _TICKET),
        _zendesk("zen:event-type:ticket.status_changed", _TICKET),
    ),
    "intercom": (
        _intercom("conversation.user.created", {"type": "conversation", "id": "{number}", "state": "open"}),
        _intercom("contact.user.created", {"type": "contact", "id": "{id}", "role": "user"}),
    ),
    "hubspot": (
        _hubspot("contact.creation", {"changeFlag": "NEW"}),
        _hubspot("deal.propertyChange", {"propertyName": "amount", "propertyValue": "2000"}),
    ),
    "calendly": (_calendly("invitee.created", "active"), _calendly("invitee.canceled", "canceled")),
    "typeform": (_TYPEFORM,),
}
