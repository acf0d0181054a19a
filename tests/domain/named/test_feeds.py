"""The files in which senders publish their networks, and what is refused in them."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInputError
from domain.named import checked_networks, read_feed
from domain.named.named_list import MAX_NETWORKS

ATLASSIAN = {
    "syncToken": 1,
    "items": [
        {"cidr": "192.0.2.0/24", "product": ["jira", "bitbucket"], "direction": ["egress"]},
        {"cidr": "198.51.100.0/24", "product": ["bitbucket"], "direction": ["ingress"]},
        {"cidr": "2001:db8::/32", "product": ["bitbucket"], "direction": ["ingress", "egress"]},
        {"cidr": "203.0.113.0/28", "product": ["bitbucket"]},
        {"cidr": "203.0.113.16/28", "product": ["trello"]},
        {"product": "nonsense"},
        "nonsense",
    ],
}


@pytest.mark.parametrize(
    ("content", "networks"),
    [
        ({"hooks": ["192.0.2.0/24"], "web": ["198.51.100.0/24"]}, ["192.0.2.0/24"]),
        ({"WEBHOOKS": ["192.0.2.7", "192.0.2.8"]}, ["192.0.2.7", "192.0.2.8"]),
        (ATLASSIAN, ["192.0.2.0/24", "2001:db8::/32", "203.0.113.0/28"]),
        ({"data": {"ipv4_cidrs": ["192.0.2.7/32"]}, "meta": {}}, ["192.0.2.7/32"]),
        (["192.0.2.7", "2001:db8::/32"], ["192.0.2.7", "2001:db8::/32"]),
    ],
)
def test_every_form_is_read(content: object, networks: list[str]) -> None:
    assert read_feed(json.dumps(content).encode(), "bitbucket") == networks


def test_lines_have_comments_and_may_be_empty() -> None:
    raw = b"\xef\xbb\xbf# office\r\n192.0.2.7\r\n\r\n  2001:db8::/32  # home\n#192.0.2.8\n"
    assert read_feed(raw, "own") == ["192.0.2.7", "2001:db8::/32"]


@pytest.mark.parametrize(
    "raw",
    [
        b"{}",
        b'{"hooks": "192.0.2.7"}',
        b'{"hooks": [1]}',
        b'{"data": {}}',
        b'{"items": {}}',
        b'{"hooks"',
        b"[" * 100_000,
        b"[[1]]",
        b"[1]",
        b"\xff",
        b'{"data": {"ipv4_cidrs": null}}',
    ],
)
def test_another_form_is_refused_in_a_sentence(raw: bytes) -> None:
    with pytest.raises(InvalidInputError, match=r"^It .*\.$"):
        read_feed(raw, "own")


@given(st.binary(max_size=200))
def test_any_bytes_are_networks_or_a_refusal(raw: bytes) -> None:
    with suppress(InvalidInputError):
        assert checked_networks(read_feed(raw, "own"))


@pytest.mark.parametrize(
    "network",
    [
        "0.0.0.0/0",
        "::/0",
        "0.0.0.0/1",
        "128.0.0.0/1",
        "8.0.0.0/7",
        "2000::/3",
        "10.1.0.0/16",
        "172.16.0.1",
        "192.168.1.0/24",
        "127.0.0.1",
        "100.64.0.0/24",
        "169.254.169.254",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "fd00::/8",
        "fe80::1",
        "::ffff:10.0.0.1",
        "ff02::1",
        "example.org",
        "192.0.2.1/24",
        "",
    ],
)
def test_what_cannot_be_a_sender_is_refused(network: str) -> None:
    with pytest.raises(InvalidInputError, match=r"^It holds"):
        checked_networks(["192.0.2.0/24", network])


def test_a_list_is_never_empty_and_never_endless() -> None:
    with pytest.raises(InvalidInputError, match="It has no networks"):
        checked_networks([])
    many = [f"198.{18 + 4 + number // 256}.{number % 256}.1" for number in range(MAX_NETWORKS + 1)]
    assert len(checked_networks(many[1:])) == MAX_NETWORKS
    with pytest.raises(InvalidInputError, match="more than 2000"):
        checked_networks(many)


def test_many_narrow_networks_are_not_one_that_is_wide() -> None:
    usable = [number for number in range(1, 224) if number not in {10, 100, 127, 169, 172, 192, 198}]
    four = [f"{number}.0.0.0/8" for number in (3, 6, 9, 12)]
    for wide in (
        [f"{number}.0.0.0/8" for number in usable],
        ["2.0.0.0/8", "3.0.0.0/8"],
        [*four, "15.0.0.0/32"],
    ):
        with pytest.raises(InvalidInputError, match="together are wider than any sender"):
            checked_networks(wide)
    with pytest.raises(InvalidInputError, match="together are wider than any sender"):
        checked_networks([f"2a0{number}::/16" for number in (0, 1)])
    assert checked_networks(four) == tuple(four)


def test_a_list_is_kept_sorted_and_without_what_others_include() -> None:
    given = ["2001:db8::1", "192.0.2.128/25", "192.0.2.0/25", "192.0.2.7", "198.51.100.1"]
    assert checked_networks(given) == ("192.0.2.0/24", "198.51.100.1/32", "2001:db8::1/128")
