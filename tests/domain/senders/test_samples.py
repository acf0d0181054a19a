"""Every sample of every sender: signed as the sender would, it passes; forged or late, it does not."""

import os
from dataclasses import dataclass

import pytest

from domain.errors import InvalidInputError
from domain.event import Rejection, Request
from domain.senders import SENDERS, Sender, describe, looks_like, sign, verify
from domain.senders.content import Content
from domain.senders.handshake import asked
from domain.senders.samples import SAMPLES, Blanks, Sample, closest, imitation
from tests.imitations import NOW, SITE, fresh, request_of

EVERY = [
    pytest.param(SENDERS[key], sample, id=f"{key} {sample.event}")
    for key, samples in SAMPLES.items()
    for sample in samples
]
SIGNED = [
    pytest.param(sender, sample, id=f"{key} {sample.event}")
    for key, sender in SENDERS.items()
    for sample in SAMPLES[key]
    if any(scheme.hook is None for scheme in sender.schemes)
]


@dataclass(frozen=True)
class Signed:
    request: Request
    secret: bytes


def signed(sender: Sender, sample: Sample, at: int = NOW) -> Signed:
    pen = fresh(sender)
    request = request_of(sender, sample, at)
    return Signed(sign(sender, request, pen.secret, at, SITE, os.urandom(16), pen.private), pen.secret)


def test_there_is_a_sample_of_every_sender() -> None:
    assert SAMPLES.keys() == SENDERS.keys()
    assert len(SAMPLES) == 56
    for key, samples in SAMPLES.items():
        names = [sample.event for sample in samples]
        assert all(names), key
        assert len(set(names)) == len(names), key


@pytest.mark.parametrize(("sender", "sample"), EVERY)
def test_the_gateway_would_list_it_under_its_name(sender: Sender, sample: Sample) -> None:
    told = describe(sender, request_of(sender, sample))
    assert told.event_type == (sample.event if sender.event_type else "")
    assert told.count == 1


@pytest.mark.parametrize(("sender", "sample"), SIGNED)
def test_signed_with_a_fresh_secret_it_passes(sender: Sender, sample: Sample) -> None:
    made = signed(sender, sample)
    verdict = verify(sender, made.request, [made.secret], NOW, SITE)
    assert verdict.rejection is None
    assert verdict.secret_index == 0
    told = describe(sender, made.request)
    assert told.event_type == (sample.event if sender.event_type else "")


@pytest.mark.parametrize(("sender", "sample"), SIGNED)
def test_for_somebody_else_it_is_forged(sender: Sender, sample: Sample) -> None:
    made = signed(sender, sample)
    other = fresh(sender).secret
    assert verify(sender, made.request, [other], NOW, SITE).rejection is Rejection.WRONG_SIGNATURE


@pytest.mark.parametrize(("sender", "sample"), SIGNED)
def test_without_its_signature_it_is_refused(sender: Sender, sample: Sample) -> None:
    made = signed(sender, sample)
    bare = request_of(sender, sample)
    assert verify(sender, bare, [made.secret], NOW, SITE).rejection is Rejection.MISSING_SIGNATURE


@pytest.mark.parametrize(("sender", "sample"), SIGNED)
def test_what_is_too_long_ago_is_refused_where_a_time_counts(sender: Sender, sample: Sample) -> None:
    made = signed(sender, sample)
    name = verify(sender, made.request, [made.secret], NOW, SITE).scheme
    timestamp = next(each.timestamp for each in sender.schemes if each.id == name)
    past_s = timestamp.past_s if timestamp else None
    late = NOW + 1000 * (past_s + 2 if past_s else 10**9)
    verdict = verify(sender, made.request, [made.secret], late, SITE)
    assert verdict.rejection is (Rejection.TOO_OLD if past_s else None)


@pytest.mark.parametrize(("sender", "sample"), SIGNED)
def test_two_of_them_are_different_events(sender: Sender, sample: Sample) -> None:
    one, other = signed(sender, sample), signed(sender, sample)
    ids = [describe(sender, each.request).event_id for each in (one, other)]
    assert ids[0] != ids[1] or ids == [None, None]
    if sender.dedup:
        assert None not in ids


@pytest.mark.parametrize(("sender", "sample"), EVERY)
def test_it_is_what_a_sender_could_send(sender: Sender, sample: Sample) -> None:
    request = request_of(sender, sample)
    content = Content(request)
    assert content.form or content.json
    for text in (request.body, *(value for _, value in request.headers)):
        assert b"{" not in text.replace(b'{"', b"").replace(b"{}", b"").replace(b"{2f", b""), text


@pytest.mark.parametrize(("sender", "sample"), EVERY)
def test_nobody_takes_it_for_a_handshake(sender: Sender, sample: Sample) -> None:
    question = asked(sender.handshakes, request_of(sender, sample))
    assert question is None or question.handshake.is_event


def test_it_bears_the_marks_of_its_sender() -> None:
    """Where a sender has marks of its own besides the signature; several share theirs with others."""
    for key in ("github", "gitlab", "gitea", "forgejo", "gogs", "bitbucket-cloud", "jira", "azure-devops"):
        sender = SENDERS[key]
        assert key in looks_like(signed(sender, SAMPLES[key][0]).request), key


# --- events that are no samples


OTHERS = [
    ("github", "star"),
    ("stripe", "customer.created"),
    ("slack", "team_join"),
    ("telegram", "poll"),
    ("twilio", "queued"),
    ("sentry", "issue.resolved"),
    ("heroku", "api:addon.create"),
    ("meta", "page.mention"),
    ("asana", "task.removed"),
    ("sendgrid", "dropped"),
    ("microsoft-graph", "deleted"),
    ("hubspot", "company.deletion"),
    ("custom", "anything goes"),
]


@pytest.mark.parametrize(("key", "event"), OTHERS)
def test_another_event_is_made_of_the_first_sample(key: str, event: str) -> None:
    sender, sample = SENDERS[key], closest(SAMPLES[key], event)
    assert sample is SAMPLES[key][0]
    request = imitation(sender, sample, event, Blanks.at(NOW, bytes(16)), SITE)
    assert describe(sender, request).event_type == event
    pen = fresh(sender)
    made = sign(sender, request, pen.secret, NOW, SITE, b"", pen.private)
    assert verify(sender, made, [pen.secret], NOW, SITE).ok
    assert describe(sender, made).event_type == event


@pytest.mark.parametrize(
    ("key", "event"),
    [
        ("docker-hub", "pull"),
        ("github", "a\r\nb: c"),
        ("github", "é"),
        ("github", " push"),
        ("stripe", "x" * 101),
        ("heroku", "nodot"),
    ],
)
def test_what_a_sender_cannot_say_is_refused(key: str, event: str) -> None:
    sender = SENDERS[key]
    with pytest.raises(InvalidInputError, match="has no way to say"):
        imitation(sender, closest(SAMPLES[key], event), event, Blanks.at(NOW, bytes(16)), SITE)
