"""Who the client is behind proxies: what strangers write changes nothing."""

from ipaddress import IPv4Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.client import MAX_HOPS, Client, client_of
from domain.networks import NOBODY, Networks

OURS = Networks.of(["10.0.0.0/8", "fd00::/8"])
PROXY = "10.0.0.1"
SENDER = IPv4Address("192.0.2.7")

HEADERS = st.lists(st.binary(max_size=60), max_size=5)
PROXIES = st.one_of(st.ip_addresses(network="10.0.0.0/8"), st.ip_addresses(network="fd00::/8")).map(str)
STRANGERS = st.ip_addresses().filter(
    lambda address: address not in OURS and getattr(address, "ipv4_mapped", None) is None
)


def seen(*lines: bytes, peer: str | None = PROXY, trusted: Networks = OURS) -> IPv4Address | None:
    """The address that these X-Forwarded-For lines make."""
    return client_of(peer, is_secure=False, forwarded_for=lines, forwarded_proto=(), trusted=trusted).address


def is_secure(*lines: bytes, socket: bool = False, peer: str = PROXY) -> bool:
    """Whether these X-Forwarded-Proto lines make https."""
    return client_of(peer, is_secure=socket, forwarded_for=(), forwarded_proto=lines, trusted=OURS).is_secure


@given(STRANGERS, st.booleans(), HEADERS, HEADERS)
def test_the_headers_of_an_untrusted_peer_never_change_anything(peer, secure, forwarded_for, proto) -> None:
    for trusted in (OURS, NOBODY):
        told = client_of(
            str(peer), is_secure=secure, forwarded_for=forwarded_for, forwarded_proto=proto, trusted=trusted
        )
        assert told == Client(peer, secure)


@given(HEADERS, st.binary(max_size=2000), STRANGERS, st.lists(PROXIES, max_size=10), st.booleans())
def test_what_a_client_prepends_never_changes_the_outcome(lines, written, client, proxies, joined) -> None:
    chain = [str(client), *proxies]
    added = [", ".join(chain).encode()] if joined else [each.encode() for each in chain]
    # A proxy adds its entry to what the client wrote, or as a line of its own.
    glued = [written + b", " + added[0], *added[1:]]
    assert seen(*lines, *added) == seen(*lines, *glued) == seen(*added) == client


@given(HEADERS, HEADERS, st.booleans())
def test_nothing_raises_and_the_scheme_is_what_the_last_entry_says(forwarded_for, proto, secure) -> None:
    told = client_of(
        PROXY, is_secure=secure, forwarded_for=forwarded_for, forwarded_proto=proto, trusted=OURS
    )
    last = proto[-1].split(b",")[-1].strip(b" \t").lower() if proto else b""
    assert told.is_secure == (last == b"https")


@pytest.mark.parametrize(
    ("line", "address"),
    [
        (b"192.0.2.7", SENDER),
        (b"192.0.2.7:4711", SENDER),
        (b"::ffff:192.0.2.7", SENDER),
        (b"[::ffff:192.0.2.7]:4711", SENDER),
        (b"\t192.0.2.7 ", SENDER),
        (b"2001:db8::7", ip_address("2001:db8::7")),
        (b"[2001:db8::7]", ip_address("2001:db8::7")),
        (b"[2001:db8::7]:80", ip_address("2001:db8::7")),
        (b"fe80::1%eth0", ip_address("fe80::1")),
        (b"198.51.100.1, 192.0.2.7, 10.0.0.2, fd00::2", SENDER),
        (b"10.0.0.3, 10.0.0.2", ip_address("10.0.0.3")),
    ],
)
def test_the_right_most_stranger_is_the_client(line: bytes, address: IPv4Address) -> None:
    assert seen(line) == address


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"192.0.2.7,",
        b"192.0.2.7, ,10.0.0.2",
        b"unknown",
        b"192.0.2.7, unknown",
        b"192.0.2.7 10.0.0.2",
        b"192.0.2.7:",
        b"192.0.2.7:http",
        b"[192.0.2.7]:80",
        b"[2001:db8::7",
        b"2001:db8::7]:80",
        b"[]",
        b"[2001:db8::7]80",
        b"192.0.2.7;",
        b'"192.0.2.7"',
        b"for=192.0.2.7",
        b"\xff",
        b"192.0.2.7:\xb2",
    ],
)
def test_an_entry_that_is_no_address_makes_the_client_unknown(line: bytes) -> None:
    assert seen(line) is None


def test_several_lines_are_one_list_in_their_order() -> None:
    assert seen(b"198.51.100.1", b"192.0.2.7, 10.0.0.3", b"10.0.0.2") == SENDER
    assert seen(b"192.0.2.7", b"") is None


def test_without_the_header_the_proxy_is_the_client() -> None:
    assert seen() == ip_address(PROXY)


def test_a_peer_without_an_address_is_unknown_and_not_trusted() -> None:
    assert seen(b"192.0.2.7", peer=None) is None
    assert seen(b"192.0.2.7", peer="/run/socket") is None


def test_a_peer_in_ipv6_form_is_the_ipv4_proxy_that_is_trusted() -> None:
    assert seen(b"192.0.2.7", peer="::ffff:10.0.0.1") == SENDER
    assert seen(b"192.0.2.7", peer="fd00::1%eth0") == SENDER


def test_hundreds_of_entries_are_bounded() -> None:
    assert seen(b"192.0.2.7" + b", 10.0.0.2" * (MAX_HOPS - 1)) == SENDER
    assert seen(b"192.0.2.7" + b", 10.0.0.2" * MAX_HOPS) is None
    assert seen(*[b"192.0.2.7"] + [b"10.0.0.2"] * MAX_HOPS) is None
    assert seen(b"198.51.100.1, " * 5000 + b"192.0.2.7") == SENDER


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([b"https"], True),
        ([b"HTTPS "], True),
        ([b"http"], False),
        ([b"http, https"], True),
        ([b"https, http"], False),
        ([b"https", b"http"], False),
        ([b"https", b""], False),
        ([b"https,"], False),
        ([b"wss"], False),
        ([], False),
    ],
)
def test_the_scheme_is_the_word_of_the_proxy_that_calls_us(lines: list[bytes], expected: bool) -> None:  # noqa: FBT001
    assert is_secure(*lines) == expected
    # TLS between the proxy and us says nothing about its client.
    assert is_secure(*lines, socket=True) == expected


def test_nobody_but_a_trusted_proxy_makes_http_https() -> None:
    assert not is_secure(b"https", peer="192.0.2.1")
    assert is_secure(b"http", peer="192.0.2.1", socket=True)
