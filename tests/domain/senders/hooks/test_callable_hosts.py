"""Whom workers may call: the senders' own hosts, written in the one way that nobody can misread."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.senders.hooks.graph import KEYS_URL
from domain.senders.hosts import host_of
from tests.hooked_senders import PAYPAL_URL, SNS_URL, SUBSCRIBE_URL


def test_the_senders_own_hosts_may_be_called() -> None:
    assert host_of(PAYPAL_URL) == "api.paypal.com"
    for host in ("api.sandbox.paypal.com", "api-m.paypal.com", "api-m.sandbox.paypal.com"):
        assert host_of(PAYPAL_URL.replace("api.paypal.com", host)) == host
    assert host_of(SNS_URL) == host_of(SUBSCRIBE_URL) == "sns.us-west-2.amazonaws.com"
    assert host_of(KEYS_URL) == "login.microsoftonline.com"


@pytest.mark.parametrize(
    "url",
    [
        "http://api.paypal.com/",
        "HTTPS:api.paypal.com/",
        "https:/api.paypal.com/",
        "https://api.paypal.com:443/",
        "https://api.paypal.com./",
        "https://user@api.paypal.com/",
        "https://@api.paypal.com/",
        "https://api.paypal.com@evil.example/",
        "https://api.paypal.com\\@evil.example/",
        "https://evil.example\\api.paypal.com/",
        "https://evil.example#api.paypal.com/",
        "https://api.paypal.com/#x",
        "https://[api.paypal.com]/",
        "https://[::1]/",
        "https://127.0.0.1/",
        "https://xapi.paypal.com/",
        "https://api.paypal.com.evil.example/",
        "https://sns.s3-us-west-2.amazonaws.com/",
        "https://sns.us-west-2.amazonaws.com.evil.example/",
        "https://API.PAYPAL.COM/",
        "https://ａpi.paypal.com/",  # noqa: RUF001 - a wide letter
        "https://api.paypal.com/\r\nHost: evil.example",
        "https://api.paypal.com/a b",
        "https://api.paypal.com/\t",
        "https://api.paypal.com/" + "a" * 100_000,
        "ftp://api.paypal.com/",
        "//api.paypal.com/",
        "api.paypal.com",
        "",
    ],
)
def test_nobody_else_may_be_called(url: str) -> None:
    assert host_of(url) is None


@given(st.text(max_size=60))
def test_whatever_follows_the_host_stays_behind_it(text: str) -> None:
    assert host_of(f"https://api.paypal.com/{text}") in (None, "api.paypal.com")
    assert host_of(f"https://api.paypal.com{text}") in (None, "api.paypal.com")
    assert host_of(f"https://{text}api.paypal.com/") in (None, "api.paypal.com")
