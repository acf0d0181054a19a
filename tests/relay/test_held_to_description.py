"""The judge of the API's answers sees what is not as described; were it blind, every test would pass it."""

import http.client
import json
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.described import HeldToDescription, description
from tests.owner_door import application, context_of, serving

JSON = {"content-type": "application/json"}
PROBLEM = {"content-type": "application/problem+json"}
LIST = {"name": "@github", "title": "GitHub", "as_of": "2026-10-29", "count": 8}
REFUSAL = {
    "type": "about:blank",
    "title": "Not Found",
    "status": 404,
    "code": "not_found",
    "detail": "There is none.",
}


def mistakes(
    method: str, path: str, status: int, headers: dict[str, str], answer: object, asked: object = None
) -> list[str]:
    raw = b"" if answer is None else json.dumps(answer).encode()
    return description().mistakes(method, path, json.dumps(asked).encode(), status, headers, raw)


def test_what_is_as_described_has_no_mistakes() -> None:
    assert mistakes("GET", "/networks", 200, JSON, {"networks": [LIST]}) == []
    assert mistakes("HEAD", "/networks", 200, JSON, {"networks": []}) == []
    assert mistakes("GET", "/webhooks/x", 404, PROBLEM, REFUSAL) == []
    assert mistakes("DELETE", "/webhooks/x", 204, {}, None) == []
    assert mistakes("GET", "/nothing", 404, PROBLEM, {**REFUSAL, "code": "no_such_resource"}) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"count": "8"}, "is not of type 'integer'"),
        ({"count": -1}, "less than the minimum"),
        ({"as_of": "yesterday"}, "is not a 'date'"),
        ({"news": 1}, "'news' was unexpected"),
        ({"name": "github"}, "does not match"),
    ],
)
def test_a_field_that_is_not_as_described_is_told(change: dict[str, Any], told: str) -> None:
    [mistake] = mistakes("GET", "/networks", 200, JSON, {"networks": [{**LIST, **change}]})
    assert mistake.startswith("$.networks[0]")
    assert told in mistake


@pytest.mark.parametrize(
    ("status", "headers", "answer", "told"),
    [
        (200, JSON, {"networks": [{"name": "@x"}]}, "'title' is a required property"),
        (200, JSON, {}, "'networks' is a required property"),
        (202, JSON, {"networks": []}, "202 is not among the answers"),
        (200, {"content-type": "text/html"}, {}, "it is text/html"),
        (401, PROBLEM, {**REFUSAL, "status": 401, "code": "no_access"}, "there is no WWW-Authenticate"),
    ],
)
def test_an_answer_that_is_not_as_described_is_told(
    status: int, headers: dict[str, str], answer: object, told: str
) -> None:
    assert told in mistakes("GET", "/networks", status, headers, answer)[0]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"code": "name_taken"}, "is not one of ['not_found']"),
        ({"code": "mood"}, "is not one of"),
        ({"status": 409}, "404 was expected"),
        ({"hint": "x"}, "'hint' was unexpected"),
    ],
)
def test_a_refusal_that_is_not_as_described_is_told(change: dict[str, Any], told: str) -> None:
    assert any(told in each for each in mistakes("GET", "/webhooks/x", 404, PROBLEM, {**REFUSAL, **change}))


def test_content_where_there_is_none_and_answers_of_what_is_not_described_are_told() -> None:
    assert "there is content" in mistakes("DELETE", "/webhooks/x", 204, {}, {})[0]
    assert "not described" in mistakes("GET", "/nothing", 200, JSON, {})[0]
    assert "not described" in mistakes("PATCH", "/networks", 404, JSON, {})[0]


def test_a_request_that_was_granted_has_to_be_as_described() -> None:
    made = {
        "id": "sub_" + "0" * 23,
        "name": "ci",
        "webhooks": [],
        "events": [],
        "senders": [],
        "expression": "",
        "timeout_s": 1,
        "linger_s": 0,
        "created_at": "2026-01-31T12:00:00.000Z",
    }
    headers = {**JSON, "location": "/x"}
    asked = {"name": "ci", "webhooks": ["github"]}
    assert mistakes("POST", "/subscriptions", 201, headers, made, asked) == []
    [mistake] = mistakes("POST", "/subscriptions", 201, headers, made, {**asked, "webhooks": "github"})
    assert mistake.startswith("$.webhooks")
    page = {"subscriptions": [], "next": None}
    assert mistakes("GET", "/subscriptions?limit=1&name=c%26i", 200, JSON, page) == []
    assert mistakes("GET", "/subscriptions?mood=1", 200, JSON, page) == ["there is no parameter mood"]


def test_every_door_of_the_api_tests_has_the_judge(redis_url: str) -> None:
    built = application(context_of(redis_url))
    assert [each.cls for each in built.user_middleware] == [HeldToDescription]


def test_an_answer_with_mistakes_never_reaches_a_test() -> None:
    async def wrong(request: Request) -> Response:
        assert await request.json() == {"asked": True}
        return JSONResponse({"networks": "all"})

    app = Starlette(routes=[Route("/api/v1/networks", wrong, methods=["GET"])])
    app.add_middleware(HeldToDescription)
    with serving(app) as address:
        connection = http.client.HTTPConnection(address, timeout=10)
        connection.request("GET", "/api/v1/networks", b'{"asked": true}')
        answer = connection.getresponse()
        told = answer.read().decode()
        connection.close()
    assert answer.status == 500
    assert told.startswith("GET /networks? is not as docs/openapi.json says: $.networks")
