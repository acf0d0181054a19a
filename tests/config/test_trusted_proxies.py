"""FLEET_TRUSTED_PROXIES: addresses and networks, and what is wrong with them in one sentence."""

import pytest

from config.settings import SettingsError, load
from config.values import NONE


@pytest.mark.parametrize(
    ("given", "trusted"),
    [
        ("", ()),
        (NONE, ()),
        ("127.0.0.1", ("127.0.0.1/32",)),
        ("10.0.0.0/8, ::1,2001:DB8::/32", ("10.0.0.0/8", "::1/128", "2001:db8::/32")),
        ("::ffff:10.0.0.1", ("10.0.0.1/32",)),
    ],
)
def test_proxies_are_addresses_and_networks(given: str, trusted: tuple[str, ...]) -> None:
    assert load({"FLEET_TRUSTED_PROXIES": given}).trusted_proxies == trusted


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            "10.0.0.1/8",
            "10.0.0.1/8; entry 1 must be 10.0.0.0/8 for the network or 10.0.0.1 for the one address.",
        ),
        (
            "::1,proxy.example",
            "entry 2 must be an IP address or a network such as 192.0.2.0/24 or 2001:db8::/32.",
        ),
        (
            ",".join(["::1"] * 101),
            "FLEET_TRUSTED_PROXIES cannot be used; it must have at most 100 entries.",
        ),
    ],
)
def test_a_mistake_is_one_sentence(given: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load({"FLEET_TRUSTED_PROXIES": given})
    (told,) = caught.value.mistakes
    assert told.startswith("FLEET_TRUSTED_PROXIES ")
    assert told.endswith(sentence)
