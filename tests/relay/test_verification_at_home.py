"""Verification at home: the published requests of all senders, judged by what only the private side knows."""

import asyncio
from dataclasses import replace

import pytest

from domain.delivery import Outcome
from domain.errors import InvalidInputError
from domain.event import Rejection, Request
from domain.reasons import ADDRESS_AT_HOME, CLOCKS_AT_HOME, INVALID_AT_HOME
from domain.senders import SENDERS, Site, sign, tailored
from relay.connector.target import Answer, Arrival
from relay.connector.verification import (
    MAX_AGE_MS,
    MAX_AHEAD_MS,
    Verification,
    VerifiedTarget,
)
from tests.http_arrival import NOW_MS, arrival
from tests.published import PINNED, SENDER_OF, VECTORS, Vector, received_at, request_of, sender_of, site_of
from tests.running_connector import Scripted

SECRET = "a secret of the vault"
BODY = b'{"zen": "Keep it logically awesome."}'


def verification_of(vector: Vector) -> Verification:
    """As an owner would write it beside a target."""
    parameters = dict(vector.get("params", {}))
    if vector["scheme"] in PINNED:
        parameters["scheme"] = vector["scheme"]
    key = SENDER_OF.get(vector["provider"], vector["provider"])
    return Verification(key, [vector["secret"]], parameters, site_of(vector).url or None)


def arrival_of(vector: Vector) -> Arrival:
    return replace(arrival(), request=request_of(vector), received_at=received_at(vector), scheme="")


def is_for_home(vector: Vector) -> bool:
    """Whether an owner could write it at all; the others are the concern of other tests."""
    try:
        verification_of(vector)
    except InvalidInputError:
        return False
    return True


AT_HOME = [vector for vector in VECTORS if is_for_home(vector)]
VALID = [vector for vector in AT_HOME if vector["expect"] == "valid"]
OTHERS = [vector for vector in AT_HOME if vector["expect"] != "valid"]


def named(vectors: list[Vector]) -> list[object]:
    return [pytest.param(vector, id=f"{vector['scheme']}-{at}") for at, vector in enumerate(vectors)]


def test_nearly_all_that_is_valid_can_be_verified_at_home() -> None:
    valid = [vector for vector in VECTORS if vector["expect"] == "valid"]
    # The sample of AWS comes without the topic that its owner would have to name.
    assert {vector["provider"] for vector in valid if vector not in VALID} == {"aws-sns"}
    assert len(VALID) > 60
    assert len(OTHERS) > 60


@pytest.mark.parametrize("vector", named(VALID))
def test_what_is_valid_is_verified_by_the_scheme_that_signed_it(vector: Vector) -> None:
    verdict = verification_of(vector).check(arrival_of(vector))
    assert verdict.ok
    assert verdict.scheme in {scheme.id for scheme in sender_of(vector).schemes}


@pytest.mark.parametrize("vector", named(OTHERS))
def test_what_is_not_valid_is_not(vector: Vector) -> None:
    verdict = verification_of(vector).check(arrival_of(vector))
    assert not verdict.ok
    assert verdict.rejection is not None


@pytest.mark.parametrize("vector", named(VALID))
def test_another_secret_vouches_for_nothing(vector: Vector) -> None:
    strange = {**vector, "secret": "".join(map(_other, vector["secret"]))}
    # Or it could be no key at all, and nobody could have written it.
    assert not (is_for_home(strange) and verification_of(strange).check(arrival_of(vector)).ok)


def _other(char: str) -> str:
    return chr(ord(char) ^ 1) if char.isalnum() else char


# --- the target behind it


def signed(secret: str = SECRET, **changes: object) -> Arrival:
    request = sign(SENDERS["github"], Request("POST", b"", b"", (), BODY), secret.encode(), NOW_MS)
    return replace(arrival(), **{"request": request, "scheme": "", **changes})


def behind(target: Scripted, *secrets: str, now_ms: int = NOW_MS) -> VerifiedTarget:
    return VerifiedTarget(target, Verification("github", secrets or (SECRET,)), lambda: now_ms)


async def test_what_is_signed_reaches_the_target_as_verified_and_otherwise_untouched() -> None:
    target, came = Scripted(Answer(Outcome.RETRY, "500", 7.0)), signed()
    answer = await behind(target).deliver(came, lambda: None)
    assert answer == Answer(Outcome.RETRY, "500", 7.0, verified_by="github-sha256")
    assert target.arrivals == [replace(came, scheme="github-sha256")]


@pytest.mark.parametrize("scheme", ["", "github-sha256"])
async def test_what_is_not_signed_is_refused_whatever_the_gateway_says_of_it(scheme: str) -> None:
    target = Scripted()
    for came, reason in (
        (signed("another secret"), Rejection.WRONG_SIGNATURE),
        (arrival(BODY), Rejection.MISSING_SIGNATURE),
        (replace(signed(), request=replace(signed().request, body=BODY + b" ")), Rejection.WRONG_SIGNATURE),
    ):
        answer = await behind(target).deliver(replace(came, scheme=scheme), lambda: None)
        assert answer == Answer(Outcome.REFUSED, f"{INVALID_AT_HOME}: {reason}")
    assert target.arrivals == []


async def test_the_sender_is_the_one_that_the_owner_wrote() -> None:
    target = Scripted()
    for said in ("stripe", "docker-hub", "", "nobody"):
        await behind(target).deliver(signed(sender=said), lambda: None)
    assert len(target.arrivals) == 4


async def test_while_a_secret_is_rotated_both_vouch() -> None:
    target = Scripted()
    for secret in ("old", "new", "older"):
        await behind(target, "new", "old").deliver(signed(secret), lambda: None)
    assert len(target.arrivals) == 2


@pytest.mark.parametrize("age_ms", [-MAX_AHEAD_MS - 1, MAX_AGE_MS + 1])
async def test_a_time_of_receipt_that_cannot_be_is_tried_again_for_ours_may_be_wrong(age_ms: int) -> None:
    target = Scripted()
    answer = await behind(target, now_ms=NOW_MS + age_ms).deliver(signed(), lambda: None)
    assert answer == Answer(Outcome.RETRY, CLOCKS_AT_HOME)
    assert target.arrivals == []


@pytest.mark.parametrize("age_ms", [-MAX_AHEAD_MS, 0, MAX_AGE_MS])
async def test_what_has_waited_is_judged_by_its_time_of_receipt(age_ms: int) -> None:
    target = Scripted()
    verification = Verification("stripe", [SECRET])
    late = VerifiedTarget(target, verification, lambda: NOW_MS + age_ms)
    request = sign(SENDERS["stripe"], Request("POST", b"", b"", (), BODY), SECRET.encode(), NOW_MS)
    answer = await late.deliver(replace(signed(), request=request), lambda: None)
    assert (answer.outcome, answer.verified_by) == (Outcome.DELIVERED, "stripe-v1")
    # Signed too long before it was received, it is old whenever we look.
    old = replace(signed(), request=request, received_at=NOW_MS + 301_000)
    answer = await VerifiedTarget(target, verification, lambda: NOW_MS + 301_000).deliver(old, lambda: None)
    assert answer.note == f"{INVALID_AT_HOME}: {Rejection.TOO_OLD}"


@pytest.mark.parametrize(
    ("method", "path", "query"), [("DELETE", b"", b""), ("POST", b"/admin", b""), ("POST", b"", b"sudo=1")]
)
async def test_an_address_that_nobody_signed_passes_only_as_the_owner_wishes(
    method: str, path: bytes, query: bytes
) -> None:
    target = Scripted()
    came = replace(signed(), request=replace(signed().request, method=method, path=path, query=query))
    assert await behind(target).deliver(came, lambda: None) == Answer(Outcome.RETRY, ADDRESS_AT_HOME)
    assert target.arrivals == []
    wished = VerifiedTarget(target, Verification("github", (SECRET,), any_path=True), lambda: NOW_MS)
    assert (await wished.deliver(came, lambda: None)).outcome is Outcome.DELIVERED
    assert [each.request for each in target.arrivals] == [came.request]


@pytest.mark.parametrize(
    ("method", "path", "query", "note"),
    [
        ("POST", b"/sms", b"a=1", "done"),
        ("GET", b"/sms", b"a=1", "done"),
        ("DELETE", b"/sms", b"a=1", ADDRESS_AT_HOME),
        ("POST", b"/admin", b"a=1", f"{INVALID_AT_HOME}: {Rejection.WRONG_SIGNATURE}"),
    ],
)
async def test_an_address_that_the_sender_signs_passes(
    method: str, path: bytes, query: bytes, note: str
) -> None:
    url = "https://hooks.example.org/t/token"
    site = Site(url, {"signed": "{url}.{body}"})
    sender = tailored(SENDERS["custom"], site.parameters)
    request = sign(sender, Request("POST", b"/sms", b"a=1", (), BODY), SECRET.encode(), NOW_MS, site)
    verification = Verification("custom", [SECRET], site.parameters, url)
    target = VerifiedTarget(Scripted(), verification, lambda: NOW_MS)
    came = replace(signed(), request=replace(request, method=method, path=path, query=query))
    assert (await target.deliver(came, lambda: None)).note == note


async def test_signs_of_life_come_through() -> None:
    class Lively:
        async def deliver(self, arrival: Arrival, keep_alive) -> Answer:
            del arrival
            keep_alive()
            await asyncio.sleep(0)
            return Answer(Outcome.DELIVERED)

    said: list[str] = []
    target = VerifiedTarget(Lively(), Verification("github", [SECRET]), lambda: NOW_MS)
    await target.deliver(signed(), lambda: said.append("alive"))
    assert said == ["alive"]


# --- what cannot be verified at home is refused before anything comes


@pytest.mark.parametrize(
    ("sender", "secrets", "parameters", "url", "field", "sentence"),
    [
        ("githbu", ["x"], {}, None, "sender", "There is no sender 'githbu' to verify."),
        ("git", ["x"], {}, None, "sender", "There is no sender 'git' to verify."),
        ("docker-hub", ["x"], {}, None, "sender", "Docker Hub signs nothing, so nothing can be verified."),
        ("github", [], {}, None, "secrets", "Name the secret of GitHub in your vault."),
        ("github", [""], {}, None, "secrets", "One of the secrets can be no key of GitHub"),
        ("discord", ["no key"], {}, None, "secrets", "One of the secrets can be no key of Discord"),
        ("paypal", ["x"], {}, None, "parameters.webhook_id", "PayPal cannot be verified without webhook_id."),
        ("square", ["x"], {}, None, "url", "Square signs the address that it calls"),
        ("github", ["x"], {"colour": "red"}, None, "colour", "GitHub has no parameter 'colour'"),
        ("custom", ["x"], {"signed": "{url}.{body}"}, None, "url", "signs the address that it calls"),
        ("microsoft-graph", ["x"], {"app_id": "1"}, None, "parameters.app_id", "have to be fetched from it"),
    ],
)
def test_what_cannot_be_meant_is_said_at_once(
    sender: str,
    secrets: list[str],
    parameters: dict[str, str],
    url: str | None,
    field: str,
    sentence: str,
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Verification(sender, secrets, parameters, url)
    assert caught.value.field == field
    assert sentence in str(caught.value)


def test_the_address_may_be_a_parameter_as_at_the_gateway() -> None:
    vector = next(each for each in VALID if each["provider"] == "square")
    parameters = {"url": site_of(vector).url}
    assert Verification("square", [vector["secret"]], parameters).check(arrival_of(vector)).ok


def test_no_secret_is_in_its_repr() -> None:
    verification = Verification("github", [SECRET])
    assert SECRET not in repr(verification) + repr(VerifiedTarget(Scripted(), verification, lambda: 0))
