"""Samples of builds, registries, hosting and what watches over programs that run."""

from collections.abc import Mapping
from typing import Final

from domain.senders.samples.blanks import Json, Number
from domain.senders.samples.sample import Sample

_COMMIT: Final = "59b20b8d5c6ff8d09518216e87a9dc9ac3cb2a31"


def _circleci(event: str, more: dict[str, Json]) -> Sample:
    head: dict[str, Json] = {
        "id": "{uuid}",
        "type": event,
        "happened_at": "{time_ms}",
        "webhook": {"id": "cf8c4fdd-0587-4da1-b4ca-4846e9640af9", "name": "Fleet Gateway"},
        "project": {
            "id": "84996744-a854-4f5e-aea3-04e2851dc1d2",
            "name": "hello-world",
            "slug": "github/octo-org/hello-world",
        },
        "organization": {"id": "f22b6566-597d-46d5-ba74-99ef5bb3d85c", "name": "octo-org"},
        "pipeline": {"id": "1285fe1d-d3a6-44fc-8886-8979558254c4", "number": 130},
        "workflow": {"id": "fda08377-fe7e-46b1-8992-3a7aaecac9c3", "name": "tests", "status": "success"},
    }
    headers = {"User-Agent": "CircleCI-Webhook/1.0", "circleci-event-type": event}
    return Sample(event, head | more, headers)


def _buildkite(event: str, state: str) -> Sample:
    return Sample(
        event,
        {
            "event": event,
            "build": {
                "id": "{uuid}",
                "number": 27,
                "state": state,
                "message": "Greet everybody",
                "commit": _COMMIT,
                "branch": "main",
                "created_at": "{time_ms}",
            },
            "pipeline": {"id": "849411f9-9e6d-4739-a0d8-e247088e9b52", "slug": "hello-world"},
            "sender": {"id": "3d9c6b2c-2b1b-4a2f-8b2a-1c0c9d2f6a77", "name": "octocat"},
        },
        {"User-Agent": "Buildkite-Request", "X-Buildkite-Event": event, "X-Buildkite-Request": "{uuid}"},
    )


def _vercel(event: str) -> Sample:
    deployment: Json = {"id": "dpl_{id}", "name": "hello-world", "url": "hello-world.example.com", "meta": {}}
    payload: Json = {"deployment": deployment, "project": {"id": "prj_1"}, "target": "production"}
    document: Json = {
        "id": "{id}",
        "type": event,
        "createdAt": Number.UNIX_MS,
        "payload": payload,
        "region": "fra1",
    }
    return Sample(event, document, {"User-Agent": "vercel-webhooks"})


def _heroku(resource: str, action: str, data: dict[str, Json]) -> Sample:
    app: Json = {"id": "ddccd9cb-ec0f-4b2e-8e5b-6c3b9d1b0a44", "name": "hello-world"}
    return Sample(
        f"{resource}.{action}",
        {
            "id": "{uuid}",
            "action": action,
            "resource": resource,
            "actor": {"email": "octocat@example.com", "id": "1dc5d6ff-6cf5-4e08-8d3a-1e5d3f0c0a11"},
            "created_at": "{time}",
            "data": {"app": app} | data,
            "published_at": "{time}",
            "sequence": None,
            "version": "application/vnd.heroku+json; version=3",
            "webhook_metadata": {
                "attempt": {"id": "{uuid}"},
                "delivery": {"id": "{uuid}"},
                "event": {"id": "{uuid}", "include": resource},
            },
        },
        {"User-Agent": "Heroku-Webhooks/1.0"},
        "application/json; charset=utf-8",
    )


_DOCKER_HUB: Final = Sample(
    "push",
    {
        "callback_url": "https://registry.example.com/u/octo-org/hello-world/hook/{id}/",
        "push_data": {"pushed_at": Number.UNIX, "pusher": "octocat", "tag": "latest", "images": []},
        "repository": {
            "name": "hello-world",
            "namespace": "octo-org",
            "owner": "octo-org",
            "repo_name": "octo-org/hello-world",
            "repo_url": "https://registry.example.com/r/octo-org/hello-world/",
            "status": "Active",
        },
    },
    {"User-Agent": "Go-http-client/1.1"},
)


def _npm(event: str) -> Sample:
    document: Json = {
        "event": event,
        "name": "@octo-org/hello-world",
        "type": "package",
        "version": "1.0.0",
        "hookOwner": {"username": "octocat"},
        "payload": {"name": "@octo-org/hello-world", "dist-tags": {"latest": "1.0.1"}},
        "change": {"version": "1.0.1"},
        "time": Number.UNIX_MS,
    }
    return Sample(event, document, {"User-Agent": "npm-hook/1.0.0"})


_CLOUDFLARE: Final = (
    Sample(
        "http_alert_origin_error",
        {
            "name": "Errors of the origin",
            "text": "The origin of example.com answers with errors.",
            "data": {"zones": ["example.com"]},
            "ts": Number.UNIX,
            "account_id": "{hex}",
            "policy_id": "{hex}",
            "alert_type": "http_alert_origin_error",
        },
        scheme="cloudflare-notify",
    ),
    Sample(
        "ready",
        {
            "uid": "{hex}",
            "readyToStream": True,
            "status": {"state": "ready", "pctComplete": "100.000000"},
            "meta": {"name": "hello.mp4"},
            "created": "{time_ms}",
        },
        scheme="cloudflare-stream",
    ),
)


def _sentry(resource: str, action: str, data: Json) -> Sample:
    return Sample(
        f"{resource}.{action}",
        {
            "action": action,
            "installation": {"uuid": "24b3c8a1-7b8d-4f1c-9e8a-4d3b2f1c0a55"},
            "data": data,
            "actor": {"type": "application", "id": "sentry", "name": "Sentry"},
        },
        {"Sentry-Hook-Resource": resource, "Sentry-Hook-Timestamp": "{unix}", "Request-ID": "{hex}"},
    )


def _pagerduty(event: str, status: str) -> Sample:
    return Sample(
        event,
        {
            "event": {
                "id": "{id}",
                "event_type": event,
                "resource_type": "incident",
                "occurred_at": "{time_ms}",
                "agent": {"id": "PLH1HKV", "type": "user_reference"},
                "client": None,
                "data": {
                    "id": "PGR0VU2",
                    "type": "incident",
                    "number": 2,
                    "status": status,
                    "title": "The greeting does not answer",
                    "urgency": "high",
                    "service": {"id": "PF9KMXH", "summary": "Greetings", "type": "service_reference"},
                },
            }
        },
        {"User-Agent": "PagerDuty-Webhook/V3.0", "X-Webhook-Id": "f9aef6ab-76ee-4d31-9e60-2d8f2b1c0a66"},
    )


def _launchdarkly(kind: str, verb: str) -> Sample:
    return Sample(
        kind,
        {
            "_id": "{id}",
            "date": Number.UNIX_MS,
            "kind": kind,
            "name": "Greet in colour",
            "description": "",
            "titleVerb": verb,
            "title": f"octocat {verb} [Greet in colour]",
            "accesses": [{"action": "updateOn", "resource": f"proj/default:env/production:{kind}/colour"}],
            "member": {"email": "octocat@example.com"},
        },
        {"User-Agent": "LaunchDarkly-Webhooks/1.0"},
    )


_ISSUE: Final[Json] = {
    "id": "{number}",
    "title": "ValueError: no greeting",
    "level": "error",
    "status": "unresolved",
}

BUILDS: Final[Mapping[str, tuple[Sample, ...]]] = {
    "circleci": (
        _circleci("workflow-completed", {}),
        _circleci("job-completed", {"job": {"id": "{uuid}", "name": "test"}}),
    ),
    "buildkite": (_buildkite("build.finished", "passed"), _buildkite("build.scheduled", "scheduled")),
    "vercel": (_vercel("deployment.succeeded"), _vercel("deployment.error")),
    "heroku": (
        _heroku("api:release", "update", {"id": "{uuid}", "status": "succeeded", "version": 42}),
        _heroku("api:build", "create", {"id": "{uuid}", "status": "pending"}),
    ),
    "docker-hub": (_DOCKER_HUB,),
    "npm": (_npm("package:publish"), _npm("package:unpublish")),
    "cloudflare": _CLOUDFLARE,
    "sentry": (
        _sentry("issue", "created", {"issue": _ISSUE}),
        _sentry(
            "event_alert", "triggered", {"event": {"event_id": "{hex}"}, "triggered_rule": "Every error"}
        ),
    ),
    "pagerduty": (_pagerduty("incident.triggered", "triggered"), _pagerduty("incident.resolved", "resolved")),
    "launchdarkly": (
        _launchdarkly("flag", "turned on the flag"),
        _launchdarkly("project", "updated the project"),
    ),
}
