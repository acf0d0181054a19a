"""Expressions are checked when a subscription is made: what is wrong is said, with its place."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInputError
from domain.expression.failure import Failure
from domain.expression.judging import Judge
from domain.expression.language import MAX_EXPRESSION_CHARS, checked_expression
from domain.senders.samples import SAMPLES, Blanks
from domain.senders.samples.imitation import closest
from tests.documents import ROOT
from tests.expression_facts import facts_of


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        ("body.action ==", "line 1, column 15: Syntax error"),
        ("true &&\n  bdy.x == 1", "line 2, column 6: undeclared reference to 'bdy.x'."),
        ("event.typ == 'push'", "undeclared reference to 'event.typ'."),
        ("event == 1", "undeclared reference to 'event'."),
        ("event.type == 1", "no matching overload"),
        ("body.flag", "has to be true or false; this one is of any type: compare it with something"),
        ("1 + 2", "has to be true or false; this one is of type int"),
        ("   ", "Syntax error"),
        ("true\x00", "no control characters"),
        ("true\x1b[2J", "no control characters"),
        (" " * MAX_EXPRESSION_CHARS + "x", f"at most {MAX_EXPRESSION_CHARS} characters"),
        ("(" * 60 + "true" + ")" * 60, "recursion limit exceeded"),
        ("[1].all(x, " * 60 + "true" + ")" * 60, "recursion limit exceeded"),
        ("body.x.lowerAscii() == 'x'", "undeclared reference to 'lowerAscii'"),
        ("google.protobuf.Any{}", "has to be true or false"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_place(expression: str, sentence: str) -> None:
    with pytest.raises(InvalidInputError, match=re.escape(sentence)) as refused:
        checked_expression(expression)
    assert refused.value.field == "expression"
    assert len(str(refused.value)) < 800
    assert "\n" not in str(refused.value)


def test_what_can_be_used_stays_as_it_is() -> None:
    for expression in ("", "true", 'body.action == "opened" &&\n\t!body.draft'):
        assert checked_expression(expression) == expression


@given(st.text(max_size=80))
def test_any_text_is_an_expression_or_refused(text: str) -> None:
    with suppress(InvalidInputError):
        assert checked_expression(text) == text


WORDS = "body .a ['a'] && || ! ( ) == 1 'x' event.type .all(x, x [ ]"
PIECES = st.sampled_from(WORDS.split())


@given(st.lists(PIECES, max_size=30).map(" ".join))
def test_what_looks_like_one_is_an_expression_or_refused(text: str) -> None:
    try:
        checked_expression(text)
    except InvalidInputError:
        return
    assert text == "" or Judge(facts_of()).judge(text) != Failure.INVALID


def documented() -> list[tuple[str, str, str]]:
    """Sender, event type and expression of each example in the document."""
    text = (ROOT / "docs/filters.md").read_text()
    examples = text[text.index("## Examples") : text.index("## Why did it not arrive?")]
    found: list[tuple[str, str, str]] = []
    sender = kind = ""
    for said, expression in re.findall(r"\n\n((?:[^\n]+\n)+)\n```cel\n([^\n]*)\n```", examples):
        sender = next((each for each in SAMPLES if said.lower().startswith(f"{each}.")), sender)
        asked = re.search(r"--events '?([^`']+)", said)
        kind = asked[1] if asked else kind
        found.append((sender, kind, expression))
    return found


@pytest.mark.parametrize(("sender", "kind", "expression"), documented())
def test_the_examples_of_the_document_work_on_events_of_their_senders(
    sender: str, kind: str, expression: str
) -> None:
    checked_expression(expression)
    request = closest(SAMPLES[sender], kind).request(Blanks.at(1_800_000_000_000, bytes(16)))
    facts = facts_of(request.body, *request.headers, event_type=kind, event_types=(kind,), sender=sender)
    assert isinstance(Judge(facts).judge(expression), bool)


def test_there_are_examples_for_the_senders_that_are_promised() -> None:
    assert {"github", "gitlab", "stripe", "slack"} == {sender for sender, _, _ in documented()}
    assert len(documented()) > 8
