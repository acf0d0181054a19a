"""From where a webhook can be called: whoever's URL is a loopback address is told that nobody outside can."""

import pytest

from domain.reach import caution


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:8080/t/x", "http://[::1]/t/x", "http://localhost/t/x"],
)
def test_who_cannot_be_called_from_outside_is_told(url: str) -> None:
    assert "FLEET_PUBLIC_URL" in caution(url)


@pytest.mark.parametrize(
    "url", ["https://hooks.example.org/t/x", "http://192.0.2.7/t/x", "http://[::1/t", None]
)
def test_others_are_told_nothing(url: str | None) -> None:
    assert caution(url) == ""
