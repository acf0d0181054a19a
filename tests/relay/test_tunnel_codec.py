"""Frames: what is encoded is decoded again, and nothing else is understood."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.delivery import Outcome
from relay.tunnel.codec import VersionError, decode, encode
from relay.tunnel.fields import printable
from relay.tunnel.messages import (
    MAX_CREDIT,
    MAX_EVENT_TYPE_CHARS,
    MAX_HOLDING,
    MAX_NOTE_CHARS,
    MAX_TEXT_BYTES,
    Beat,
    Bye,
    Confirmed,
    Credit,
    Held,
    Hello,
    Message,
    Parcel,
    Progress,
    ProtocolError,
    Result,
    Results,
    Served,
    Settled,
    Welcome,
    Working,
)
from relay.tunnel.outbox import Outbox
from relay.tunnel.problem import Problem, ProblemCode

core = st.text("0123456789abcdefghjkmnpqrstvwxyz", min_size=23, max_size=23)
deliveries = st.builds("dlv_{}_{}".format, core, core)
counts = st.integers(1, 2**31)
words = st.text("abcdefghijklmnopqrstuvwxyz0123456789._- äß漢", max_size=64)
notes = st.text(max_size=300).map(lambda text: printable(text, MAX_NOTE_CHARS))
seconds = st.floats(0, 1e9)

messages: st.SearchStrategy[Message] = st.one_of(
    st.builds(
        Hello,
        core.map("tun_{}".format),
        st.lists(words, min_size=1, max_size=64).map(tuple),
        st.integers(0, MAX_CREDIT),
        st.lists(st.builds(Held, deliveries, counts, counts), max_size=20).map(tuple),
        words,
        words,
    ),
    st.builds(
        Welcome,
        words,
        seconds,
        seconds,
        st.lists(st.builds(Served, words, core.map("sub_{}".format), counts), min_size=1, max_size=64).map(
            tuple
        ),
    ),
    st.builds(Problem, st.sampled_from(ProblemCode), words),
    st.builds(Credit, st.integers(0, MAX_CREDIT)),
    st.builds(
        Results,
        st.lists(
            st.builds(Result, deliveries, counts, st.sampled_from(Outcome), notes, st.none() | seconds),
            min_size=1,
            max_size=20,
        ).map(tuple),
    ),
    st.builds(
        Settled, st.lists(st.builds(Confirmed, deliveries, counts), min_size=1, max_size=20).map(tuple)
    ),
    st.builds(Progress, st.lists(st.builds(Working, deliveries, counts), min_size=1, max_size=20).map(tuple)),
    st.builds(Beat, st.integers(0, 2**31)),
    st.just(Bye()),
    st.builds(
        Parcel,
        deliveries,
        counts,
        counts,
        counts,
        core.map("evt_{}".format),
        st.text(max_size=300).map(lambda text: printable(text, MAX_EVENT_TYPE_CHARS)),
        core.map("sub_{}".format),
        words,
        words,
        words,
        counts,
        counts,
        st.binary(max_size=500),
    ),
)


@given(messages)
def test_what_is_encoded_is_decoded_again(message: Message) -> None:
    assert decode(encode(message)) == message


@given(st.text(max_size=200) | st.binary(max_size=200))
def test_arbitrary_frames_are_protocol_errors(frame: str | bytes) -> None:
    with pytest.raises(ProtocolError):
        decode(frame)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(messages.filter(lambda message: not isinstance(message, Parcel)), st.data())
def test_a_field_with_another_value_is_understood_or_a_protocol_error(
    message: Message, data: st.DataObject
) -> None:
    content: dict[str, Any] = json.loads(encode(message))
    content[data.draw(st.sampled_from(sorted(content)))] = data.draw(json_values)
    try:
        again = decode(json.dumps(content))
    except ProtocolError:
        return
    assert decode(encode(again)) == again


@given(messages.filter(lambda message: not isinstance(message, Parcel)))
def test_a_field_that_does_not_belong_there_is_a_protocol_error(message: Message) -> None:
    content: dict[str, Any] = json.loads(encode(message))
    with pytest.raises(ProtocolError, match="do not belong"):
        decode(json.dumps({**content, "extra": 1}))


@pytest.mark.parametrize(
    ("frame", "sentence"),
    [
        ("nonsense", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "not a JSON object"),
        ("{}", "lacks the field 'type'"),
        ('{"type":"shout"}', "no message of the type 'shout'"),
        ('{"type":"credit","slots":NaN}', "not JSON"),
        ('{"type":"credit","slots":true}', "whole"),
        ('{"type":"credit","slots":1025}', "within 0 and 1024"),
        ('{"type":"credit","slots":-1}', "within 0 and 1024"),
        ('{"type":"beat"}', "lacks the field 'number'"),
        ('{"type":"beat","number":-1}', "within 0"),
        ('{"type":"results","items":[]}', "1 to 256 entries"),
        ('{"type":"results","items":{}}', "must be a list"),
        ('{"type":"progress","items":[]}', "1 to 256 entries"),
        ('{"type":"progress","items":[["dlv_x",1]]}', "malformed"),
        ('{"type":"settled","items":[["dlv_x",1]]}', "malformed"),
        ('{"type":"problem","code":"mood","sentence":""}', "not one of"),
        (b"", "cut off"),
        (b"\x00\x00\x00\x02no", "not JSON"),
        (b"\xff\xff\xff\xff{}", "cut off"),
        (b"\x00\x00\x00\x09{}", "cut off"),
    ],
)
def test_a_malformed_frame_is_told_from_its_mistake(frame: str | bytes, sentence: str) -> None:
    with pytest.raises(ProtocolError, match=sentence):
        decode(frame)


def test_another_version_is_told_even_when_the_rest_cannot_be_read() -> None:
    with pytest.raises(VersionError, match=r"version 2 .* version 3"):
        decode('{"type":"hello","version":3,"news":[]}')


def test_the_largest_hello_fits_into_a_text_frame() -> None:
    held = Held(f"dlv_{'z' * 23}_{'z' * 23}", 2**31, 2**31)
    hello = Hello("tun_" + "z" * 23, ("n" * 64,) * 64, MAX_CREDIT, (held,) * MAX_HOLDING, '"' * 64, '"' * 64)
    assert len(encode(hello)) < MAX_TEXT_BYTES


@given(st.text(max_size=300), st.integers(0, 200))
def test_printable_makes_any_text_fit(text: str, most: int) -> None:
    made = printable(text, most)
    assert made.isprintable()
    assert len(made) <= most
    assert made == text[:most] or not text[:most].isprintable()


@given(st.lists(messages, max_size=30))
def test_an_outbox_keeps_order_and_loses_nothing(sent: list[Message]) -> None:
    outbox = Outbox()
    for message in sent:
        outbox.put(message)
    assert bool(outbox) == bool(sent)
    decoded = [decode(frame) for frame in outbox.frames()]
    assert _flat(decoded) == _flat(sent)
    assert not outbox
    assert outbox.frames() == []


def _flat(given: list[Message]) -> list[object]:
    return [
        part
        for message in given
        for part in (message.items if isinstance(message, Results | Progress | Settled) else [message])
    ]


def test_an_outbox_joins_up_to_the_bound() -> None:
    outbox = Outbox()
    for number in range(600):
        outbox.put(Settled((Confirmed(f"dlv_{'0' * 23}_{'0' * 23}", number + 1),)))
    sizes = [len(message.items) for frame in outbox.frames() if isinstance(message := decode(frame), Settled)]
    assert sizes == [256, 256, 88]
