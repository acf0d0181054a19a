"""Prompts: values are data, whatever stands in them; what they make of a template is bounded and said."""

import json
import os
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInputError
from relay.connector.targets import prompt, rendering
from relay.connector.targets.prompt import Prompt, PromptError
from relay.connector.targets.rendering import MAX_VALUE_CHARS, RenderingError, mistake_in, rendered
from tests.http_arrival import arrival

FENCE = "f3ce"


def said(template: str, body: str = "{}", **event: Any) -> str:
    return rendered(template, {"event": event, "headers": {}, "body": body}, FENCE)


@pytest.mark.parametrize(
    ("template", "body", "text"),
    [
        ("{{ event.type }}!\n", "{}", "push!\n"),
        ("{{ body }}", "{{ 7 * 7 }}{% raw %}", "{{ 7 * 7 }}{% raw %}"),
        ("{{ json.a.b }}", '{"a": {"b": "x"}}', "x"),
        (
            "{{ json.a }}",
            '{"a": {"b": ["\u00fc", 1, null]}}',
            '{\n  "b": [\n    "\u00fc",\n    1,\n    null\n  ]\n}',
        ),
        ("{{ json.a.b.c | default('none') }}", "no JSON", "none"),
        ("{% for each in json %}{{ each }},{% endfor %}", "[1, 2]", "1,2,"),
        ("{{ json.items }}{{ json.a.values | default('-') }}", '{"items": "x", "a": {}}', "x-"),
        ("{% for name, each in json | items %}{{ name }}={{ each }};{% endfor %}", '{"get": 1}', "get=1;"),
        ("{{ body | fenced }}", "x", f"<data-{FENCE}>\nx\n</data-{FENCE}>"),
        ("{{ body }}", "a\x1b[2J\x00\u202e\U000e0041b\r\nc\td", "a\ufffd[2J\ufffd\ufffd\ufffdb\nc\td"),
    ],
)
def test_a_template_is_filled_in(template: str, body: str, text: str) -> None:
    assert said(template, body, type="push") == text


@given(st.text(), st.text())
def test_no_value_is_ever_read_as_template(body: str, kind: str) -> None:
    template = "<{{ body }}|{{ event.type }}|{{ body | fenced }}>"
    body_text, kind_text = rendering.bounded(body), rendering.bounded(kind)
    fenced = f"<data-{FENCE}>\n{body_text}\n</data-{FENCE}>"
    assert said(template, body, type=kind) == f"<{body_text}|{kind_text}|{fenced}>"


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_nothing_in_a_value_commands_a_terminal_or_hides(text: str) -> None:
    shown = rendering.plain(text)
    assert not any(ord(each) < 32 and each not in "\n\t" for each in shown)
    assert not set(shown) & {"\x7f", "\x9b", "\u202e", "\u200b", "\ufeff", "\U000e0041"}


@pytest.mark.parametrize(
    "hidden",
    [
        "\U000e0100\U000e01ef",  # variation selectors spell out bytes
        "\ufe00\ufe0d",
        "\u115f\u1160\u3164\uffa0",  # fillers of Hangul are letters
        "\u034f\u17b4\u17b5\u180b\u180c\u180d\u180f",
        "\u2800",
    ],
)
def test_letters_and_marks_that_are_drawn_as_nothing_hide_nothing(hidden: str) -> None:
    assert said("{{ body }}", f"a{hidden}b") == f"a{chr(0xFFFD) * len(hidden)}b"


def test_an_emoji_stays_as_it_was_written() -> None:
    assert said("{{ body }}", "\u2764\ufe0f") == "\u2764\ufe0f"


def test_a_long_value_is_cut_and_says_so() -> None:
    shown = said("{{ body }}", "x" * 1_000_000)
    assert shown == "x" * MAX_VALUE_CHARS + "\n[cut here: 65,536 of 1,000,000 characters]"
    assert said("{{ body | fenced }}", "x" * 1_000_000).endswith(f"characters]\n</data-{FENCE}>")


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{{ json.missing }}", "'dict object' has no attribute 'missing'"),
        ("{% for each in body %}{{ body }}{% endfor %}", "longer than 262,144 characters"),
        ("{{ 1 // json.zero }}", "ZeroDivisionError"),
        ("{{ ''.__class__.__mro__ }}", "unsafe"),
        ("{{ json.update({}) }}", "has no attribute 'update'"),
    ],
)
def test_what_makes_no_prompt_says_why(template: str, reason: str) -> None:
    with pytest.raises(RenderingError, match=reason):
        said(template, json.dumps({"zero": 0, "text": "x" * 100_000}))


@pytest.mark.parametrize(
    ("template", "mistake"),
    [
        ("{{ body", "line 1: "),
        ("a\n{% endfor %}", "line 2: "),
        ("{{ body | nonsense }}", "No filter named 'nonsense'"),
        ("{{ evnt.type }}", "there is no 'evnt'; a prompt can use body, event, fence, headers, json."),
        ("{% include 'other' %}", "cannot include"),
        ("{{ event.type }} {% set x = 1 %}{{ x }} {{ range(3) }}", ""),
    ],
)
def test_a_wrong_template_is_told_before_anything_arrives(template: str, mistake: str) -> None:
    found = mistake_in(template)
    assert (mistake in found) if mistake else not found
    if mistake:
        with pytest.raises(InvalidInputError):
            Prompt(template, os.urandom)


async def test_a_prompt_is_made_in_a_process_that_knows_nothing_of_us() -> None:
    made = Prompt(
        "{{ event.id }} {{ event.type }} {{ event.sender }} {{ event.verified }} {{ event.attempt }}"
        " {{ headers['x-kind'] }} {{ headers.other | default('-') }} {{ json.a }} {{ fence }}",
        lambda count: b"\xab" * count,
        ("x-kind",),
    )
    sent = arrival(b'{"a": "\xc3\xbc"}', headers=((b"x-kind", b"\xff1"), (b"other", b"secret")))
    text = (await made.text_for(sent)).decode()
    assert text == "evt_1 push github github 3 \ufffd1 - \u00fc " + "ab" * 12


async def test_what_would_take_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompt, "TIME_S", 1.0)
    endless = "{% for a in json %}{% for b in json %}{% for c in json %}{% endfor %}{% endfor %}{% endfor %}"
    with pytest.raises(PromptError, match="make its loops smaller"):
        await Prompt(endless, os.urandom).text_for(arrival(json.dumps([0] * 100_000).encode()))


async def test_what_would_take_too_much_memory_is_given_up() -> None:
    with pytest.raises(PromptError, match="memory"):
        await Prompt("{{ 'x' * json }}", os.urandom).text_for(arrival(b"10000000000"))


@pytest.mark.parametrize("body", [b"[" * 100_000, b"9" * 100_000, b"\xff\xfe", b""])
async def test_a_hostile_body_is_only_no_json(body: bytes) -> None:
    text = await Prompt("{{ 'none' if json is none else 'some' }}", os.urandom).text_for(arrival(body))
    assert text == b"none"
