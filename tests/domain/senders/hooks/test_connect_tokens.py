"""Jira's Connect apps: which tokens count, and for which requests."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.event import Rejection, Request
from domain.senders import SENDERS, Site
from domain.senders.content import Content
from domain.senders.hooks.jira_connect import query_hashes
from domain.senders.hooks.jwt import encoded
from tests.hooked_senders import NOW, NOW_S, Finding, hs256, judged, piece, post, rs256

SECRET = b"the shared secret of the installation"
SITE = Site("https://hooks.example.org/t/TOKEN")
PATH, QUERY = b"/issues", b"user_id=admin&name=a+b"


def qsh(canonical: str) -> str:
    return hashlib.sha256(canonical.encode()).hexdigest()


def claims(**changes: object) -> dict[str, object]:
    made: dict[str, object] = {
        "iss": "jira:1234",
        "iat": NOW_S,
        "exp": NOW_S + 180,
        "qsh": qsh("POST&/issues&name=a%20b&user_id=admin"),
        **changes,
    }
    return {name: value for name, value in made.items() if value is not None}


def request(token: bytes, scheme: bytes = b"JWT ") -> Request:
    headers = ((b"authorization", scheme + token),)
    return Request("POST", PATH, QUERY, headers, b'{"webhookEvent":"jira:issue_created"}')


def found(asked: Request, *secrets: bytes, at: int = NOW, site: Site = SITE) -> Finding:
    return judged("jira", asked, site, secrets or (SECRET,), at)


def test_a_token_for_this_request_is_accepted() -> None:
    assert found(request(hs256(claims(), SECRET))) == Finding(secret_index=0)
    assert found(request(hs256(claims(), SECRET)), b"an older one", SECRET) == Finding(secret_index=1)
    assert found(request(hs256(claims(), SECRET), b"jwt  ")) == Finding(secret_index=0)


def test_the_path_may_count_from_the_root_of_the_gateway() -> None:
    whole = qsh("POST&/t/TOKEN/issues&name=a%20b&user_id=admin")
    assert found(request(hs256(claims(qsh=whole), SECRET))) == Finding(secret_index=0)


def test_the_address_is_part_of_what_is_signed() -> None:
    assert SENDERS["jira"].signs_url


def test_another_secret_is_refused() -> None:
    assert found(request(hs256(claims(), b"another"))) == Finding(Rejection.WRONG_SIGNATURE)


@pytest.mark.parametrize(
    "token",
    [
        hs256(claims(), SECRET, alg="none"),
        hs256(claims(), SECRET, alg="None"),
        hs256(claims(), SECRET, alg="HS512"),
        hs256(claims(), SECRET, alg="hs256"),
        hs256(claims(), SECRET, alg=["HS256"]),
        hs256(claims(), SECRET, alg=None),
        hs256(claims(), SECRET, crit=["exp"]),
        rs256(claims()),
        piece({"alg": "none"}) + b"." + piece(claims()) + b".",
        piece({"alg": "HS256"}) + b"." + piece(claims()) + b".",
        piece({"alg": "HS256"}) + b"." + piece(claims()),
        piece([]) + b"." + piece(claims()) + b".AAAA",
        piece({"alg": "HS256"}) + b"." + piece("x") + b".AAAA",
        hs256(claims(), SECRET) + b".AAAA",
        hs256(claims(), SECRET) + b"=",
        hs256(claims(), SECRET).replace(b".", "é.".encode(), 1),
        hs256(claims(padding="x" * 20_000), SECRET),
        encoded(b'{"alg":"HS256"' + b"[" * 10_000) + b".AAAA.AAAA",
        b"",
        b"...",
        b"a.b.c",
    ],
)
def test_what_is_no_token_of_the_one_algorithm_is_refused(token: bytes) -> None:
    assert found(request(token)) == Finding(Rejection.MALFORMED_SIGNATURE)


@pytest.mark.parametrize(
    ("changes", "rejection"),
    [
        ({"exp": NOW_S - 61}, Rejection.TOO_OLD),
        ({"exp": NOW_S - 59}, None),
        ({"iat": NOW_S + 61}, Rejection.TOO_NEW),
        ({"iat": NOW_S + 59}, None),
        ({"nbf": NOW_S + 61}, Rejection.TOO_NEW),
        ({"exp": None}, Rejection.MISSING_TIMESTAMP),
        ({"iat": None}, Rejection.MISSING_FIELD),
        ({"exp": "soon"}, Rejection.MALFORMED_TIMESTAMP),
        ({"exp": True}, Rejection.MALFORMED_TIMESTAMP),
        ({"exp": 10**30}, None),
        ({"exp": -1}, Rejection.TOO_OLD),
        ({"exp": float("nan")}, Rejection.TOO_OLD),
        ({"iat": float("nan")}, Rejection.TOO_NEW),
        ({"exp": 1.5}, Rejection.TOO_OLD),
        ({"qsh": None}, Rejection.MISSING_FIELD),
        ({"qsh": 7}, Rejection.MISSING_FIELD),
        ({"qsh": ""}, Rejection.WRONG_SIGNATURE),
        ({"qsh": "context-qsh"}, Rejection.WRONG_SIGNATURE),
        ({"qsh": qsh("GET&/issues&name=a%20b&user_id=admin")}, Rejection.WRONG_SIGNATURE),
        ({"qsh": qsh("POST&/issues&user_id=admin")}, Rejection.WRONG_SIGNATURE),
        ({"qsh": qsh("POST&/other&name=a%20b&user_id=admin")}, Rejection.WRONG_SIGNATURE),
    ],
)
def test_a_signed_token_still_has_to_fit(changes: dict[str, object], rejection: Rejection | None) -> None:
    assert found(request(hs256(claims(**changes), SECRET))).rejection is rejection


def test_a_second_header_is_refused() -> None:
    token = b"JWT " + hs256(claims(), SECRET)
    twice = Request("POST", PATH, QUERY, ((b"authorization", token), (b"authorization", token)), b"")
    assert found(twice) == Finding(Rejection.MALFORMED_SIGNATURE)


def test_other_ways_to_authorize_are_refused() -> None:
    token = hs256(claims(), SECRET).decode()
    for value in ("Basic dTpw", f"Bearer {token}", "JWT", token, f"XJWT {token}", ""):
        assert found(post({"Authorization": value}, b"")) == Finding(Rejection.MALFORMED_SIGNATURE)


def test_a_signature_of_the_body_is_never_replaced_by_a_token() -> None:
    asked = request(hs256(claims(), SECRET))
    both = Request("POST", PATH, QUERY, (*asked.headers, (b"x-hub-signature", b"sha256=00")), asked.body)
    assert found(both).rejection is not None


@pytest.mark.parametrize(
    ("path", "query", "canonical"),
    [
        # The examples of Atlassian's text.
        (b"/some/path/", b"param=value", "POST&/some/path&param=value"),
        (b"", b"", "POST&/&"),
        (
            b"/path/to/service",
            b"zee_last=param&repeated=parameter+1&first=param&repeated=parameter%202",
            "POST&/path/to/service&first=param&repeated=parameter%201,parameter%202&zee_last=param",
        ),
        (b"/a", b"b=1&B=2&a=3&A=4", "POST&/a&A=4&B=2&a=3&b=1"),
        (b"/a&b", b"jwt=x.y.z&c=*~%2B", "POST&/a%26b&c=%2A~%2B"),
        (b"/a", b"empty=&only", "POST&/a&empty=&only="),
    ],
)
def test_the_canonical_request_is_atlassians(path: bytes, query: bytes, canonical: str) -> None:
    asked = Request("post", path, query, (), b"")
    assert query_hashes(Content(asked, Site("https://gateway.example"))) == [qsh(canonical)]


def test_a_query_that_cannot_be_read_fits_no_token() -> None:
    for query in (b"a=%ff", b"\xff", b"&".join(b"a=1" for _ in range(1001))):
        assert query_hashes(Content(Request("POST", b"", query, (), b""))) == []


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_changed_byte_of_the_token_is_refused(at: int, flip: int) -> None:
    token = hs256(claims(), SECRET)
    at %= len(token)
    changed = token[:at] + bytes([token[at] ^ flip]) + token[at + 1 :]
    assert found(request(changed)).rejection is not None


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_judged(token: bytes) -> None:
    assert found(request(token)).rejection is Rejection.MALFORMED_SIGNATURE
