"""A vault: its parts change together, and what comes from outside takes nobody's place."""

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from domain.secret import SigningSecret, rotated
from domain.vault import PULL_AGAIN_MS, Vault

NOW = 1_700_000_000_000
FIRST, SECOND = SigningSecret("sec_1", b"first", NOW), SigningSecret("sec_2", b"second", NOW)


def test_parameters_are_merged_and_empty_ones_removed() -> None:
    vault = Vault(parameters={"a": "1", "b": "2", "c": "3"})
    changed = vault.with_parameters({"a": "4", "b": None, "c": "", "d": "5", "e": None})
    assert changed.parameters == {"a": "4", "d": "5"}
    assert vault.with_parameters({}) == vault
    assert changed.with_parameters({"a": "", "d": None}).is_empty


def test_a_handshake_gives_a_secret_only_where_there_is_none() -> None:
    captured = Vault().captured(FIRST)
    assert (captured.secrets, captured.revealable) == ((FIRST,), "sec_1")
    assert captured.captured(SECOND) == captured
    set_by_hand = Vault((SECOND,))
    assert set_by_hand.captured(FIRST) == set_by_hand


def test_what_is_gone_cannot_be_revealed_and_is_forgotten() -> None:
    captured = Vault().captured(FIRST)
    beside = captured.with_secrets(rotated(captured.secrets, SECOND, NOW, 1000))
    assert beside.revealable == "sec_1"
    assert captured.forgotten(beside) == ()
    after = beside.with_secrets((SECOND,))
    assert after.revealable is None
    assert beside.forgotten(after) == ("sec_1",)
    assert captured.revealed().secrets == captured.secrets


def test_what_is_held_is_pulled_once_unless_it_is_the_same_who_asks_again() -> None:
    held = Vault((FIRST,)).holding()
    pulled = held.pulled("digest", NOW)
    assert pulled is not None
    assert pulled.pulled("digest", NOW + PULL_AGAIN_MS - 1) == pulled
    assert pulled.pulled("digest", NOW + PULL_AGAIN_MS) is None
    assert pulled.pulled("another", NOW) is None
    assert pulled.pulled("", NOW) is None
    keyless = held.pulled("", NOW)
    assert keyless is not None
    assert keyless.pulled("", NOW) is None
    assert Vault((FIRST,)).pulled("digest", NOW) is None


def test_only_the_current_secret_is_held() -> None:
    held = Vault((FIRST,)).holding()
    assert held.with_secrets((FIRST, SECOND)).held == held.held
    assert held.with_parameters({"a": "1"}).held == held.held
    assert held.with_secrets(rotated(held.secrets, SECOND, NOW, 1000)).held is None
    assert held.with_secrets(()).held is None


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["pull", "rotate", "hold", "set", "remove"]), st.sampled_from(["", "a", "b"])
        ),
        max_size=12,
    )
)
def test_whatever_is_done_a_secret_is_given_away_to_one_key_at_most(steps: list[tuple[str, str]]) -> None:
    vault, takers = Vault((FIRST,)).holding(), defaultdict[str, list[str]](list)
    for number, (what, key) in enumerate(steps):
        fresh = SigningSecret(f"sec_{number}_{what}", b"%d" % number, NOW)
        if what == "pull":
            after = vault.pulled(key, NOW)
            if after is not None:
                takers[vault.secrets[0].id].append(key)
            vault = after or vault
        elif what == "remove":
            vault = vault.with_secrets(())
        else:
            vault = vault.with_secrets(rotated(vault.secrets, fresh, NOW, 0))
            vault = vault.holding() if what == "hold" else vault
    for given_to in takers.values():
        assert len(set(given_to)) == 1
        assert given_to.count("") <= 1
    assert all(secret == FIRST.id or secret.endswith("_hold") for secret in takers)


def test_nothing_secret_is_in_its_repr() -> None:
    assert "first" not in repr(Vault((FIRST,), {"verify_token": "first"}))
