"""No page of somebody else changes anything, whatever cookies the browser sends along."""

import pytest
from starlette.routing import Route

from relay.server.dashboard import dashboard_routes
from relay.server.dashboard.page import Page
from tests.dashboard_visitor import DashboardVisitor

OUT = "/dashboard/sign-out"


def changes() -> list[str]:
    """Paths of everything that takes a form from somebody who is signed in."""
    routes = [route for route in dashboard_routes(lambda: 0, lambda: False) if isinstance(route, Route)]
    return [
        route.path
        for route in routes
        if isinstance(route.endpoint, Page) and "POST" in route.endpoint.methods
    ]


def is_in(visitor: DashboardVisitor) -> bool:
    return visitor.get("/dashboard/queues").status == 200


def test_every_change_takes_a_form_that_we_made(visitor: DashboardVisitor) -> None:
    paths = changes()
    assert OUT in paths
    assert len(paths) > 5
    for path in paths:
        for fields in ({}, {"csrf": ""}, {"csrf": "x" * 24}):
            refused = visitor.post(path.replace("{wanted}", "x"), fields)
            assert refused.status == 403, path
            assert "nothing was changed" in refused.words()
    assert is_in(visitor)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://127.0.0.1:1"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "", "sec_fetch_site": "none"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"content_type": "application/json"},
        {"content_type": "text/plain"},
        {"content_type": "multipart/form-data; boundary=x"},
    ],
)
def test_a_form_has_to_come_from_this_very_address(
    visitor: DashboardVisitor, headers: dict[str, str]
) -> None:
    csrf = visitor.get("/dashboard/queues").csrf
    assert visitor.post(OUT, {"csrf": csrf}, **headers).status in {403, 422}
    assert is_in(visitor)
    assert visitor.post(OUT, {"csrf": csrf}, sec_fetch_site="same-origin", origin="").status == 303


def test_the_nonce_of_another_session_is_none(visitor: DashboardVisitor, owner) -> None:
    other = DashboardVisitor(owner.address)
    other.sign_in(owner.token)
    csrf = other.get("/dashboard/queues").csrf
    assert visitor.post(OUT, {"csrf": csrf}).status == 403
    assert other.post(OUT, {"csrf": csrf}).status == 303


def test_a_request_of_htmx_bears_the_nonce_in_a_header(visitor: DashboardVisitor) -> None:
    csrf = visitor.get("/dashboard/queues").csrf
    assert visitor.post(OUT, x_fleet_csrf="x" * 24).status == 403
    assert visitor.post(OUT, x_fleet_csrf=csrf).status == 303


def test_nothing_is_changed_by_following_a_link(visitor: DashboardVisitor) -> None:
    csrf = visitor.get("/dashboard/queues").csrf
    for path in changes():
        visitor.get(f"{path.replace('{wanted}', 'x')}?csrf={csrf}")
    assert is_in(visitor)


def test_a_form_is_read_within_bounds(visitor: DashboardVisitor) -> None:
    csrf = visitor.get("/dashboard/queues").csrf
    assert visitor.post(OUT, {"csrf": csrf, "x": "x" * 70_000}).status == 422
    assert visitor.post(OUT, {"csrf": csrf, "x": ["x"] * 500}).status == 422
    assert is_in(visitor)
