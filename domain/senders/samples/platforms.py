"""Samples of files, identities, clouds, and of everybody who signs by a common rule."""

from collections.abc import Mapping
from typing import Final

from domain.senders.samples.blanks import Json, Number
from domain.senders.samples.sample import Sample

_DROPBOX: Final = Sample(
    "list_folder",
    {
        "list_folder": {"accounts": ["dbid:AAH4f99T0taONIb-OurWxbNQ6ywGRopQngc"]},
        "delta": {"users": [12345678]},
    },
    {"User-Agent": "DropboxWebhooks/1.0"},
)


def _box(event: str) -> Sample:
    return Sample(
        event,
        {
            "type": "webhook_event",
            "id": "{uuid}",
            "created_at": "{time}",
            "trigger": event,
            "webhook": {"id": "53", "type": "webhook"},
            "created_by": {"type": "user", "id": "226067247", "login": "octocat@example.com"},
            "source": {"id": "{number}", "type": "file", "name": "Hello.txt", "size": 12},
        },
        {"User-Agent": "Box-WH-Client", "BOX-DELIVERY-ID": "{uuid}"},
    )


def _docusign(event: str, status: str) -> Sample:
    return Sample(
        event,
        {
            "event": event,
            "apiVersion": "v2.1",
            "uri": "/restapi/v2.1/accounts/00000000-0000-4000-8000-000000000002/envelopes/{uuid}",
            "retryCount": 0,
            "configurationId": 12345,
            "generatedDateTime": "{time_ms}",
            "data": {
                "accountId": "00000000-0000-4000-8000-000000000002",
                "envelopeId": "{uuid}",
                "envelopeSummary": {"status": status, "emailSubject": "Please sign the greeting"},
            },
        },
        {"User-Agent": "DocuSign Connect", "X-Authorization-Digest": "HMACSHA256"},
        "application/json; charset=utf-8",
    )


def _okta(event: str, message: str) -> Sample:
    item: Json = {
        "uuid": "{uuid}",
        "published": "{time_ms}",
        "eventType": event,
        "version": "0",
        "displayMessage": message,
        "severity": "INFO",
        "actor": {"id": "00u1octocat", "type": "User", "alternateId": "octocat@example.com"},
        "outcome": {"result": "SUCCESS"},
    }
    return Sample(
        event,
        {
            "eventType": "com.okta.event_hook",
            "eventTypeVersion": "1.0",
            "cloudEventsVersion": "0.1",
            "source": "https://octo-org.example.com/api/v1/eventHooks/who1octo",
            "eventId": "{uuid}",
            "data": {"events": [item]},
            "eventTime": "{time_ms}",
            "contentType": "application/json",
        },
        {"User-Agent": "Okta-Integrations"},
    )


def _graph(change: str) -> Sample:
    item: Json = {
        "id": "{uuid}",
        "subscriptionId": "76222963-cc7b-42d2-882d-8aaa69cb2ba3",
        "subscriptionExpirationDateTime": "{time_ms}",
        "changeType": change,
        "resource": "Users/{uuid}/Messages/{id}",
        "resourceData": {"@odata.type": "#Microsoft.Graph.Message", "id": "{id}"},
        "tenantId": "84bd8158-6d4d-4958-8b9f-9d6445542f95",
    }
    return Sample(change, {"value": [item]}, {}, "application/json; charset=utf-8")


_SNS: Final = Sample(
    "Notification",
    {
        "Type": "Notification",
        "MessageId": "{uuid}",
        "TopicArn": "arn:aws:sns:us-east-1:123456789012:hello-world",
        "Subject": "Greeting",
        "Message": "Hello, world",
        "Timestamp": "{time_ms}",
        "SignatureVersion": "1",
        "UnsubscribeURL": "https://sns.example.com/?Action=Unsubscribe",
    },
    {
        "User-Agent": "Amazon Simple Notification Service Agent",
        "x-amz-sns-message-type": "Notification",
        "x-amz-sns-message-id": "{uuid}",
        "x-amz-sns-topic-arn": "arn:aws:sns:us-east-1:123456789012:hello-world",
    },
    "text/plain; charset=UTF-8",
)


def _openai(event: str) -> Sample:
    document: Json = {
        "id": "evt_{id}",
        "object": "event",
        "created_at": Number.UNIX,
        "type": event,
        "data": {"id": "resp_{id}"},
    }
    return Sample(event, document, {"User-Agent": "OpenAI/1.0 (+https://platform.openai.com/docs/webhooks)"})


def _clerk(event: str, thing: dict[str, Json]) -> Sample:
    data: dict[str, Json] = {"id": "{id}", "created_at": Number.UNIX_MS, "updated_at": Number.UNIX_MS}
    document: Json = {"data": data | thing, "object": "event", "timestamp": Number.UNIX_MS, "type": event}
    return Sample(event, document, {"User-Agent": "Svix-Webhooks/1.62.0"})


def _plain(event: str) -> Sample:
    """As the Standard Webhooks specification recommends: a type, a time and data."""
    data: Json = {"id": "{uuid}", "name": "Hello, world"}
    return Sample(event, {"type": event, "timestamp": "{time_ms}", "data": data})


def _custom(event: str) -> Sample:
    document: Json = {
        "type": event,
        "created_at": "{time}",
        "data": {"id": "{number}", "name": "Hello, world"},
    }
    return Sample(event, document, {"X-Event-Id": "{uuid}"})


PLATFORMS: Final[Mapping[str, tuple[Sample, ...]]] = {
    "dropbox": (_DROPBOX,),
    "box": (_box("FILE.UPLOADED"), _box("FILE.DELETED")),
    "docusign": (_docusign("envelope-completed", "completed"), _docusign("envelope-sent", "sent")),
    "okta": (
        _okta("user.lifecycle.create", "Create okta user"),
        _okta("user.session.start", "User login to Okta"),
    ),
    "microsoft-graph": (_graph("created"), _graph("updated")),
    "aws-sns": (_SNS,),
    "openai": (_openai("response.completed"), _openai("batch.completed")),
    "clerk": (
        _clerk("user.created", {"object": "user", "username": "octocat"}),
        _clerk("session.created", {"object": "session", "status": "active", "user_id": "user_{id}"}),
    ),
    "standard-webhooks": (_plain("user.created"), _plain("user.deleted")),
    "svix": (_plain("invoice.paid"), _plain("invoice.voided")),
    "custom": (_custom("order.created"), _custom("order.cancelled")),
}
