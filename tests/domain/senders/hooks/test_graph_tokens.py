"""Microsoft Graph's rich notifications: every token, every item."""

import json

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.event import Rejection, Request
from domain.senders import SENDERS, Site, verify
from domain.senders.hooks.graph import KEYS_URL
from tests.hooked_senders import (
    APP_ID,
    NOW,
    NOW_S,
    Finding,
    graph_claims,
    graph_item,
    graph_request,
    hs256,
    judged,
    key_set,
    post,
    rs256,
    rsa_key,
)

OTHER_TENANT = "5cfe2387-163c-4006-81bb-1b5e1e060afe"


def found(request: Request, document: bytes | None = None, *secrets: bytes, app_id: str = APP_ID) -> Finding:
    site = Site("", {"app_id": app_id}, {} if document is None else {KEYS_URL: document})
    return judged("microsoft-graph", request, site, secrets or (b"state",))


def one(**changes: object) -> Request:
    return graph_request([rs256(graph_claims(**changes))], graph_item())


def test_a_rich_notification_is_accepted() -> None:
    assert found(one()) == Finding(Rejection.DOCUMENT_MISSING, wanted=KEYS_URL)
    assert found(one(), key_set("key-0", "key-1")) == Finding(secret_index=0)


def test_items_of_several_subscriptions_and_tenants_are_accepted_together() -> None:
    tokens = [
        rs256(graph_claims()),
        rs256(graph_claims(tid=OTHER_TENANT, iss=f"https://sts.windows.net/{OTHER_TENANT}/")),
    ]
    items = graph_item(clientState="new"), graph_item(tenantId=OTHER_TENANT)
    assert found(graph_request(tokens, *items), key_set("key-1"), b"state", b"new") == Finding(secret_index=1)
    assert found(graph_request(tokens[:1], *items), key_set("key-1"), b"state", b"new") == Finding(
        Rejection.UNMET_CONDITION
    )


def test_tokens_of_version_2_are_accepted() -> None:
    issuer = f"https://login.microsoftonline.com/{graph_claims()['tid']}/v2.0"
    changes = {"iss": issuer, "appid": None, "azp": graph_claims()["appid"], "ver": "2.0"}
    assert found(one(**changes), key_set("key-1")) == Finding(secret_index=0)


@pytest.mark.parametrize(
    ("changes", "rejection"),
    [
        ({"aud": "another app"}, Rejection.UNMET_CONDITION),
        ({"aud": [APP_ID]}, Rejection.UNMET_CONDITION),
        ({"aud": None}, Rejection.UNMET_CONDITION),
        ({"appid": "another publisher"}, Rejection.UNMET_CONDITION),
        (
            {"appid": "another publisher", "azp": "0bf30f3b-4a52-48df-9a82-234910c4a086"},
            Rejection.UNMET_CONDITION,
        ),
        ({"appid": None}, Rejection.UNMET_CONDITION),
        ({"iss": "https://sts.windows.net/evil/"}, Rejection.UNMET_CONDITION),
        ({"iss": "https://evil.example/"}, Rejection.UNMET_CONDITION),
        ({"iss": None}, Rejection.UNMET_CONDITION),
        ({"tid": None}, Rejection.UNMET_CONDITION),
        ({"tid": ["x"]}, Rejection.UNMET_CONDITION),
        ({"exp": NOW_S - 61}, Rejection.TOO_OLD),
        ({"nbf": NOW_S + 61}, Rejection.TOO_NEW),
        ({"exp": None}, Rejection.MISSING_TIMESTAMP),
    ],
)
def test_a_token_for_somebody_else_is_refused(changes: dict[str, object], rejection: Rejection) -> None:
    assert found(one(**changes), key_set("key-1")) == Finding(rejection)


def test_one_bad_token_among_good_ones_is_enough() -> None:
    good, bad = rs256(graph_claims()), rs256(graph_claims(), rsa_key("other"))
    for tokens in ([good, bad], [bad, good]):
        finding = found(graph_request(tokens, graph_item()), key_set("key-1"))
        assert finding == Finding(Rejection.WRONG_SIGNATURE)


def test_a_mac_keyed_with_the_public_key_is_no_signature() -> None:
    public = rsa_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for token in (
        hs256(graph_claims(), public, kid="key-1"),
        rs256(graph_claims(), alg="none"),
        rs256(graph_claims(), alg="RS512"),
        rs256(graph_claims(), alg="PS256"),
    ):
        assert found(graph_request([token], graph_item()), key_set("key-1")).rejection is (
            Rejection.MALFORMED_SIGNATURE
        )


def test_a_key_inside_the_token_is_not_believed() -> None:
    # "jwk", "jku" and "x5c" of a header are the sender's own word.
    own = rsa_key("other")
    jwk = json.loads(key_set("key-9", key=own))["keys"][0]
    token = rs256(graph_claims(), own, kid="key-9", jwk=jwk, jku="https://evil.example/")
    finding = found(graph_request([token], graph_item()), key_set("key-1"))
    assert finding == Finding(Rejection.UNKNOWN_CERTIFICATE, wanted=KEYS_URL)


def test_an_unknown_key_asks_for_newer_keys() -> None:
    for document in (b"", b"{}", b'{"keys":7}', b'{"keys":[7,{}]}', b"[1]", key_set("key-0")):
        assert found(one(), document) == Finding(Rejection.UNKNOWN_CERTIFICATE, wanted=KEYS_URL)


@pytest.mark.parametrize(
    "changes",
    [{"kty": "EC"}, {"use": "enc"}, {"n": "AQAB"}, {"n": 7}, {"e": "A" * 20}, {"n": "!!"}, {"e": "Ag"}],
)
def test_a_key_of_another_kind_is_no_key(changes: dict[str, object]) -> None:
    assert found(one(), key_set("key-1", **changes)).rejection is Rejection.UNKNOWN_CERTIFICATE


def test_every_item_needs_the_secret_before_anything_is_fetched() -> None:
    token = rs256(graph_claims())
    for items in (
        (graph_item(clientState="wrong"),),
        (graph_item(), graph_item(clientState="wrong")),
        (graph_item(clientState=None),),
        (graph_item(clientState=["state"]),),
        (graph_item(clientState=""),),
    ):
        finding = found(graph_request([token], *items))
        assert finding in (Finding(Rejection.WRONG_SIGNATURE), Finding(Rejection.MISSING_SIGNATURE))


def test_without_the_apps_id_nothing_is_accepted() -> None:
    assert found(one(), key_set("key-1"), app_id="") == Finding(Rejection.MISSING_FIELD)


REFUSED = {Rejection.MALFORMED_SIGNATURE, Rejection.MISSING_SIGNATURE}


def body(document: object) -> Request:
    return post({}, json.dumps(document).encode())


@pytest.mark.parametrize(
    "document",
    [
        {"value": [graph_item()], "validationTokens": []},
        {"value": [graph_item()], "validationTokens": [7]},
        {"value": [graph_item()], "validationTokens": None},
        {"value": [graph_item()], "validationTokens": ["x"]},
        {"value": [graph_item()]},
        {"value": [], "validationTokens": [rs256(graph_claims()).decode()]},
        {"value": [graph_item(), 7], "validationTokens": [rs256(graph_claims()).decode()]},
        {"value": [graph_item()] * 1001, "validationTokens": [rs256(graph_claims()).decode()]},
        {"value": [graph_item()], "validationTokens": [rs256(graph_claims()).decode()] * 33},
        {"validationTokens": [rs256(graph_claims()).decode()]},
    ],
)
def test_a_body_made_otherwise_is_refused(document: object) -> None:
    assert found(body(document), key_set("key-1")).rejection in REFUSED


def test_content_that_is_encrypted_must_not_come_without_tokens() -> None:
    plain = {key: value for key, value in graph_item().items() if key != "encryptedContent"}
    sender, site = SENDERS["microsoft-graph"], Site("", {"app_id": APP_ID})
    accepted = verify(sender, body({"value": [plain, plain]}), [b"state"], NOW, site)
    assert (accepted.scheme, accepted.secret_index) == ("graph-clientstate", 0)
    for document in ({"value": [plain, graph_item()]}, {"value": [plain], "validationTokens": ["x"]}):
        assert found(body(document)) == Finding(Rejection.MALFORMED_SIGNATURE)


def test_the_scheme_of_a_rich_notification_is_told() -> None:
    site = Site("", {"app_id": APP_ID}, {KEYS_URL: key_set("key-1")})
    assert verify(SENDERS["microsoft-graph"], one(), [b"state"], NOW, site).scheme == "graph-rich"


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 127))
def test_a_changed_byte_of_a_token_is_refused(at: int, flip: int) -> None:
    token = rs256(graph_claims())
    at %= len(token)
    changed = token[:at] + bytes([token[at] ^ flip]) + token[at + 1 :]
    request = graph_request([changed], graph_item())
    assert found(request, key_set("key-1")).rejection is not None
