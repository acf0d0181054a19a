"""The description of the control API: it has every route and refusal, it is valid, and the file agrees."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate
from starlette.routing import Mount, Route

from domain.version import VERSION
from relay.server.api import api_routes, openapi
from relay.server.api.inputs import NewSecret
from relay.server.api.openapi.__main__ import main
from relay.server.api.openapi.refusals import REFUSALS
from relay.server.api.openapi.schemas import input_of
from tests.documents import ROOT, codes, read, table
from tests.owner_door import Owner

DOCUMENT: Any = json.loads(openapi.rendered())
NOT_HERE = {"stopping"}  # said to connectors only


def referred(value: Any) -> set[str]:
    """Everything that is named by a reference."""
    if isinstance(value, list):
        return {name for each in value for name in referred(each)}
    if isinstance(value, dict):
        inside = {name for each in value.values() for name in referred(each)}
        return inside | ({value["$ref"]} if "$ref" in value else set())
    return set()


def operations() -> list[Any]:
    return [operation for methods in DOCUMENT["paths"].values() for operation in methods.values()]


def test_it_is_valid_and_of_this_version() -> None:
    validate(DOCUMENT)
    assert DOCUMENT["openapi"].startswith("3.1.")
    assert DOCUMENT["info"]["version"] == VERSION


def test_it_has_every_route_and_method_and_nothing_else() -> None:
    [mount] = api_routes()
    assert isinstance(mount, Mount)
    real = {
        (method, route.path)
        for route in mount.routes
        if isinstance(route, Route)
        for method in getattr(route.endpoint, "methods")  # noqa: B009 - ours, unknown to Starlette's types
        if method != "HEAD"
    }
    described = {(method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods}
    assert described == real


def test_every_refusal_is_described_with_its_status() -> None:
    rows = table("docs/api.md", "| status | `code` | meaning |")
    told = {codes(row[1])[0]: int(row[0]) for row in rows}
    described = {code: refusal.status for code, refusal in REFUSALS.items()}
    assert {code: status for code, status in told.items() if code not in NOT_HERE} == described


def test_every_refusal_but_those_of_unknown_paths_is_an_answer_of_something() -> None:
    said = {
        code
        for response in DOCUMENT["components"]["responses"].values()
        for kind in response["content"].values()
        for code in kind["schema"]["properties"]["code"]["enum"]
    }
    assert said == set(REFUSALS) - {"no_such_resource", "method_not_allowed"}


def test_every_component_is_used_and_every_reference_leads_somewhere() -> None:
    parts = DOCUMENT["components"]
    there = {f"#/components/{kind}/{name}" for kind in ("schemas", "responses") for name in parts[kind]}
    assert referred(DOCUMENT) == there


def test_every_operation_has_a_name_of_its_own_a_heading_and_a_sentence() -> None:
    names = [operation["operationId"] for operation in operations()]
    assert len(set(names)) == len(names)
    headings = {tag["name"] for tag in DOCUMENT["tags"]}
    assert {tag for operation in operations() for tag in operation["tags"]} == headings
    assert all(operation["summary"].endswith(".") for operation in operations())


def test_only_the_document_needs_no_token() -> None:
    open_ones = [each["operationId"] for each in operations() if each.get("security") == []]
    assert open_ones == ["show_openapi"]
    assert DOCUMENT["security"] == [{"access_token": []}]


def test_every_part_of_a_path_is_a_parameter() -> None:
    for path, methods in DOCUMENT["paths"].items():
        for operation in methods.values():
            named = [each["name"] for each in operation.get("parameters", []) if each["in"] == "path"]
            assert named == re.findall(r"\{(\w+)\}", path)


def test_a_field_without_a_meaning_is_noticed() -> None:
    with pytest.raises(ValueError, match="NewSecret has the fields secret, exact"):
        input_of(NewSecret, {"secret": "A secret."})


def test_the_file_is_what_the_description_says() -> None:
    assert read("docs/openapi.json") == openapi.rendered()
    assert main(["--check"]) == 0


def test_a_file_that_has_drifted_is_told_and_written_anew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "docs").mkdir()
    assert main(["--check"], tmp_path) == 1
    assert "run `python -m relay.server.api.openapi --write`" in capsys.readouterr().err
    assert main(["--write"], tmp_path) == 0
    assert main(["--check"], tmp_path) == 0
    (tmp_path / "docs/openapi.json").write_text("{}")
    assert main(["--check"], tmp_path) == 1
    assert main([], tmp_path) == 2


def test_the_script_checks_the_file() -> None:
    assert '["-m", "relay.server.api.openapi", "--check"]' in (ROOT / "fleet").read_text()


def test_a_relay_serves_it_without_a_token(address: str) -> None:
    answer = Owner(address, None).ask("GET", "/openapi.json")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert answer.raw.decode() == openapi.rendered()
    assert answer.headers["cache-control"] == "no-store"
    head = Owner(address, None).ask("HEAD", "/openapi.json")
    assert (head.status, head.raw) == (200, b"")
    wrong = Owner(address, None).ask("POST", "/openapi.json")
    assert (wrong.status, wrong.json["code"], wrong.headers["allow"]) == (
        405,
        "method_not_allowed",
        "GET, HEAD",
    )
