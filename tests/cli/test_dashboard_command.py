"""`fleet dashboard`: a link that opens, from where it is asked."""

import webbrowser
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cli import first_gateway
from config.settings import load
from store import sign_in, tokens
from store.connect import SyncStore
from tests.command_line import Fleet


def used(redis_url: str, link: str) -> str | None:
    """SHA-256 of the access token that a link opens for."""
    store = SyncStore(redis_url)
    found = store.run(sign_in.use(tokens.hashed(urlsplit(link).fragment), "a browser"))
    store.close()
    return found


def test_a_link_is_printed_alone(fleet: Fleet, address: str, home: tuple[str, str], redis_url: str) -> None:
    done = fleet("dashboard")
    assert done.code == 0
    link = done.out.rstrip("\n")
    assert link.startswith(f"http://{address}/dashboard/enter#")
    assert "\n" not in link
    assert home[1] not in link
    assert used(redis_url, link) == tokens.hashed(home[1])


def test_each_link_is_another(fleet: Fleet) -> None:
    first, second = (fleet("dashboard", "--json").json for _ in range(2))
    assert first["url"] != second["url"]
    assert first.keys() == {"url", "expires_at"}


def test_it_opens_the_browser_of_this_machine(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda url: opened.append(url) or True)
    assert fleet("dashboard", "--open").out == f"{opened[0]}\n"
    monkeypatch.setattr(webbrowser, "open", lambda _: False)
    done = fleet("dashboard", "--open")
    assert done.code == 0
    assert "no browser" in done.err


def test_the_link_of_fleet_up_opens_too(redis_url: str, tmp_path: Path) -> None:
    settings = load({"FLEET_REDIS_URL": redis_url, "FLEET_STATE_DIR": str(tmp_path)})
    link = first_gateway.sign_in_link(settings, "fleet_x")
    assert link.startswith(f"{settings.api_url}/dashboard/enter#")
    assert used(redis_url, link) == tokens.hashed("fleet_x")
