"""The documents say what the code does: what can be compared is compared, and every link leads somewhere."""

import re
from inspect import getsource
from pathlib import Path

import pytest

from cli.targets.surroundings import ALWAYS
from config import settings
from domain import variables
from domain.delivery import DeliveryState, Step
from domain.event import HOP_BY_HOP, EventState, Rejection, Request
from domain.ledger import (
    DELIVERY_CREATED,
    DELIVERY_PLACES,
    EVENT_ACCEPTED,
    EVENT_PLACES,
    STORED_BYTES,
    STORED_EVENTS,
)
from domain.reasons import ADDRESS_AT_HOME, CLOCKS_AT_HOME, INVALID_AT_HOME
from domain.senders import SENDERS
from domain.senders.diagnosis import Cause
from ingress import answers
from relay.connector.outgoing import outgoing_headers
from relay.connector.target import Arrival
from relay.connector.targets import group, lines, prompt, rendering
from relay.connector.targets import http as http_target
from store import due, keys, scripts
from tests.documents import PAGES, ROOT, codes, commands, first_codes, read, table

MOVING = (EVENT_ACCEPTED, DELIVERY_CREATED, STORED_EVENTS, STORED_BYTES)
OF_THE_SCRIPT = {"test", "check", "bench"}
PATHS = r"`((?:cli|config|domain|ingress|relay|store|workers)/[\w./]*)`"


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
    assert set(lines) == {*EVENT_PLACES, *DELIVERY_PLACES, *MOVING}


def test_every_note_of_ours_is_told() -> None:
    files = [*(ROOT / "relay").rglob("*.py"), *(ROOT / "workers").rglob("*.py")]
    source = "".join(file.read_text() for file in files)
    said = set(re.findall(r'Answer\(Outcome\.\w+, "([^"]+)"', source))
    notes = getsource(http_target)
    of_home = {INVALID_AT_HOME, CLOCKS_AT_HOME, ADDRESS_AT_HOME}
    said |= set(re.findall(r'return "([^"]+)"', notes)) | of_home
    told = set(first_codes(table("docs/deliveries.md", "| note | meaning |")))
    assert len(said) > 5
    assert said <= told
    assert all(f'"{note}"' in source for note in told - of_home)


def test_every_cause_of_a_wrong_signature_is_explained() -> None:
    assert first_codes(table("docs/signatures.md", "| cause | meaning |")) == [*Cause]


# --- the public door


def test_every_answer_of_the_public_door_is_told() -> None:
    rows = table("docs/public-door.md", "| status | when | headers | body |")
    ours = [each for each in vars(answers).values() if isinstance(each, answers.Answer)]
    ours += [answers.unavailable(1, "full"), answers.limited(1, 1), answers.accepted("evt", 1, 1)]
    told = {int(row[0]) for row in rows}
    assert told == {200, 204, 408, 431, 501} | {each.status for each in ours}
    assert {codes(row[2])[0] for row in rows if row[0] == "405"} == {"Allow: POST"}


def test_the_handshakes_of_every_sender_are_told() -> None:
    rows = table("docs/public-door.md", "| sender | question | what vouches for it | answer |")
    asked = [name for row in rows for name in row[0].split(", ")]
    asking = [sender for sender in SENDERS.values() if sender.handshakes]
    found = {name: [sender.key for sender in asking if sender.title.startswith(name)] for name in asked}
    assert all(len(keys) == 1 for keys in found.values()), found
    assert {keys[0] for keys in found.values()} == {sender.key for sender in asking}


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
    arrival = Arrival("dlv", 1, "evt", "push", "app", "hook", "github", "", 1, 30, request)
    added = {name for name, _ in outgoing_headers(arrival)}
    told = {name.lower() for name in first_codes(table("docs/public-door.md", "| header | meaning |"))}
    assert told == added | {"host"}


# --- targets


def test_the_variables_of_programs_are_told() -> None:
    rows = table("docs/targets.md", "| variable | what stands there |")
    assert {codes(row[0])[0]: row[1] for row in rows} == variables.MEANINGS


def test_the_bounds_of_prompts_and_output_are_told() -> None:
    page = read("docs/targets.md")
    for bound in (rendering.MAX_VALUE_CHARS, rendering.MAX_PROMPT_CHARS, lines.MAX_LINES):
        assert f"{bound:,}" in page
    assert f"within\n{prompt.TIME_S:.0f} seconds" in page
    assert f"`SIGKILL` {group.GRACE_S:.0f} seconds later" in page
    assert ", ".join(f"`{name}`" for name in ALWAYS[:-1]) + f" and `{ALWAYS[-1]}`" in page


# --- Git


def test_the_conditions_of_repos_are_quoted_as_they_are_said() -> None:
    files = [*(ROOT / "workers/git").glob("*.py"), ROOT / "relay/server/api/repo_views.py"]
    sentences = re.sub(r'"\s*f?"', "", "".join(file.read_text() for file in files))
    rows = table("docs/git.md", "| condition | what it says | what to do |")
    quoted = [code for row in rows for code in codes(row[1])]
    assert len(quoted) > 15
    assert [each for each in [*quoted, *first_codes(rows)] if each not in sentences] == []


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
        due.repo("REPO"),
        due.tunnel("GATEWAY", "TUNNEL"),
        due.deleted_webhook("GATEWAY", "WEBHOOK"),
        due.removed_subscription("GATEWAY", "SUBSCRIPTION"),
    ]
    assert first_codes(table("ARCHITECTURE.md", "| member | when it is due |")) == members


def test_every_script_is_told() -> None:
    told = first_codes(table("ARCHITECTURE.md", "| script | what it does |"))
    assert sorted(told) == sorted(script.name for script in scripts.every())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_that_is_named_exists(page: Path) -> None:
    for path in re.findall(PATHS, page.read_text()):
        assert (ROOT / path).exists(), path


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
    known |= {settings.PREFIX, settings.ENV_FILE, "FLEET_TEST_", *variables.MEANINGS}
    known |= {"FLEET_HEADER_X_GITHUB_EVENT"}
    assert set(re.findall(r"FLEET_[A-Z_]*", page.read_text())) <= known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_is_named_exists(page: Path) -> None:
    known = commands()
    groups = {name.partition(" ")[0] for name in known if " " in name}
    quoted = re.findall(r"`([^`\n]+)`|^(?: {4}|\$ )?((?:\./)?fleet .+)$", page.read_text(), re.MULTILINE)
    for text in (inline or line for inline, line in quoted):
        for first, second in re.findall(r"(?:^|[ /(])fleet ([a-z][a-z-]*)(?: ([a-z][a-z-]*)\b(?!=))?", text):
            assert first in known | OF_THE_SCRIPT, text
            assert first not in groups or not second or f"{first} {second}" in known, text


def test_the_glossary_is_in_order_and_has_each_word_once() -> None:
    words = [row[0] for row in table("docs/glossary.md", "| word | meaning |")]
    assert words == sorted(words, key=str.lower)
    assert len({word.lower() for word in words}) == len(words)
