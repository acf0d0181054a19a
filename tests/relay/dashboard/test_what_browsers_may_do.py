"""What a browser is told it may do with a page, and that no page needs more than that."""

import hashlib
import re

import pytest
from starlette.routing import Route

from relay.server.dashboard import dashboard_routes, headers, static
from tests.dashboard_visitor import DashboardVisitor
from tests.documents import ROOT

FOLDER = ROOT / "relay/server/dashboard"
# From the npm packages htmx.org 2.0.11 and htmx-ext-sse 2.2.4, folder dist.
VENDORED = {
    "htmx-2.0.11.min.js": "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717",
    "htmx-ext-sse-2.2.4.min.js": "98a46496de0c3605fbffdce9167ba427bdd9553184f83f149c261891a92c0136",
}


def paths() -> list[str]:
    routes = [route for route in dashboard_routes(lambda: 0, lambda: False) if isinstance(route, Route)]
    return [re.sub(r"\{\w+(:path)?\}", "x", route.path) for route in routes]


@pytest.mark.parametrize("is_in", [False, True])
def test_every_answer_is_guarded(address: str, visitor: DashboardVisitor, *, is_in: bool) -> None:
    somebody = visitor if is_in else DashboardVisitor(address)
    asked = [path for path in paths() if path not in {"/", "/dashboard/", "/dashboard/live"}]
    assert len(asked) > 15
    for path in asked:
        for method in ("GET", "POST", "DELETE"):
            found = somebody.ask(method, path)
            if found.status == 405 and path.startswith("/dashboard/static"):
                continue
            for name, value in headers.HEADERS.items():
                assert found.headers.get(name) == value, (method, path)
            assert found.headers["cache-control"] == "no-store"


def test_the_policy_allows_what_is_ours_and_nothing_inline() -> None:
    policy = dict(part.strip().split(" ", 1) for part in headers.POLICY.split(";"))
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in headers.POLICY
    assert "http" not in headers.POLICY


def test_no_template_has_anything_inline_or_from_elsewhere() -> None:
    templates = [*(FOLDER / "templates").glob("**/*.html")]
    assert len(templates) > 10
    for file in templates:
        text = re.sub(r"\{#.*?#\}", "", file.read_text(), flags=re.DOTALL)
        assert not re.search(r"\sstyle\s*=", text), file
        assert not re.search(r"<style", text), file
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), file
        assert not re.search(r"\son[a-z]+\s*=|hx-on|javascript:", text), file
        assert not re.search(r'(?:src|href)="(?:https?:)?//', text), file
        assert "|safe" not in text, file
    style = (FOLDER / "static/fleet.css").read_text()
    assert not re.search(r"@import|url\((?!#)", style)


def test_htmx_is_told_to_keep_to_the_policy(visitor: DashboardVisitor) -> None:
    page = visitor.get("/dashboard/queues").text
    for told in ('"includeIndicatorStyles":false', '"allowEval":false', '"selfRequestsOnly":true'):
        assert told in page


def test_what_is_not_ours_is_what_was_published() -> None:
    folder = FOLDER / "static/vendor"
    scripts = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.glob("*.js")}
    assert scripts == VENDORED
    for name in scripts:
        assert "permission to use" in " ".join(
            (folder / name.replace(".min.js", ".LICENSE")).read_text().lower().split()
        )


def test_static_files_are_kept_by_the_name_of_their_content(address: str) -> None:
    visitor = DashboardVisitor(address)
    for name in static.files():
        found = visitor.get(static.address(name))
        assert found.status == 200
        assert "immutable" in found.headers["cache-control"]
        assert visitor.get(f"{static.PATH}/{name}").headers["cache-control"] == "no-cache"
    for path in ("../page.py", "..%2Fpage.py", "vendor", "", "%2e%2e/page.py"):
        assert visitor.get(f"{static.PATH}/{path}").status == 404


def test_every_symbol_that_is_used_is_there() -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (FOLDER / "static/icons.svg").read_text()))
    text = "".join(file.read_text() for file in (FOLDER / "templates").glob("**/*.html"))
    used = set(re.findall(r'icon\("([\w-]+)"\)', text))
    assert len(used) > 8
    assert used <= drawn
