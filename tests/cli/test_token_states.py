"""What `fleet gateways list` says of tokens."""

import pytest

from cli.durations import duration_ms
from cli.tokens import state
from domain.gateway import Gateway

DAY_MS = 86_400_000


@pytest.mark.parametrize(
    ("expires_at", "old_until", "revoked", "words"),
    [
        (None, None, False, "valid"),
        (None, 5 * DAY_MS, True, "revoked"),
        (DAY_MS, None, False, "expired"),
        (13 * DAY_MS, None, False, "expires in 12 d"),
        (91 * DAY_MS - 5000, None, False, "expires in 90 d"),
        (DAY_MS + 500, None, False, "expires in less than 1 s"),
        (None, DAY_MS + 7_200_000, False, "valid, old token open for 2 h"),
        (None, DAY_MS, False, "valid"),
    ],
)
def test_the_state_of_tokens_in_words(
    expires_at: int | None, old_until: int | None, *, revoked: bool, words: str
) -> None:
    gateway = Gateway("gw", "home", 1, revoked=revoked, expires_at=expires_at, old_until=old_until)
    assert state(gateway, DAY_MS) == words


def test_durations_have_units() -> None:
    assert [duration_ms(text) for text in ("90d", "12h", "30m", "45s")] == [
        90 * DAY_MS,
        43_200_000,
        1_800_000,
        45_000,
    ]
