"""Trials: secrets made up for one test, beside those of a webhook."""

import os
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInputError
from domain.event import Rejection
from domain.secret import (
    MAX_LIVE,
    OnlySecretError,
    Secrets,
    SigningSecret,
    TooManySecretsError,
    live,
    rotated,
    without,
)
from domain.senders import SENDERS, sign, tailored, verify
from domain.senders.method import Ecdsa, Ed25519
from domain.senders.samples import SAMPLES
from domain.senders.trial import TRIAL_MS, new_trial, with_trial
from tests.imitations import NOW, SITE, example_key, request_of

NEW_KEYS = {
    scheme.id: (sender, scheme)
    for sender in SENDERS.values()
    for scheme in sender.schemes
    if isinstance(scheme.method, (Ed25519, Ecdsa))
}


@pytest.mark.parametrize("name", NEW_KEYS)
def test_a_trial_key_signs_where_the_secret_is_a_public_key(name: str) -> None:
    sender, scheme = NEW_KEYS[name]
    if len(sender.schemes) > 1:
        sender = tailored(sender, {"scheme": name})
    public = example_key(scheme)
    request = request_of(sender, SAMPLES[sender.key][0])
    with pytest.raises(InvalidInputError, match="nothing can be signed"):
        sign(sender, request, public, NOW, SITE)
    pen = new_trial(sender, public, os.urandom(32))
    made = sign(sender, request, pen.secret, NOW, SITE, b"", pen.private)
    verdict = verify(sender, made, [public, pen.secret], NOW, SITE)
    assert (verdict.scheme, verdict.secret_index) == (name, 1)
    assert verify(sender, made, [public], NOW, SITE).rejection is Rejection.WRONG_SIGNATURE


def trial_of(number: int, made_at: int) -> SigningSecret:
    return SigningSecret(f"sec_{number}", b"trial %d" % number, made_at, made_at + TRIAL_MS, is_trial=True)


def test_a_trial_counts_beside_the_others_for_a_minute_and_is_never_the_current_one() -> None:
    current = SigningSecret("sec_c", b"current", NOW)
    old = SigningSecret("sec_o", b"old", NOW - 5, NOW + 1000)
    after = with_trial((current, old), trial_of(1, NOW), NOW)
    assert [each.id for each in after] == ["sec_c", "sec_1", "sec_o"]
    assert [each.id for each in live(after, NOW + TRIAL_MS - 1)] == ["sec_c", "sec_1"]
    assert live(after, NOW + TRIAL_MS) == (current,)


def test_trials_that_have_ended_make_no_other_ended_secret_forgotten() -> None:
    current = SigningSecret("sec_c", b"current", NOW)
    ended = SigningSecret("sec_e", b"ended", NOW - 5, NOW - 1)
    secrets = (current, ended)
    for number in range(20):
        now = NOW + number * 2 * TRIAL_MS
        secrets = with_trial(secrets, trial_of(number, now), now)
        assert [each.id for each in secrets] == ["sec_c", f"sec_{number}", "sec_e"]


def test_who_removes_the_current_secret_does_not_make_a_trial_current() -> None:
    current = SigningSecret("sec_c", b"current", NOW)
    old = SigningSecret("sec_o", b"old", NOW - 5, NOW + 1000)
    trial = trial_of(1, NOW)
    with pytest.raises(OnlySecretError):
        without(with_trial((current,), trial, NOW), "sec_c", NOW)
    assert without(with_trial((current, old), trial, NOW), "sec_c", NOW) == (
        replace(old, expires_at=None),
        trial,
    )


def test_a_trial_that_a_rotation_cuts_short_stays_a_trial() -> None:
    tried = with_trial((SigningSecret("sec_c", b"current", NOW),), trial_of(1, NOW), NOW)
    [fresh, old, trial] = rotated(tried, SigningSecret("sec_f", b"fresh", NOW), NOW, 1000)
    assert [each.is_trial for each in (fresh, old, trial)] == [False, False, True]
    with pytest.raises(OnlySecretError):
        without((fresh, trial), "sec_f", NOW)


def test_only_so_many_trials_count_at_a_time() -> None:
    secrets: Secrets = (SigningSecret("sec_c", b"current", NOW),)
    for number in range(MAX_LIVE - 1):
        secrets = with_trial(secrets, trial_of(number, NOW), NOW)
    with pytest.raises(TooManySecretsError) as refused:
        with_trial(secrets, trial_of(99, NOW), NOW)
    assert refused.value.oldest in secrets[1:]


def test_a_trial_shows_neither_secret_nor_key() -> None:
    pen = new_trial(SENDERS["discord"], b"3b" * 32, os.urandom(32))
    assert repr(pen) == "Trial()"


@given(
    st.lists(
        st.tuples(st.booleans(), st.integers(0, 3 * TRIAL_MS), st.integers(0, 3 * TRIAL_MS)), max_size=12
    )
)
def test_whatever_is_rotated_and_tried_the_current_one_stays_and_ends_never_grow(
    steps: list[tuple[bool, int, int]],
) -> None:
    now = NOW
    secrets: Secrets = (SigningSecret("sec_c", b"current", NOW),)
    for number, (is_trial, pause, grace) in enumerate(steps):
        now += pause
        with suppress(TooManySecretsError):
            if is_trial:
                secrets = with_trial(secrets, trial_of(number, now), now)
            else:
                fresh = SigningSecret(f"sec_{number}", b"fresh %d" % number, now)
                secrets = rotated(secrets, fresh, now, grace)
        current, *others = secrets
        assert current.expires_at is None
        ends = [each.expires_at or 0 for each in others]
        assert 0 not in ends
        assert ends == sorted(ends, reverse=True)
        assert len(live(secrets, now)) <= MAX_LIVE
