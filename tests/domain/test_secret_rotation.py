"""Rotation: whatever is done with the secrets of a webhook, one stays current and none outlives its grace."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInputError, UnknownThingError
from domain.secret import (
    KEPT_MS,
    MAX_ENDED,
    MAX_LIVE,
    OnlySecretError,
    Secrets,
    SigningSecret,
    TooManySecretsError,
    checked_value,
    known,
    live,
    replaced,
    rotated,
    without,
)

NOW = 1_700_000_000_000
HOUR_MS = 3_600_000


def secret(number: int, at_ms: int = NOW, value: bytes | None = None) -> SigningSecret:
    return SigningSecret(f"sec_{number}", value or f"value {number}".encode(), at_ms)


def ids(secrets: Secrets) -> list[str]:
    return [each.id for each in secrets]


def test_the_old_secret_counts_until_the_grace_time_is_over() -> None:
    secrets = rotated((secret(1),), secret(2), NOW, HOUR_MS)
    assert ids(live(secrets, NOW)) == ["sec_2", "sec_1"]
    assert ids(live(secrets, NOW + HOUR_MS - 1)) == ["sec_2", "sec_1"]
    assert ids(live(secrets, NOW + HOUR_MS)) == ["sec_2"]


def test_without_grace_the_old_secret_ends_at_once_but_not_for_what_came_before() -> None:
    secrets = rotated((secret(1),), secret(2), NOW, 0)
    assert ids(live(secrets, NOW)) == ["sec_2"]
    assert ids(live(secrets, NOW - 1)) == ["sec_2", "sec_1"]


def test_what_is_rotated_twice_is_rotated_once() -> None:
    once = rotated((secret(1),), secret(2), NOW, HOUR_MS)
    assert rotated(once, secret(2), NOW + 5, 0) == once


def test_the_current_secret_cannot_be_its_own_successor() -> None:
    with pytest.raises(InvalidInputError, match="is the current secret already"):
        rotated((secret(1),), secret(2, value=b"value 1"), NOW, HOUR_MS)


def test_going_back_to_an_old_secret_leaves_one_of_that_value() -> None:
    secrets = rotated((secret(1),), secret(2), NOW, HOUR_MS)
    secrets = rotated(secrets, secret(3, value=b"value 1"), NOW, HOUR_MS)
    assert ids(secrets) == ["sec_3", "sec_2"]


def test_there_are_so_many_live_secrets_and_the_oldest_is_named() -> None:
    secrets: Secrets = ()
    for number in range(MAX_LIVE):
        secrets = rotated(secrets, secret(number), NOW + number, HOUR_MS)
    with pytest.raises(TooManySecretsError, match="Remove one first, such as sec_0,"):
        rotated(secrets, secret(9), NOW, HOUR_MS)
    assert ids(rotated(without(secrets, "sec_3", NOW), secret(9), NOW, HOUR_MS))[0] == "sec_9"
    assert ids(live(rotated(secrets, secret(9), NOW, 0), NOW)) == ["sec_9"]


def test_setting_a_secret_ends_all_others_now() -> None:
    secrets = rotated((secret(1),), secret(2), NOW, HOUR_MS)
    assert ids(live(replaced(secrets, secret(3), NOW), NOW)) == ["sec_3"]
    same = replaced(secrets, secret(3, value=b"value 2"), NOW)
    assert ids(live(same, NOW)) == ["sec_2"]
    assert replaced(same, secret(4, value=b"value 2"), NOW + 1) == same


def test_who_removes_the_new_secret_has_the_old_one_back_for_good() -> None:
    secrets = rotated((secret(1),), secret(2), NOW, HOUR_MS)
    assert without(secrets, "sec_2", NOW) == (secret(1),)
    assert without(secrets, "sec_1", NOW) == (secret(2),)


def test_the_only_secret_that_counts_cannot_be_removed_alone() -> None:
    secrets = rotated((secret(1),), secret(2), NOW, 0)
    with pytest.raises(OnlySecretError, match="sec_2 is the only secret"):
        without(secrets, "sec_2", NOW)
    assert without(secrets, "sec_1", NOW) == (secret(2),)


@pytest.mark.parametrize("wanted", ["sec_9", "", "sec_1\n"])
def test_what_is_not_there_cannot_be_removed(wanted: str) -> None:
    with pytest.raises(UnknownThingError):
        without((secret(1),), wanted, NOW)
    with pytest.raises(UnknownThingError):
        without((), wanted, NOW)


@pytest.mark.parametrize("text", [" s", "s ", "s\n", "s\r\n", "\ts", "s\N{NO-BREAK SPACE}", "\ufeffs", "\n"])
def test_what_nobody_sees_is_refused_unless_it_is_meant(text: str) -> None:
    with pytest.raises(InvalidInputError, match=r"invisible.*mark it as exact \(--exact\)"):
        checked_value(text)
    assert checked_value(text, exact=True) == text.encode()


@pytest.mark.parametrize("text", ["two\nlines", "a\tb", "a\0b", "a\x7fb", "a\N{NEXT LINE}b"])
def test_a_control_character_within_is_refused_unless_it_is_meant(text: str) -> None:
    with pytest.raises(InvalidInputError, match=r"control character within.*mark it as exact \(--exact\)"):
        checked_value(text)
    assert checked_value(text, exact=True) == text.encode()


@pytest.mark.parametrize(
    "text",
    ["s", "two words", "-----BEGIN CERTIFICATE-----\nMIIC\r\n-----END CERTIFICATE-----", "ü", "x" * 4096],
)
def test_anything_else_is_taken_as_it_is(text: str) -> None:
    assert checked_value(text) == text.encode()


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("text", ["", "x" * 4097, "ü" * 2049])
def test_a_secret_has_bounds(text: str, *, exact: bool) -> None:
    with pytest.raises(InvalidInputError, match="1 to 4096 bytes"):
        checked_value(text, exact=exact)


@dataclass
class Owner:
    """Somebody who does things with secrets; `promised` is when each of them ends at the latest."""

    secrets: Secrets
    promised: dict[str, int]
    now: int = NOW
    made: int = 0

    def fresh(self, value: int) -> SigningSecret:
        self.made += 1
        return secret(self.made, self.now, f"value {value}".encode())

    def ends(self, at_ms: int, *but: str) -> None:
        for each in self.secrets:
            if each.id not in but:
                self.promised[each.id] = min(self.promised.get(each.id, at_ms), at_ms)

    def rotate(self, value: int, grace_ms: int) -> None:
        fresh = self.fresh(value)
        self.secrets = rotated(self.secrets, fresh, self.now, grace_ms)
        self.ends(self.now + grace_ms, fresh.id)

    def replace(self, value: int, _: int) -> None:
        self.secrets = replaced(self.secrets, self.fresh(value), self.now)
        self.ends(self.now, self.secrets[0].id)

    def remove(self, value: int, _: int) -> None:
        wanted = self.secrets[value % len(self.secrets)].id if self.secrets else "sec_0"
        self.secrets = without(self.secrets, wanted, self.now)
        assert wanted not in ids(self.secrets)
        self.promised.pop(self.secrets[0].id, None)  # it may have become current again

    def wait(self, _: int, time_ms: int) -> None:
        self.now += time_ms


STEPS = st.lists(
    st.tuples(
        st.sampled_from([Owner.rotate, Owner.replace, Owner.remove, Owner.wait]),
        st.integers(0, 6),
        st.sampled_from([0, 1, HOUR_MS, 24 * HOUR_MS, KEPT_MS, 2 * KEPT_MS]),
    ),
    max_size=40,
)


@given(steps=STEPS)
def test_one_secret_stays_current_and_none_outlives_its_grace(steps) -> None:
    owner = Owner((), {})
    for step, value, time_ms in steps:
        before = owner.secrets
        try:
            step(owner, value, time_ms)
        except (InvalidInputError, TooManySecretsError, OnlySecretError, UnknownThingError):
            assert owner.secrets == before
        secrets = owner.secrets
        alive = live(secrets, owner.now)
        # Once there is a secret there always is one, and exactly one has no end: the newest.
        assert bool(secrets) == bool(before or step in {Owner.rotate, Owner.replace})
        assert [each.id for each in secrets if each.expires_at is None] == ids(secrets)[:1]
        # Whoever is older ends sooner, so what is live stands in front.
        ends = [each.expires_at or 2**62 for each in secrets]
        assert ends == sorted(ends, reverse=True)
        assert alive == secrets[: len(alive)]
        assert all(
            each.expires_at is not None and each.expires_at <= owner.promised[each.id] for each in secrets[1:]
        )
        assert len(alive) <= MAX_LIVE
        assert len(set(ids(secrets))) == len({each.value for each in secrets}) == len(secrets)
        # What is kept is bounded, and nothing is shown that ended long ago.
        shown = known(secrets, owner.now)
        assert len(shown) - len(alive) <= MAX_ENDED
        assert all(each.is_live(owner.now - KEPT_MS) for each in shown)
        assert len(secrets) <= MAX_LIVE + MAX_ENDED
