"""Answers of the control API that are none of ours end in a sentence, and nothing of them is kept."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cli import paging
from cli.client import ApiError, ControlApi
from cli.paging import every, part
from cli.vault.pulling import pull_secret
from domain.ids import ENTROPY_BYTES, new_id
from tests.command_line import Fleet, fleet_command
from tests.encrypted_vault import encrypted
from tests.owner_door import serving

TOKEN = "fleet_" + "A" * 43


@contextmanager
def saying(content: str) -> Iterator[tuple[str, list[str]]]:
    """A server that says this to everybody, and what it was asked."""
    asked: list[str] = []

    async def answer(request: Request) -> Response:
        asked.append(request.url.path)
        return Response(content, media_type="application/json")

    with serving(Starlette(routes=[Route("/{rest:path}", answer, methods=["GET", "POST"])])) as address:
        yield f"http://{address}", asked


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Fleet:
    environ = {"FLEET_STATE_DIR": str(tmp_path), "FLEET_VAULT": "file", "HOME": str(tmp_path)}
    environ["FLEET_VAULT_FILE"] = str(tmp_path / "own" / "vault")
    return fleet_command(monkeypatch, capsys, environ)


@pytest.mark.parametrize("content", ["[" * 100_000, '{"a":' * 100_000 + "1", '{"id": ' + "9" * 5000 + "}"])
def test_what_cannot_be_read_is_no_relay(content: str) -> None:
    with saying(content) as (url, _), pytest.raises(ApiError, match="is no Fleet Gateway relay"):
        ControlApi(url, TOKEN).ask("GET", "gateway")


def test_what_an_answer_lacks_is_said() -> None:
    with saying('{"rate": {}}') as (url, _):
        answer = ControlApi(url, TOKEN).ask("GET", "webhooks", "ci")
    for lacks in (lambda: answer["name"], lambda: answer["rate"]["used"]):
        with pytest.raises(ApiError, match=r"an answer without '(name|used)'"):
            lacks()


@pytest.mark.parametrize("content", ["{}", '{"name": 7}', '{"name": {"a": 1}}'])
def test_a_login_keeps_nothing_before_the_answer_is_one(fleet: Fleet, tmp_path: Path, content: str) -> None:
    with saying(content) as (url, _):
        done = fleet("login", url, "--token-stdin", stdin=TOKEN.encode())
    assert (done.code, done.out) == (1, "")
    assert "Traceback" not in done.err
    assert not (tmp_path / "own").exists()


@pytest.mark.parametrize("secret", [{"a": 1}, None, 7, "", ["x"]])
def test_only_text_is_pulled_into_the_vault(tmp_path: Path, secret: object) -> None:
    vault = encrypted(tmp_path)
    vault.set("ci", "mine")
    gateway = new_id("gw", 1_800_000_000_000, bytes(ENTROPY_BYTES))
    content = json.dumps({"secret": secret, "id": gateway, "held": True})
    with saying(content) as (url, _), pytest.raises(ApiError, match="holds no secret"):
        pull_secret(ControlApi(url, TOKEN), vault, "ci", "ci", may_replace=True)
    assert vault.get("ci") == "mine"


@pytest.mark.parametrize("page", [{}, {"webhooks": 7, "next": None}, {"webhooks": [1], "next": None}])
def test_what_is_no_page_is_said(page: object) -> None:
    for content in (page, {"webhooks": [], "next": {}}):
        with saying(json.dumps(content)) as (url, _), pytest.raises(ApiError, match="gave an answer"):
            every(ControlApi(url, TOKEN), "webhooks")


@pytest.mark.parametrize(
    "listed",
    [
        lambda api: every(api, "webhooks"),
        lambda api: part(api, "webhooks", {}, 10, None),
    ],
)
def test_a_list_without_end_is_given_up(
    listed: Callable[[ControlApi], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "MOST_PAGES", 3)
    endless = pytest.raises(ApiError, match="did not end after 3 pages")
    with saying('{"webhooks": [], "next": "c"}') as (url, asked), endless:
        listed(ControlApi(url, TOKEN))
    assert len(asked) == 3
