"""Laws of handshakes: nothing without the marks is one, and no answer holds more than it may."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.event import Request
from domain.senders import SENDERS, may_ask
from domain.senders.answer import MAX_ECHO_CHARS
from domain.senders.handshake import MAX_QUESTION_BYTES, Handshake, Proof, QueryToken, asked
from domain.senders.mark import EmptyList, Has, JsonNumber, Lacks, Mark, Says, is_in_body
from domain.senders.reply import Mac, Reply
from domain.senders.source import FormField, Header, JsonField, Query, Source
from tests.questions import answered, form, get, post

MOST_BYTES = 4 * MAX_ECHO_CHARS
"""Of any answer: a challenge or two of them, which JSON may double, and what stands around them."""

HANDSHAKES = {key: sender.handshakes for key, sender in SENDERS.items() if sender.handshakes}
EACH = [(key, each) for key, handshakes in HANDSHAKES.items() for each in handshakes]
MARKED = [(key, each) for key, each in EACH if each.marks]
names = [f"{key}: {each.name}" for key, each in EACH]


@dataclass
class Draft:
    """A request in the making."""

    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    document: dict[str, object] = field(default_factory=dict)

    def write(self, source: Source, value: str) -> None:
        match source:
            case Header(name):
                self.headers[name.lower()] = value
            case Query(name):
                self.query[name] = value
            case FormField(name):
                self.fields[name] = value
            case JsonField(path):
                self.document |= nested(path, value)
            case other:
                raise AssertionError(other)

    def bear(self, mark: Mark, value: str) -> None:
        match mark:
            case Says(source, said):
                self.write(source, said.decode())
            case Has(source):
                self.write(source, value)
            case JsonNumber(path, number):
                self.document |= nested(path, number)
            case EmptyList(path):
                self.document |= nested(path, [])
            case Lacks():
                pass


def request_with(handshake: Handshake, value: str) -> Request:
    """A request that bears all marks of a handshake, with a value wherever any value will do."""
    draft = Draft()
    for mark in handshake.marks:
        draft.bear(mark, value)
    if isinstance(handshake.proof, QueryToken):
        draft.query[handshake.proof.source.name] = "token"
    if handshake.methods[0] != "POST":
        return get(draft.query, handshake.methods[0], **draft.headers)
    if draft.fields:
        return form(urlencode(draft.fields).encode(), **draft.headers)
    return replace(post(draft.document, **draft.headers), query=get(draft.query).query)


def nested(path: str, value: object) -> dict[str, object]:
    first, _, rest = path.partition(".")
    return {first: nested(rest, value) if rest else value}


def without(request: Request, mark: Has | Says) -> Request:
    """The same request without what one mark asks for."""
    match mark.source:
        case Header() as source:
            return replace(request, headers=tuple(line for line in request.headers if line[0] != source.key))
        case Query():
            return replace(request, query=b"")
        case _:
            return replace(request, body=b"{}")


@pytest.mark.parametrize(("key", "handshake"), EACH, ids=names)
def test_a_request_with_all_marks_is_that_handshake(key: str, handshake: Handshake) -> None:
    question = asked(HANDSHAKES[key], request_with(handshake, "value"))
    assert question is not None
    assert question.handshake == handshake


@pytest.mark.parametrize(("key", "handshake"), MARKED)
def test_a_request_that_lacks_a_mark_is_not_that_handshake(key: str, handshake: Handshake) -> None:
    whole = request_with(handshake, "value")
    for mark in handshake.marks:
        if isinstance(mark, Has | Says):
            assert not asked([handshake], without(whole, mark)), (key, mark)


@pytest.mark.parametrize(("key", "handshake"), EACH, ids=names)
def test_no_other_method_asks_it(key: str, handshake: Handshake) -> None:
    whole = request_with(handshake, "value")
    for method in {"GET", "HEAD", "POST", "PUT", "OPTIONS"} - set(handshake.methods):
        question = asked([handshake], replace(whole, method=method))
        assert question is None, (key, method)


@pytest.mark.parametrize(("key", "handshake"), EACH, ids=names)
def test_what_may_ask_is_known_by_its_head(key: str, handshake: Handshake) -> None:
    whole = request_with(handshake, "value")
    head = replace(whole, body=b"")
    assert may_ask(HANDSHAKES[key], head, len(whole.body))
    assert not may_ask(HANDSHAKES[key], head, MAX_QUESTION_BYTES + 1)
    assert not may_ask(HANDSHAKES[key], head, None)


@pytest.mark.parametrize("handshake", [each for _, each in MARKED if any(map(is_in_body, each.marks))])
def test_a_large_body_is_never_a_question(handshake: Handshake) -> None:
    whole = request_with(handshake, "value")
    if whole.body.endswith(b"}"):
        room = MAX_QUESTION_BYTES - len(whole.body)
        assert asked([handshake], replace(whole, body=whole.body + b" " * room))
        assert not asked([handshake], replace(whole, body=whole.body + b" " * (room + 1)))


bodies = st.one_of(
    st.binary(max_size=200),
    st.recursive(
        st.none() | st.integers(0, 3) | st.text(max_size=5),
        lambda kids: st.lists(kids, max_size=3),
        max_leaves=5,
    ).map(lambda value: json.dumps(value).encode()),
    st.dictionaries(
        st.sampled_from(["Type", "tipe", "Challenge", "event_", "payload", "topics", "Events"]),
        st.sampled_from(["url_verification", 1, 0, [], "ping", "endpoint.url_validation"]),
    ).map(lambda value: json.dumps(value).encode()),
)
headers = st.lists(
    st.tuples(
        st.sampled_from(
            [b"x-github-events", b"x-event-keys", b"content-type", b"x-hook", b"x-hub-signature"]
        ),
        st.sampled_from([b"ping", b"diagnostics:ping", b"application/x-www-form-urlencoded", b"\xff", b""]),
    ),
    max_size=4,
).map(tuple)


@given(
    st.sampled_from([key for key in HANDSHAKES if key != "vercel"]),
    st.sampled_from(["GET", "POST", "PUT", "OPTIONS"]),
    st.sampled_from([b"", b"Challenge=1", b"hub.mode=unsubscribe&hub.challenge=1", b"validationtoken=1"]),
    headers,
    bodies,
)
@example("discord", "POST", b"", (), b'{"type":' * 1500)
@example("slack", "POST", b"", (), b"[" * 100_000 + b'"type": "url_verification", "challenge":')
@example("line", "POST", b"", (), b'{"events":[' * 1400)
def test_no_request_without_the_marks_is_a_handshake(
    key: str, method: str, query: bytes, lines: tuple[tuple[bytes, bytes], ...], body: bytes
) -> None:
    assert asked(HANDSHAKES[key], Request(method, b"", query, lines, body)) is None


values = st.text(max_size=1200) | st.sampled_from(["a\r\nb: c", "\x00", '"\\' * 500, "<script>", "x" * 1001])


@given(st.sampled_from(EACH), values, st.lists(st.sampled_from([b"", b"s"]), max_size=2), values)
def test_an_answer_is_bounded_printable_and_no_page(
    each: tuple[str, Handshake], value: str, secrets: list[bytes], setting: str
) -> None:
    key, handshake = each
    request = request_with(handshake, value)
    parameters: Mapping[str, str] = {"verify_token": "token" if key == "meta" else setting}
    answer = answered(key, request, secrets, parameters)
    if answer is None:
        return
    assert answer.status in (200, 204, 401, 403)
    assert answer.content_type in ("text/plain; charset=utf-8", "application/json")
    assert len(answer.body) <= MOST_BYTES
    assert answer.body.decode("ascii").isprintable()
    assert answer.captured is None or 0 < len(answer.captured) <= MAX_ECHO_CHARS
    for name, said in answer.headers:
        assert name == name.lower()
        assert 0 < len(said) <= MAX_ECHO_CHARS
        assert said.decode("ascii").isprintable()


@pytest.mark.parametrize(("key", "handshake"), EACH, ids=names)
@pytest.mark.parametrize(
    "body",
    [
        b'"type"' * 2700,
        b'"type"' + b" " * 16_000,
        b'"events":[' + b" " * 16_000,
        (b'"type":' + b" " * 50) * 280,
        b"ssl_check=" * 1600,
        b'{"type":1,"a":' + b"[" * 16_000,
    ],
)
def test_a_body_made_to_be_searched_long_is_not(key: str, handshake: Handshake, body: bytes) -> None:
    request = replace(request_with(handshake, "value"), method="POST", body=body)
    began = time.process_time()
    for _ in range(10):
        asked(HANDSHAKES[key], request)
    assert time.process_time() - began < 1


def test_marks_outside_of_the_body_do_not_read_it() -> None:
    only_head = Handshake("head", (Has(Query("a")), Lacks(Header("b"))), Reply())
    request = post(b"[" * 1_000_000, query=b"a=1")
    assert asked([only_head], request) is not None


def test_a_computed_answer_needs_the_secret_of_a_signature() -> None:
    reply = Reply(text=Mac(JsonField("a")))
    for proof in (Proof.NOTHING, Proof.SIGNATURE_WHEN_SECRET, QueryToken(Query("t"), "t")):
        with pytest.raises(ValueError, match="key"):
            Handshake("made up", (Has(JsonField("a")),), reply, proof=proof)
