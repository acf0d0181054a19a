"""Addresses and networks as people write them."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.networks import NOBODY, Networks, address_of, network_of

NETWORKS = st.one_of(
    st.builds(
        lambda bits, prefix: ip_network((bits, prefix), strict=False),
        st.integers(0, 2**32 - 1),
        st.integers(0, 32),
    ),
    st.builds(
        lambda bits, prefix: ip_network((bits, prefix), strict=False),
        st.integers(2**64, 2**128 - 1),
        st.integers(0, 128),
    ),
)
ADDRESSES = st.ip_addresses()


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.7", IPv4Address("192.0.2.7")),
        ("::ffff:192.0.2.7", IPv4Address("192.0.2.7")),
        ("::FFFF:c000:207", IPv4Address("192.0.2.7")),
        ("2001:DB8::7", IPv6Address("2001:db8::7")),
        ("fe80::1%eth0", IPv6Address("fe80::1")),
        ("::ffff:192.0.2.7%eth0", IPv4Address("192.0.2.7")),
    ],
)
def test_an_address_is_read_in_every_form(text: str, address: IPv4Address | IPv6Address) -> None:
    assert address_of(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "unknown",
        "_hidden",
        "192.0.2",
        "192.0.2.07",
        "192.0.2.256",
        "192.0.2.7:80",
        "[::1]",
        " ::1",
        "::1 ",
        "192.0.2.7%eth0",
        "fe80::1%",
        "::1/128",
        "1" * 10_000,
        "3221225991",
        "0xc0000207",
        "\N{ARABIC-INDIC DIGIT ONE}.1.1.1",
    ],
)
def test_what_is_no_address_is_none(text: str) -> None:
    assert address_of(text) is None


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("192.0.2.7", "192.0.2.7/32"),
        ("192.0.2.0/24", "192.0.2.0/24"),
        ("2001:db8::/32", "2001:db8::/32"),
        ("::ffff:192.0.2.0/120", "192.0.2.0/24"),
        ("::ffff:192.0.2.7", "192.0.2.7/32"),
        ("::/0", "::/0"),
    ],
)
def test_a_network_is_read_in_every_form(text: str, network: str) -> None:
    assert str(network_of(text)) == network


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "/8",
        "10.0.0.0/",
        "10.0.0.0/33",
        "0.0.0.0/00032",
        "192.0.2.7/032",
        "::/0128",
        "::1/1280",
        "::/129",
        "10.0.0.0/255.0.0.0",
        "10.0.0.0/-1",
        "10.0.0.0/ 8",
        "10.0.0.0/8/8",
        "fe80::%eth0/64",
        "example.org",
        "10.0.0.0/" + "9" * 5000,
        "10.0.0.0/\N{ARABIC-INDIC DIGIT EIGHT}",
    ],
)
def test_what_is_no_network_is_told_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"^it must be an IP address or a network such as 192\.0\.2\.0/24"):
        network_of(text)


def test_bits_behind_the_prefix_are_refused_with_both_things_that_may_be_meant() -> None:
    with pytest.raises(
        ValueError, match=r"^it must be 10\.0\.0\.0/8 for the network or 10\.0\.0\.1 for the one"
    ):
        network_of("10.0.0.1/8")


@given(NETWORKS)
def test_what_is_written_is_what_is_read(network) -> None:
    assert network_of(str(network)) == network or network.overlaps(ip_network("::ffff:0:0/96"))


@given(st.lists(NETWORKS, max_size=20), ADDRESSES)
def test_a_set_has_the_addresses_of_its_networks(networks, address) -> None:
    expected = any(address.version == each.version and address in each for each in networks)
    assert (address in Networks(networks)) == expected
    for network in networks:
        assert network.network_address in Networks(networks)
        assert network.broadcast_address in Networks(networks)


def test_the_empty_set_has_nobody() -> None:
    assert not NOBODY
    assert ip_address("127.0.0.1") not in NOBODY
    assert ip_address("::1") not in NOBODY
    assert Networks.of(["::1"])
