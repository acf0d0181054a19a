"""The documents say what the code does: what can be compared is compared, and every link leads somewhere."""

import json
import re
from dataclasses import replace
from inspect import getsource
from pathlib import Path

import pytest
import typer
from starlette.routing import Mount, Route
from typer.core import TyperGroup
from typer.main import get_command

from cli import reference
from cli.main import app
from config import settings
from domain.delivery import DeliveryState, Step
from domain.event import HOP_BY_HOP, EventState, Rejection, Request
from domain.ledger import DELIVERY_CREATED, DELIVERY_PLACES, EVENT_ACCEPTED, EVENT_PLACES
from domain.senders import SENDERS
from domain.subscription import Subscription
from domain.webhook import Webhook
from ingress import answers
from relay.connector.outgoing import outgoing_headers
from relay.connector.target import Arrival
from relay.server.api import PREFIX, api_routes, views
from relay.server.api.inputs import NewSecret, NewSubscription, NewWebhook
from store import due, keys, scripts
from store.stories import DeliveryStory, Story
from store.webhooks import StoredWebhook

ROOT = reference.ROOT
PAGES = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CHANGELOG.md")]
PAGES += sorted((ROOT / "docs").glob("*.md"))
OF_THE_SCRIPT = {"test", "check", "bench"}


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def table(name: str, head: str, number: int = 0) -> list[list[str]]:
    """The rows of a document's table with this head, as their cells; of several the one of this number."""
    after = read(name).split(f"\n{head}\n")[number + 1]
    lines = [line for line in after.split("\n\n")[0].splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def codes(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def first_codes(rows: list[list[str]]) -> list[str]:
    return [code for row in rows for code in codes(row[0])]


def examples(name: str) -> list[dict[str, object]]:
    return [json.loads(text) for text in re.findall(r"```json\n(.*?)```", read(name), re.DOTALL)]


def commands() -> set[str]:
    root = get_command(app)
    assert isinstance(root, TyperGroup)
    found = set(root.commands)
    for name, command in root.commands.items():
        if isinstance(command, TyperGroup):
            found |= {f"{name} {each}" for each in command.commands}
    return found


# --- generated


def test_the_generated_documents_are_what_the_code_says() -> None:
    assert reference.drifted(ROOT) == []
    assert reference.main(["--check"]) == 0


def test_drift_is_found_and_writing_ends_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "docs").mkdir()
    page = tmp_path / "docs" / "deliveries.md"
    page.write_text("Before.\n<!-- generated: life -->\n<!-- end -->\nAfter.\n")
    assert reference.main(["--check"], tmp_path) == 1
    assert reference.main(["--write"], tmp_path) == 0
    assert reference.main(["--check"], tmp_path) == 0
    text = page.read_text()
    assert text.startswith("Before.\n<!-- generated: life -->\n```mermaid\n")
    assert "\n```\n<!-- end -->\nAfter.\n" in text
    page.write_text(text.replace("queued --> sent", "queued --> dead"))
    capsys.readouterr()
    assert reference.main(["--check"], tmp_path) == 1
    assert capsys.readouterr().err == (
        "docs/deliveries.md is not what the code says; run `python -m cli.reference --write`.\n"
    )


def test_anything_else_is_a_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert reference.main([]) == 2
    assert "--write | --check" in capsys.readouterr().err


def test_every_command_has_its_section_with_all_its_options() -> None:
    page = reference.commands_page()
    root = get_command(app)
    assert isinstance(root, TyperGroup)
    for name in commands():
        assert len(re.findall(rf"^##+ fleet {name}$", page, re.MULTILINE)) == 1, name
    webhooks = root.commands["webhooks"]
    assert isinstance(webhooks, TyperGroup)
    create = webhooks.commands["create"]
    section = page.split("### fleet webhooks create\n")[1].split("\n### ")[0]
    for parameter in create.get_params(typer.Context(create)):
        assert parameter.name == "help" or f"| `{parameter.opts[0]}" in section.replace("NAME", "name")


# --- events and deliveries


def test_every_state_step_and_reason_is_explained() -> None:
    page = "docs/deliveries.md"
    assert first_codes(table(page, "| state | meaning | its body |")) == [*EventState]
    assert first_codes(table(page, "| state | meaning |")) == [*DeliveryState]
    assert first_codes(table(page, "| step | who takes it, and when |")) == [*Step]
    assert first_codes(table(page, "| reason | meaning | what to do |")) == [*Rejection]


def test_every_line_of_the_audit_is_explained() -> None:
    lines = first_codes(table("docs/deliveries.md", "| line | counts |"))
    assert len(set(lines)) == len(lines)
    assert set(lines) == {EVENT_ACCEPTED, DELIVERY_CREATED, *EVENT_PLACES, *DELIVERY_PLACES}


def test_duplicates_are_told_as_the_catalogue_says() -> None:
    rows = table("docs/deliveries.md", "| sender | id | a second event with the same id |")
    told = {codes(sender)[0]: then == "is a duplicate" for sender, _, then in rows}
    assert told == {key: sender.dedup for key, sender in SENDERS.items()}


# --- the public door


def test_every_answer_of_the_public_door_is_told() -> None:
    rows = table("docs/public-door.md", "| status | when | headers | body |")
    ours = [each for each in vars(answers).values() if isinstance(each, answers.Answer)]
    ours += [answers.unavailable(1), answers.limited(1, 1), answers.accepted("evt", 1, 1, 1)]
    told = {int(row[0]) for row in rows}
    assert told == {200, 401, 431} | {each.status for each in ours}
    assert {codes(row[2])[0] for row in rows if row[0] == "405"} == {"Allow: POST"}


def test_its_limits_are_those_of_the_settings() -> None:
    for limit, value, setting in table("docs/public-door.md", "| limit | value | setting |"):
        if names := re.findall(r"FLEET_\w+", setting):
            field = settings.Settings.model_fields[names[0].removeprefix("FLEET_").lower()]
            number = int(re.sub(r"\D", "", value)) * (1024 if "KiB" in value else 1)
            assert number == field.default, limit


def test_the_headers_that_are_removed_and_added_are_told() -> None:
    page = read("docs/public-door.md")
    removed = page.split("and so is every header that\n`Connection` names:\n")[1].split(".")[0]
    assert {name.lower().encode() for name in codes(removed)} == HOP_BY_HOP
    request = Request("POST", b"", b"", ((b"host", b"h"), (b"expect", b"e")), b"")
    arrival = Arrival("dlv", 1, "evt", "push", "app", "hook", "", 1, 30, request)
    added = {name for name, _ in outgoing_headers(arrival)}
    told = {name.lower() for name in first_codes(table("docs/public-door.md", "| header | meaning |"))}
    assert told == added | {"host"}


# --- the control API


def test_every_route_of_the_control_api_is_told() -> None:
    [mount] = [route for route in api_routes() if isinstance(route, Mount)]
    assert mount.path == PREFIX
    routes = [route for route in mount.routes if isinstance(route, Route)]
    real = {
        f"{method} {route.path}"
        for route in routes
        for method in getattr(route.endpoint, "methods")  # noqa: B009 - ours, unknown to Starlette's types
        if method != "HEAD"
    }
    assert set(first_codes(table("docs/api.md", "| request | answer | meaning |"))) == real


def test_every_refusal_of_the_control_api_is_told() -> None:
    source = "".join(file.read_text() for file in sorted((ROOT / "relay/server/api").glob("*.py")))
    real = set(re.findall(r'HTTPStatus\.\w+,\s*"([a-z_]+)"', source))
    rows = table("docs/api.md", "| status | `code` | meaning |")
    told = [codes(row[1])[0] for row in rows]
    assert len(real) > 10
    assert sorted(told) == sorted(real)


def test_every_field_of_the_control_api_is_told() -> None:
    for number, model in enumerate((NewWebhook, NewSecret, NewSubscription)):
        rows = table("docs/api.md", "| field | default | meaning |", number)
        assert [codes(row[0])[0] for row in rows] == list(model.model_fields)
        for row, field in zip(rows, model.model_fields.values(), strict=True):
            assert (row[1] == "required") == field.is_required()


def test_the_examples_of_the_control_api_have_the_real_fields() -> None:
    webhook = Webhook("whk", "gw", "hook", "", "github", True, 1, 1, 1)  # noqa: FBT003 - an example
    subscription = Subscription("sub", "gw", "app", (), (), 30, 1)
    delivery = DeliveryStory("dlv", "sub", "sent", 1, "", 1, 1, 1)
    story = Story("evt", "whk", "waiting", "", "", "", 1, 1, 1, (delivery,))
    made, subscribed, told, refusal = examples("docs/api.md")
    once = {"secret", "next_step"}
    assert made.keys() - once == views.of_webhook(StoredWebhook(webhook, b"", b""), "").keys()
    assert subscribed.keys() == views.of_subscription(subscription, {}).keys()
    assert told.keys() == views.of_story(story).keys()
    [of_delivery] = told["deliveries"]
    [real] = views.of_story(replace(story))["deliveries"]
    assert of_delivery.keys() == real.keys()
    assert {"type", "title", "status", "code", "detail"} == refusal.keys()


# --- the architecture


def key_types() -> dict[str, str]:
    """Keys and their types, as `store.keys` declares them."""
    source = getsource(keys)
    prefixes = re.findall(r'"(fleet:\w+:)",  # \+ .*?; (\w+):', source)
    whole = re.findall(r'= "(fleet:\w+)"\n"""([\w/ ]+):', source)
    return dict(prefixes + whole)


def test_the_table_of_redis_keys_is_that_of_the_store() -> None:
    names = re.findall(r"'(fleet:[^']*)'", keys.lua_table())
    rows = table("ARCHITECTURE.md", "| key | type | what | until |")
    told = {codes(row[0])[0]: row[1] for row in rows}
    assert len(told) == len(rows)
    assert told.keys() == {*names, keys.GATEWAYS}
    assert told == key_types()


def test_the_members_of_the_due_set_are_those_of_the_store() -> None:
    members = [
        due.event("EVENT"),
        due.delivery("DELIVERY"),
        due.tunnel("GATEWAY", "TUNNEL"),
        due.deleted_webhook("GATEWAY", "WEBHOOK"),
        due.removed_subscription("GATEWAY", "SUBSCRIPTION"),
    ]
    assert first_codes(table("ARCHITECTURE.md", "| member | when it is due |")) == members


def test_every_script_is_told() -> None:
    told = first_codes(table("ARCHITECTURE.md", "| script | what it does |"))
    assert sorted(told) == sorted(script.name for script in scripts.every())


def test_every_path_that_is_named_exists() -> None:
    for page in PAGES:
        if page.name != "README.md":
            for path in re.findall(
                r"`((?:cli|config|domain|ingress|relay|store|workers)/[\w./]*)`", page.read_text()
            ):
                assert (ROOT / path).exists(), f"{page.name}: {path}"


# --- all documents


def anchors(page: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    prose = re.sub(r"```.*?```", "", page, flags=re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if not link.startswith("https://"):
            path, _, anchor = link.partition("#")
            target = (page.parent / path) if path else page
            assert target.is_file(), link
            assert not anchor or anchor in anchors(target.read_text()), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_setting_that_is_named_exists(page: Path) -> None:
    known = {f"FLEET_{name.upper()}" for name in settings.Settings.model_fields}
    known |= {settings.PREFIX, settings.ENV_FILE, "FLEET_TEST_"}
    assert set(re.findall(r"FLEET_[A-Z_]*", page.read_text())) <= known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_is_named_exists(page: Path) -> None:
    known = commands()
    groups = {name.partition(" ")[0] for name in known if " " in name}
    quoted = re.findall(r"`([^`\n]+)`|^(?: {4}|\$ )?((?:\./)?fleet .+)$", page.read_text(), re.MULTILINE)
    for text in (inline or line for inline, line in quoted):
        for first, second in re.findall(r"(?:^|[ /(])fleet ([a-z-]+)(?: ([a-z-]+)\b(?!=))?", text):
            assert first in known | OF_THE_SCRIPT, text
            assert first not in groups or not second or f"{first} {second}" in known, text


def test_the_glossary_is_in_order_and_has_each_word_once() -> None:
    words = [row[0] for row in table("docs/glossary.md", "| word | meaning |")]
    assert words == sorted(words, key=str.lower)
    assert len({word.lower() for word in words}) == len(words)
