"""YAML and JSON in files: read as Kubernetes reads them, bounded, and refused without a word of a value."""

import json
import time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cli import documents
from cli.documents import MAX_DEPTH, UnreadableTextError, json_documents, loader_of, yaml_documents

CANARY = "S3cret"


@pytest.fixture(params=["CSafeLoader", "SafeLoader"], autouse=True)
def _loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both builds of PyYAML: with libyaml, and without."""
    monkeypatch.setattr(documents, "LOADER", loader_of(getattr(yaml, request.param)))


def only(text: str) -> object:
    (found,) = yaml_documents(text)
    return found.content


def refusal(text: str) -> str:
    with pytest.raises(UnreadableTextError) as caught:
        yaml_documents(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("main", "main"),
        ("1.2", 1.2),
        ("1.2.3", "1.2.3"),
        ("15", 15),
        ("0x10", 16),
        ("-7", -7),
        ("1_000", 1000),
        ("12e4567", "12e4567"),
        ("2026-01-31", "2026-01-31"),
        ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z"),
        ("1:30", "1:30"),
        ("15s", "15s"),
        ("true", True),
        ("yes", True),
        ("off", False),
        ("y", "y"),
        ("null", None),
        ("~", None),
        ("", None),
        ("'15'", "15"),
        ('"true"', "true"),
        ("!!str 15", "15"),
        ("=", "="),
        (".inf", ".inf"),
        ("|\n    two\n    lines\n", "two\nlines\n"),
        ("[a, 1, {b: c}]", ["a", 1, {"b": "c"}]),
    ],
)
def test_values_are_what_kubernetes_takes_them_for(text: str, content: object) -> None:
    found = only(f"key: {text}")
    assert found == {"key": content}
    assert isinstance(found, dict)
    assert type(found["key"]) is type(content)


def test_documents_know_where_they_begin() -> None:
    text = "# repos\na: 1\n---\n---\n# nothing\n---\n\nb: 2\n...\n---\nc: 3\n"
    found = [(each.line, each.content) for each in yaml_documents(text)]
    assert found == [(2, {"a": 1}), (6, {"b": 2}), (10, {"c": 3})]


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n", "---\n---\n...\n"])
def test_where_nothing_stands_there_is_no_document(text: str) -> None:
    assert yaml_documents(text) == []


def test_anchors_and_merged_mappings() -> None:
    text = """
        base: &base {branch: main, paths: [a]}
        one: {<<: *base, repo: x}
        two: {<<: [*base, {revision: v1}], branch: dev}
    """
    assert only(text) == {
        "base": {"branch": "main", "paths": ["a"]},
        "one": {"branch": "main", "paths": ["a"], "repo": "x"},
        "two": {"branch": "dev", "paths": ["a"], "revision": "v1"},
    }


def test_an_anchor_counts_in_its_own_document() -> None:
    assert "alias" in refusal("a: &x 1\n---\nb: *x\n")


def bomb(levels: int, width: int, merge: str = "") -> str:
    lines = ["a0: &a0 {k: v}"]
    for level in range(1, levels):
        items = ", ".join([f"*a{level - 1}"] * width)
        lines.append(f"a{level}: &a{level} " + (f"{{<<: [{items}]}}" if merge else f"[{items}]"))
    return "\n".join(lines)


@pytest.mark.parametrize("merge", ["", "<<"])
def test_an_alias_bomb_is_refused_before_it_is_built(merge: str) -> None:
    began = time.perf_counter()
    assert "too much" in refusal(bomb(30, 9, merge))
    assert time.perf_counter() - began < 2


def test_what_is_repeated_within_reason_is_read() -> None:
    assert isinstance(only(bomb(5, 9)), dict)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "a: " + "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1),
        "{a: " * (MAX_DEPTH + 1) + "1" + "}" * (MAX_DEPTH + 1),
        "\n".join("- " * (number + 1) for number in range(MAX_DEPTH + 1)),
        "- &a0 [x]\n" + "\n".join(f"- &a{level} [*a{level - 1}]" for level in range(1, 1300)),
    ],
    ids=["unclosed", "lists", "mappings", "blocks", "aliases"],
)
def test_what_is_nested_too_deep_is_refused(text: str) -> None:
    assert "nested too deep" in refusal(text)


def test_as_deep_as_may_be() -> None:
    text = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert json.dumps(only(text)) == text


def test_what_holds_itself_is_refused() -> None:
    assert "line 2: an alias" in refusal("a: 1\nb: &b [*b]\n")
    assert "line 1: an alias" in refusal("&b {a: *b}\n")


def test_more_than_may_be_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_NODES", 10)
    assert only(str(list(range(9)))) == list(range(9))
    assert "line 1: there is too much" in refusal(str(list(range(10))))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: 2\na: 3\n", 3),
        ("a: {b: 1, b: 2}", 1),
        ("a: {b: [x, {c: 1, 'c': 2}]}", 1),
        ("- {a: 1}\n- {a: 1, b: 1,\n a: 2}", 3),
    ],
)
def test_a_name_that_stands_twice_is_refused(text: str, line: int) -> None:
    assert refusal(text).startswith(f"line {line}: a name stands in the same mapping for the second time")


def test_the_same_name_elsewhere_is_none() -> None:
    assert only("{a: {a: [a, a, {a: a}]}, b: a}") == {"a": {"a": ["a", "a", {"a": "a"}]}, "b": "a"}


@pytest.mark.parametrize("text", ["? [a]\n: b", "{{a: b}: c}", "- &x a\n- {*x : b}"])
def test_a_name_is_a_text(text: str) -> None:
    assert "where a name belongs" in refusal(text)


@pytest.mark.parametrize(
    "tag", ["!mine", "!!python/object:os.system", "!!binary", "!!timestamp", "!!int", "!!set", "!", "!<x>"]
)
def test_tags_are_refused(tag: str) -> None:
    for text in (f"a: {tag} x", f"a: {tag} {{x}}", f"a: {tag} [x]"):
        assert "tag" in refusal(text)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: c: d\n", 2),
        ("a: 1\n b: 2\n", 2),
        ("a: 'x\n", None),
        ("a:\n\t- b\n", 2),
        ("a: @x\n", 1),
        ("a: [1\n", None),
        ("a: \x00\n", None),
        ("a: " + "9" * 5000, None),
    ],
)
def test_what_is_no_yaml_is_refused_with_its_line(text: str, line: int | None) -> None:
    sentence = refusal(text)
    assert line is None or sentence.startswith(f"line {line}: this is no YAML")
    assert "quotes" in sentence


@pytest.mark.parametrize(
    "text",
    [
        f"a: *{CANARY}",
        f"a: !{CANARY} x",
        f"a: !!{CANARY} x",
        f"a: '{CANARY}",
        f"a: x: {CANARY}",
        f"a: @{CANARY}",
        f'a: "\\{CANARY}"',
        f"%{CANARY} x\na: b",
        f"a: |{CANARY}",
        f"a: &{CANARY}! b",
        f"{CANARY}: 1\n{CANARY}: 2",
        f"- {CANARY}\nb: c",
        f"a: [{CANARY}",
        f"a: {CANARY}\n\tb",
        f"a: {CANARY}\x00",
        f"? [{CANARY}]\n: b",
        f"<<: {CANARY}",
    ],
)
def test_nothing_of_the_text_is_told(text: str) -> None:
    sentence = refusal(text)
    assert CANARY not in sentence
    assert CANARY not in repr(UnreadableTextError(1, sentence).__cause__)


def test_nothing_of_a_document_is_shown() -> None:
    assert CANARY not in repr(yaml_documents(f"a: {CANARY}"))


@given(st.text(alphabet=st.sampled_from("ab:-[]{},&*!?|>'\"#%@ \n\t\\01.~<"), max_size=60))
def test_whatever_stands_there_is_read_or_refused(text: str) -> None:
    try:
        found = yaml_documents(text)
    except UnreadableTextError:
        return
    json.dumps([each.content for each in found])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(JSON.filter(lambda content: content is not None))
def test_what_is_written_is_read(content: object) -> None:
    assert only(yaml.safe_dump(content)) == content
    (found,) = json_documents(json.dumps(content))
    assert found.content == content


def test_json_of_null_is_no_document() -> None:
    assert json_documents(" null ") == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "line 1: this is no JSON"),
        ('{"a": 1,\n}', "no JSON"),
        (f'{{"a": {CANARY}}}', "line 1: this is no JSON"),
        (f'{{"{CANARY}": 1, "{CANARY}": 2}}', "second time"),
        ('{"a": NaN}', "NaN"),
        ("[" * 100_000, "nested too deep"),
        ("9" * 5000, "too long"),
    ],
)
def test_what_is_no_json_is_refused(text: str, words: str) -> None:
    with pytest.raises(UnreadableTextError, match=words) as caught:
        json_documents(text)
    assert CANARY not in str(caught.value)
