"""Who may say that there is a new commit: each provider's way to vouch, and which Secret decides."""

import hashlib
import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote_plus

import pytest
from cryptography.hazmat.primitives import hashes, hmac
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.event import Request
from domain.git.credential import Credential, Standing, Vouching, authenticate, chosen
from domain.git.provider import Provider
from domain.git.repo import GLOBAL_SECRET, Demand, RepoSpec, demand_of
from domain.senders.content import Content
from tests.documents import codes, table

RIGHT, REFUSED, MISCONFIGURED = Standing.RIGHT, Standing.REFUSED, Standing.MISCONFIGURED

BODY = b'{"ref": "refs/heads/main"}'
UUID = b"8f2c1c1e-6f8a-4e5b-9b0a-0d8a3e1f7c55"
KEY = b"the webhook's secret"


def mac(body: bytes = BODY, key: bytes = KEY) -> bytes:
    made = hmac.HMAC(key, hashes.SHA256())
    made.update(body)
    return made.finalize().hex().encode()


def login(user: bytes, password: bytes) -> bytes:
    return b"Basic " + b64encode(user + b":" + password)


def request_of(headers: Mapping[str, bytes], body: bytes = BODY) -> Request:
    named = tuple((name.lower().encode(), value) for name, value in headers.items())
    return Request("POST", b"", b"", named, body)


# What each provider sends: the event, and what vouches for it; and the Secret that fits.
GITHUB = {"X-GitHub-Event": b"push", "X-Hub-Signature-256": b"sha256=" + mac()}
GOGS = {"X-Gogs-Event": b"push", "X-Gogs-Signature": mac()}
GITEA = {"X-Gitea-Event": b"push", "X-Gitea-Signature": mac()}
GITLAB = {"X-Gitlab-Event": b"Push Hook", "X-Gitlab-Token": KEY}
BITBUCKET = {"X-Event-Key": b"repo:push", "X-Hook-UUID": UUID}
SIGNED_BITBUCKET = {**BITBUCKET, "X-Hub-Signature": b"sha256=" + mac()}
BITBUCKET_SERVER = {"X-Event-Key": b"repo:refs_changed", "X-Hub-Signature": b"sha256=" + mac()}
AZURE = {"X-Vss-ActivityId": b"1", "Authorization": login(b"fleet", KEY)}

Case = tuple[Provider, dict[str, bytes], dict[str, bytes]]

CASES: dict[str, Case] = {
    "github": (Provider.GITHUB, GITHUB, {"github": KEY}),
    "gogs": (Provider.GOGS, GOGS, {"gogs": KEY}),
    "gitlab": (Provider.GITLAB, GITLAB, {"gitlab": KEY}),
    "bitbucket": (Provider.BITBUCKET, BITBUCKET, {"bitbucket": UUID}),
    "bitbucket-server": (Provider.BITBUCKET_SERVER, BITBUCKET_SERVER, {"bitbucket-server": KEY}),
    "azure": (Provider.AZURE, AZURE, {"azure-username": b"fleet", "azure-password": KEY}),
}
"""Rancher Fleet's six."""

MORE: dict[str, Case] = {
    **CASES,
    "gitea": (Provider.GITEA, GITEA, {"gitea": KEY}),
    "forgejo": (
        Provider.GITEA,
        {"X-Forgejo-Event": b"push", "X-Forgejo-Signature": mac()},
        {"gitea": KEY},
    ),
    "bitbucket with an HMAC": (
        Provider.BITBUCKET,
        SIGNED_BITBUCKET,
        {"bitbucket": UUID, "bitbucket-hmac": KEY},
    ),
    "bitbucket with nothing but an HMAC": (Provider.BITBUCKET, SIGNED_BITBUCKET, {"bitbucket-hmac": KEY}),
}

every = pytest.mark.parametrize(("provider", "headers", "secret"), MORE.values(), ids=list(MORE))

FULL_GITEA = {
    "X-Gitea-Event": b"push",
    "X-Gitea-Signature": mac(),
    "X-Gogs-Event": b"push",
    "X-Gogs-Signature": mac(),
    "X-GitHub-Event": b"push",
    "X-Hub-Signature-256": b"sha256=" + mac(),
}
"""All that a Gitea sends (its services/webhook/deliver.go), as far as it concerns a receiver."""


def vouching_header(headers: Mapping[str, bytes]) -> str:
    return next(
        name for name in headers if "Signature" in name or name in {"X-Gitlab-Token", "Authorization"}
    )


def vouching_headers(headers: Mapping[str, bytes]) -> list[str]:
    return [
        name for name in headers if "Signature" in name or name.endswith(("Token", "UUID", "Authorization"))
    ]


def flipped(value: bytes, position: int, flip: int) -> bytes:
    at = position % len(value)
    return value[:at] + bytes([value[at] ^ flip]) + value[at + 1 :]


@every
def test_whoever_knows_the_secret_is_believed(
    provider: Provider, headers: dict[str, bytes], secret: dict[str, bytes]
) -> None:
    assert authenticate(provider, request_of(headers), secret) == Credential(RIGHT)


@pytest.mark.parametrize("name", CASES)
def test_six_mismatches(name: str) -> None:
    provider, headers, secret = CASES[name]
    wrong = {key: value + b"2" for key, value in secret.items()}
    refusal = authenticate(provider, request_of(headers), wrong)
    assert refusal.standing is REFUSED
    assert "does not fit" in refusal.detail


@pytest.mark.parametrize("name", CASES)
def test_six_missing(name: str) -> None:
    provider, headers, secret = CASES[name]
    without = {key: value for key, value in headers.items() if key not in vouching_headers(headers)}
    refusal = authenticate(provider, request_of(without), secret)
    assert refusal.standing is REFUSED
    assert "is missing" in refusal.detail


@every
def test_an_empty_header_vouches_for_nothing(
    provider: Provider, headers: dict[str, bytes], secret: dict[str, bytes]
) -> None:
    emptied = {key: b"" if key in vouching_headers(headers) else value for key, value in headers.items()}
    assert authenticate(provider, request_of(emptied), secret).standing is REFUSED


@every
def test_without_any_secret_nobody_is_believed(
    provider: Provider, headers: dict[str, bytes], secret: dict[str, bytes]
) -> None:
    assert secret
    assert authenticate(provider, request_of(headers), None).standing is REFUSED


@every
def test_a_secret_without_the_key_is_the_owners_mistake(
    provider: Provider, headers: dict[str, bytes], secret: dict[str, bytes]
) -> None:
    # Of a Bitbucket hook either of two is enough.
    own = {"bitbucket", "bitbucket-hmac"} if provider is Provider.BITBUCKET else set(secret)
    others = {key: KEY for _, _, keys in MORE.values() for key in keys if key not in own}
    answer = authenticate(provider, request_of(headers), others)
    assert answer.standing is MISCONFIGURED
    assert any(repr(key) in answer.detail for key in own)


@every
def test_an_empty_value_never_verifies(
    provider: Provider, headers: dict[str, bytes], secret: dict[str, bytes]
) -> None:
    for key in secret:
        emptied = {**secret, key: b""}
        answer = authenticate(provider, request_of(headers), emptied)
        assert answer.standing is MISCONFIGURED
        assert repr(key) in answer.detail
    void = dict.fromkeys(secret, b"")
    signed_with_nothing = {
        "X-Hub-Signature-256": mac(key=b"\0"),
        "X-Gogs-Signature": mac(key=b"\0"),
        "X-Gitlab-Token": b"",
        "X-Hook-UUID": b"",
        "Authorization": login(b"", b""),
    }
    request = request_of({**headers, **signed_with_nothing})
    assert authenticate(provider, request, void).standing is MISCONFIGURED


@every
def test_a_header_that_comes_twice_is_refused(
    provider: Provider, headers: dict[str, bytes], secret: dict[str, bytes]
) -> None:
    request = request_of(headers)
    for name in vouching_headers(headers):
        if name == "X-Hook-UUID" and "bitbucket" not in secret:
            continue
        key = name.lower().encode()
        for second in (headers[name], b"something else"):
            twice = replace(request, headers=(*request.headers, (key, second)))
            assert authenticate(provider, twice, secret).standing is REFUSED


def test_githubs_prefix_is_optional_and_no_other_is_taken() -> None:
    secret = {"github": KEY}
    for value, standing in [
        (mac(), RIGHT),
        (b"sha256=" + mac(), RIGHT),
        (b"sha256=" + mac().upper(), RIGHT),
        (b"sha1=" + mac(), REFUSED),
        (b"sha256=sha256=" + mac(), REFUSED),
        (b"sha256=" + mac() + b",sha256=" + mac(), REFUSED),
    ]:
        headers = {**GITHUB, "X-Hub-Signature-256": value}
        assert authenticate(Provider.GITHUB, request_of(headers), secret).standing is standing


def test_githubs_old_signature_is_none() -> None:
    made = hmac.HMAC(KEY, hashes.SHA1())  # noqa: S303 - what GitHub sends besides
    made.update(BODY)
    headers = {"X-GitHub-Event": b"push", "X-Hub-Signature": b"sha1=" + made.finalize().hex().encode()}
    assert authenticate(Provider.GITHUB, request_of(headers), {"github": KEY}).standing is REFUSED


@pytest.mark.parametrize("name", ["gogs", "gitea", "forgejo"])
def test_the_prefix_of_others_is_none_of_gogs(name: str) -> None:
    provider, headers, secret = MORE[name]
    header = vouching_header(headers)
    prefixed = {**headers, header: b"sha256=" + headers[header]}
    assert authenticate(provider, request_of(prefixed), secret).standing is REFUSED


def test_bitbucket_servers_prefix_is_needed() -> None:
    headers = {**BITBUCKET_SERVER, "X-Hub-Signature": mac()}
    assert authenticate(
        Provider.BITBUCKET_SERVER, request_of(headers), {"bitbucket-server": KEY}
    ).standing is (REFUSED)


@pytest.mark.parametrize(
    ("secret", "standing"),
    [
        ({"gogs": KEY}, RIGHT),
        ({"gitea": KEY}, RIGHT),
        ({"gogs": KEY, "gitea": b"of another server"}, RIGHT),
        ({"gogs": b"of another server", "gitea": KEY}, RIGHT),
        ({"gogs": b"wrong", "gitea": b"wrong, too"}, REFUSED),
        ({"gogs": b"wrong"}, REFUSED),
        ({"gitea": b"wrong"}, REFUSED),
        ({"github": KEY}, MISCONFIGURED),
        ({"gogs": KEY, "gitea": b""}, MISCONFIGURED),
    ],
    ids=repr,
)
def test_what_a_gitea_sends_is_vouched_for_by_either_key(
    secret: dict[str, bytes], standing: Standing
) -> None:
    assert authenticate(Provider.GOGS, request_of(FULL_GITEA), secret).standing is standing
    of_forgejo = {
        **FULL_GITEA,
        "X-Forgejo-Event": b"push",
        "X-Forgejo-Signature": FULL_GITEA["X-Gitea-Signature"],
    }
    assert authenticate(Provider.GOGS, request_of(of_forgejo), secret).standing is standing


def test_the_key_of_a_gitea_is_none_of_a_gogs() -> None:
    assert authenticate(Provider.GOGS, request_of(GOGS), {"gitea": KEY}).standing is MISCONFIGURED


@pytest.mark.parametrize(
    ("secret", "first"),
    [({"gogs": KEY}, "X-Gogs-Signature"), ({"gitea": KEY}, "X-Gitea-Signature")],
    ids=["gogs", "gitea"],
)
def test_no_other_header_rescues_a_bad_first_one(secret: dict[str, bytes], first: str) -> None:
    for bad in (mac(key=b"wrong"), b"", b"sha256=" + mac()):
        headers = {**FULL_GITEA, first: bad}
        assert authenticate(Provider.GOGS, request_of(headers), secret).standing is REFUSED


def test_of_a_form_gogs_and_gitea_sign_the_json_in_it() -> None:
    body = b"payload=" + quote_plus(BODY).encode()
    form = {"Content-Type": b"application/x-www-form-urlencoded"}
    for name in ("gogs", "gitea", "forgejo"):
        provider, headers, secret = MORE[name]
        request = request_of({**headers, **form}, body)
        assert authenticate(provider, request, secret).standing is RIGHT
        twice = replace(request, body=body + b"&payload=%7B%7D")
        assert authenticate(provider, twice, secret).standing is REFUSED
    assert authenticate(Provider.GITHUB, request_of({**GITHUB, **form}, body), {"github": KEY}).standing is (
        REFUSED
    )
    signed = {**GITHUB, **form, "X-Hub-Signature-256": mac(body)}
    assert authenticate(Provider.GITHUB, request_of(signed, body), {"github": KEY}).standing is RIGHT


def test_a_signed_text_cannot_be_wrapped_into_another() -> None:
    forged = b'{"ref": "refs/heads/forged", "x": "&payload=' + quote_plus(BODY).encode() + b'&"}'
    form = {"Content-Type": b"application/x-www-form-urlencoded"}
    for name in ("gogs", "gitea", "forgejo"):
        provider, headers, secret = MORE[name]
        request = request_of({**headers, **form}, forged)
        # It is read as what it is, so that is what has to be signed.
        assert Content(request).json == json.loads(forged)
        assert authenticate(provider, request, secret).standing is REFUSED


@pytest.mark.parametrize(
    ("headers", "secret", "standing"),
    [
        (SIGNED_BITBUCKET, {"bitbucket": UUID}, RIGHT),
        (SIGNED_BITBUCKET, {"bitbucket": b"another", "bitbucket-hmac": KEY}, REFUSED),
        (SIGNED_BITBUCKET, {"bitbucket": UUID, "bitbucket-hmac": b"wrong"}, REFUSED),
        (BITBUCKET, {"bitbucket": UUID, "bitbucket-hmac": KEY}, REFUSED),
        (BITBUCKET, {"bitbucket-hmac": KEY}, REFUSED),
        (BITBUCKET, {"bitbucket": UUID, "bitbucket-hmac": b""}, MISCONFIGURED),
        (BITBUCKET, {}, MISCONFIGURED),
    ],
)
def test_a_bitbucket_hook_satisfies_all_that_the_secret_has(
    headers: dict[str, bytes], secret: dict[str, bytes], standing: Standing
) -> None:
    assert authenticate(Provider.BITBUCKET, request_of(headers), secret).standing is standing


@pytest.mark.parametrize(
    "value",
    [
        login(b"fleet", b"wrong"),
        login(b"other", KEY),
        login(b"", KEY),
        b64encode(b"fleet:" + KEY),
        b"Bearer " + KEY,
        b"Basic fleet:" + KEY,
        b"Basic !!!",
        b"Basic ",
        b"basic " + b64encode(b"fleet:wrong"),
        b"basic\t" + b64encode(b"fleet:" + KEY),
        b"basic" + b64encode(b"fleet:" + KEY),
    ],
)
def test_other_logins_are_refused_for_azure(value: bytes) -> None:
    provider, headers, secret = CASES["azure"]
    assert authenticate(provider, request_of({**headers, "Authorization": value}), secret).standing is REFUSED


@pytest.mark.parametrize("word", [b"basic ", b"BASIC ", b"bAsIc "])
def test_azure_may_write_basic_as_it_likes(word: bytes) -> None:
    provider, headers, secret = CASES["azure"]
    value = word + headers["Authorization"].removeprefix(b"Basic ")
    assert authenticate(provider, request_of({**headers, "Authorization": value}), secret).standing is RIGHT


def test_azure_needs_both_keys() -> None:
    answer = authenticate(Provider.AZURE, request_of(AZURE), {"azure-username": b"fleet"})
    assert answer == Credential(MISCONFIGURED, "The Secret lacks the key 'azure-password'.")


def test_a_line_break_at_the_end_of_a_secret_is_told() -> None:
    answer = authenticate(Provider.GITHUB, request_of(GITHUB), {"github": KEY + b"\n"})
    assert answer.standing is REFUSED
    assert "line break" in answer.detail


def test_every_key_and_header_is_told() -> None:
    rows = table("docs/git-manifests.md", "| host | key | what has to fit |")
    assert {key for row in rows for key in codes(row[1])} == {
        key for _, _, secret in MORE.values() for key in secret
    }
    assert {header for row in rows for header in codes(row[2])} == {
        header for _, headers, _ in MORE.values() for header in vouching_headers(headers)
    }


@every
def test_no_value_is_told(provider: Provider, headers: dict[str, bytes], secret: dict[str, bytes]) -> None:
    request = request_of(headers)
    wrong = {key: value + b"-canary" for key, value in secret.items()}
    said = [authenticate(provider, request, each) for each in (None, {}, wrong, secret)]
    said.append(authenticate(provider, replace(request, body=b"{}"), secret))
    told = repr(said) + repr(Vouching(provider, request, {"infra/hook": secret}))
    values = [*secret.values(), *(headers[name] for name in vouching_headers(headers)), b"canary"]
    assert not [value for value in values if value.decode() in told]


def digits(signature: bytes) -> tuple[bytes, bytes]:
    """The prefix of a signature, and its hex digits as they count."""
    prefix, sign, hexed = signature.rpartition(b"=")
    return prefix + sign, hexed.lower()


flips, positions = st.integers(1, 255), st.integers(0, 1_000_000)
names = st.sampled_from(sorted(MORE))


@given(
    st.sampled_from([name for name, (_, headers, _) in MORE.items() if mac() in b"".join(headers.values())]),
    st.binary(max_size=300),
    positions,
    flips,
)
def test_a_flipped_byte_of_a_signed_body_is_never_right(
    name: str, body: bytes, position: int, flip: int
) -> None:
    provider, headers, secret = MORE[name]
    signed = {key: value.replace(mac(), mac(body)) for key, value in headers.items()}
    assert authenticate(provider, request_of(signed, body), secret).standing is RIGHT
    changed = flipped(body, position, flip) if body else bytes([flip])
    assert authenticate(provider, request_of(signed, changed), secret).standing is REFUSED


@given(names, positions, flips, st.data())
def test_a_flipped_byte_of_a_credential_is_never_right(
    name: str, position: int, flip: int, data: st.DataObject
) -> None:
    provider, headers, secret = MORE[name]
    asked = [each for each in vouching_headers(headers) if each != "X-Hook-UUID" or "bitbucket" in secret]
    header = data.draw(st.sampled_from(asked))
    changed = flipped(headers[header], position, flip)
    # White space around a value is no part of it, and hex is hex in either case.
    assume(changed.strip(b" \t") != headers[header].strip(b" \t"))
    assume("Signature" not in header or digits(changed) != digits(headers[header]))
    answer = authenticate(provider, request_of({**headers, header: changed}), secret)
    assert answer.standing is REFUSED


@given(names, positions, flips, st.data())
def test_a_flipped_byte_of_a_secret_is_never_right(
    name: str, position: int, flip: int, data: st.DataObject
) -> None:
    provider, headers, secret = MORE[name]
    key = data.draw(st.sampled_from(sorted(secret)))
    changed = {**secret, key: flipped(secret[key], position, flip)}
    assert authenticate(provider, request_of(headers), changed).standing is REFUSED


@given(
    st.sampled_from(Provider),
    st.lists(
        st.tuples(
            st.sampled_from([each for _, headers, _ in MORE.values() for each in headers]), st.binary()
        ),
        max_size=6,
    ),
    st.binary(max_size=64),
    st.dictionaries(
        st.sampled_from(sorted({key for _, _, secret in MORE.values() for key in secret})), st.binary()
    ),
)
def test_nothing_that_is_made_up_is_right_or_raises(
    provider: Provider, headers: list[tuple[str, bytes]], body: bytes, secret: dict[str, bytes]
) -> None:
    named = tuple((name.lower().encode(), value) for name, value in headers)
    secret = {key: hashlib.sha256(value).digest() if value else value for key, value in secret.items()}
    answer = authenticate(provider, Request("POST", b"", b"", named, body), secret)
    assert answer.standing in {REFUSED, MISCONFIGURED}


OWN = "infra/hook"
ABSENT, RIGHT_KEY, WRONG_KEY, NO_KEY = "absent", "right", "wrong", "lacking"
SECRETS: dict[str, dict[str, bytes]] = {
    RIGHT_KEY: {"github": KEY},
    WRONG_KEY: {"github": b"wrong"},
    NO_KEY: {"gitlab": KEY},
}
STANDINGS = {ABSENT: MISCONFIGURED, RIGHT_KEY: RIGHT, WRONG_KEY: REFUSED, NO_KEY: MISCONFIGURED}

COMBINATIONS = [
    # Without a Secret of the repo's own the global one decides.
    (RIGHT_KEY, None, RIGHT),
    (WRONG_KEY, None, REFUSED),
    (NO_KEY, None, MISCONFIGURED),
    (ABSENT, None, REFUSED),
    # With one it decides alone, whatever the global one would say.
    *((world, own, STANDINGS[own]) for world in (ABSENT, RIGHT_KEY, WRONG_KEY, NO_KEY) for own in STANDINGS),
]


def secrets_of(world: str, own: str | None) -> dict[str, dict[str, bytes]]:
    places = {GLOBAL_SECRET: world, OWN: own}
    return {name: SECRETS[kind] for name, kind in places.items() if kind is not None and kind != ABSENT}


def demand(own: str | None = None, *, name: str = "infra/app", lax: bool = False) -> Demand:
    spec = RepoSpec(
        "https://github.com/infra/app", webhook_secret="hook" if own else "", allow_unauthenticated=lax
    )
    return demand_of(name, spec)


@pytest.mark.parametrize(("world", "own", "standing"), COMBINATIONS)
def test_the_repos_own_secret_replaces_the_global_one_wholly(
    world: str, own: str | None, standing: Standing
) -> None:
    vouching = Vouching(Provider.GITHUB, request_of(GITHUB), secrets_of(world, own))
    answer = vouching.credential(demand(own))
    assert answer.standing is standing
    assert answer.is_proven


@pytest.mark.parametrize(("world", "own", "standing"), COMBINATIONS)
def test_allowing_the_unauthenticated_helps_only_where_no_secret_is_set_up(
    world: str, own: str | None, standing: Standing
) -> None:
    vouching = Vouching(Provider.GITHUB, request_of(GITHUB), secrets_of(world, own))
    answer = vouching.credential(demand(own, lax=True))
    is_open = world == ABSENT and own is None
    assert answer.standing is (RIGHT if is_open else standing)
    assert answer.is_proven is not is_open
    assert ("unauthenticated" in answer.detail) is is_open


def test_a_secret_that_is_not_there_is_named() -> None:
    answer = chosen(demand(ABSENT), {GLOBAL_SECRET: {"github": KEY}, "other/hook": {"github": KEY}})
    assert isinstance(answer, Credential)
    assert answer.standing is MISCONFIGURED
    assert repr(OWN) in answer.detail


def test_a_secret_counts_in_its_own_namespace_only() -> None:
    secrets = {"infra/hook": {"github": KEY}, "other/hook": {"github": b"wrong"}}
    vouching = Vouching(Provider.GITHUB, request_of(GITHUB), secrets)
    assert vouching.credential(demand(RIGHT_KEY)).standing is RIGHT
    assert vouching.credential(demand(RIGHT_KEY, name="other/app")).standing is REFUSED


def test_each_secret_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[object] = []

    def counted(provider: Provider, request: Request, secret: Mapping[str, bytes]) -> Credential:
        tried.append(secret)
        return authenticate(provider, request, secret)

    monkeypatch.setattr("domain.git.credential.authenticate", counted)
    vouching = Vouching(Provider.GITHUB, request_of(GITHUB), secrets_of(RIGHT_KEY, WRONG_KEY))
    answers = [vouching.credential(demand(name=f"infra/app-{each}")).standing for each in range(50)]
    others = [demand(WRONG_KEY, name=f"infra/own-{each}") for each in range(50)]
    answers += [vouching.credential(each).standing for each in others]
    assert answers == [RIGHT] * 50 + [REFUSED] * 50
    assert tried == [SECRETS[RIGHT_KEY], SECRETS[WRONG_KEY]]
