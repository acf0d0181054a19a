"""Laws of diagnoses: they never raise, never accuse what is verified, tell no secret, and end in time."""

import time
from base64 import b64encode
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.senders import SENDERS, verify
from domain.senders.diagnosis import Case, Cause, Neighbour, diagnose, inquiry, read_finding
from tests.cases import ADDRESS, NOW, case, plain, signed
from tests.domain.senders.test_hostile_requests import BODIES, SECRETS, VALUES, names_of
from tests.published import VECTORS, Vector, received_at, request_of, sender_of, site_of

law = settings(deadline=None)  # a busy machine breaks no law
senders = st.sampled_from(list(SENDERS.values()))
secrets = st.one_of(st.sampled_from(SECRETS), st.binary(min_size=1, max_size=80))


def of_vector(vector: Vector, secret: bytes) -> Case:
    made = case("custom", request_of(vector), secret, now=received_at(vector))
    return replace(made, sender=sender_of(vector), site=site_of(vector))


@pytest.mark.parametrize("vector", VECTORS, ids=[f"{v['scheme']}-{at}" for at, v in enumerate(VECTORS)])
def test_what_is_verified_is_fine_and_nothing_else_is(vector: Vector) -> None:
    secret = vector["secret"].encode()
    request, at = request_of(vector), received_at(vector)
    verdict = verify(sender_of(vector), request, [secret], at, site_of(vector))
    finding = diagnose(of_vector(vector, secret))
    assert (finding.cause is Cause.FINE) == verdict.ok


@law
@given(st.sampled_from(VECTORS), secrets)
def test_no_finding_holds_anything_of_secret_or_request(vector: Vector, secret: bytes) -> None:
    made = of_vector(vector, secret)
    made = replace(made, neighbours=(Neighbour("other", (vector["secret"].encode(),)),))
    finding = diagnose(made)
    told = finding.written()
    assert read_finding(told) == finding
    private = [vector["secret"], *vector["headers"].values(), ADDRESS]
    private += [made.request.body.decode("latin-1"), secret.decode("latin-1")]
    assert [each for each in private if len(each) > 12 and each in told] == []
    assert told.isprintable()


@law
@given(
    senders,
    secrets,
    st.lists(st.sampled_from(VALUES), max_size=4),
    st.sampled_from(BODIES),
    st.integers(0, 2**50),
    st.data(),
)
def test_no_request_makes_a_diagnosis_raise(sender, secret, values, body, at, data) -> None:
    names = st.sampled_from([b"host", b"x-forwarded-host", b"content-encoding", *names_of(sender)])
    headers = [(data.draw(names), value) for value in values]
    query = data.draw(st.sampled_from([b"", b"a=%FF&b", b"bodySHA256=00"]))
    made = case(sender.key, plain(body, *headers, query=query), secret, ended={b"old": 1}, now=at)
    made = replace(made, neighbours=(Neighbour("other", (b"theirs",)),))
    assert diagnose(made).sentence.endswith(".")


@law
@given(
    st.sampled_from(
        ["github", "stripe", "slack", "custom", "twilio", "square", "gitea", "standard-webhooks"]
    ),
    st.binary(max_size=300),
    secrets,
)
def test_what_a_sender_signs_with_the_right_secret_is_never_accused(
    key: str, body: bytes, secret: bytes
) -> None:
    whole = b"whsec_" + b64encode(secret) if key == "standard-webhooks" else secret
    assert diagnose(case(key, signed(key, whole, plain(body)), whole)).cause is Cause.FINE


@pytest.mark.parametrize(
    "sender", ["custom", "twilio", "slack", "mailgun", "microsoft-graph", "gitea", "hubspot"]
)
@pytest.mark.parametrize(
    "body",
    [
        b"x" * (1 << 20),
        b"[" + b"1," * 130_000 + b"1]",
        b'{"value": [' + b'{"clientState": "x"},' * 12_000 + b"{}]}",
        b"a=%FF&b=%00&" * 21_000,
    ],
    ids=["large", "list", "objects", "form"],
)
def test_what_is_tried_stays_within_its_budget(
    sender: str, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    spent: list[int] = []
    judge = inquiry.judge

    def counted(sender, content, secrets, received_at):
        spent.append(len(content.request.body) * len(secrets))
        return judge(sender, content, secrets, received_at)

    monkeypatch.setattr(inquiry, "judge", counted)
    form = (b"content-type", b"application/x-www-form-urlencoded")
    request = plain(body, form, *((name, b"0" * 64) for name in names_of(SENDERS[sender]) if name != form[0]))
    neighbours = {str(at): b"secret %d" % at for at in range(100)}
    finding = diagnose(case(sender, request, b"one", b"two", neighbours=neighbours, now=NOW))
    assert finding.cause is not Cause.FINE
    assert sum(spent) <= inquiry.BUDGET_BYTES
    assert len(spent) <= inquiry.BUDGET_BYTES // inquiry.ATTEMPT_BYTES


@pytest.mark.parametrize("depth", [60, 300, 900])
def test_a_body_that_would_become_huge_when_indented_costs_little(depth: int) -> None:
    body = b"[" * depth + b",".join([b"1"] * 100_000) + b"]" * depth
    request = replace(signed("github", b"another"), body=body)
    began = time.process_time()
    assert diagnose(case("github", request, b"secret")).cause is Cause.UNKNOWN
    assert time.process_time() - began < 3
