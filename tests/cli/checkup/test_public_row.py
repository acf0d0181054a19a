"""The public URL: ours, somebody else's, or nobody's; and when that cannot be said from here."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.checkup import public
from cli.checkup.row import Row, State
from store.proofs import new_proof
from tests.https_server import HttpsServer, https_server
from tests.ingress.conftest import door as door  # noqa: PLC0414 - a fixture
from tests.public_door import PublicDoor, now_ms
from tests.system.stack import free_port

QUESTION = "/t/question"


def row(
    url: str,
    proof: str = "proof",
    ca_file: Path | None = None,
    has_way_out: Callable[[], bool] = lambda: True,
) -> Row:
    [found] = public.rows(url, proof, ca_file, has_way_out)
    assert found.check == "public URL"
    return found


def test_our_own_door_is_known(door: PublicDoor) -> None:
    proof = new_proof(door.sealer, os.urandom, now_ms())
    found = row(f"http://127.0.0.1:{door.port}/t/{proof.question}", proof.answer)
    assert found.state is State.OK
    assert "is ours" in found.finding


def test_our_own_door_with_other_keys_is_not(door: PublicDoor) -> None:
    found = row(f"http://127.0.0.1:{door.port}/t/{'x' * 98}")
    assert found.state is State.FAILED
    assert "answers 404, and is not ours" in found.finding


@pytest.mark.parametrize(
    ("answer", "finding"),
    [
        ((200, {}, b"<html>welcome</html>"), "answers 200, and is not ours"),
        ((200, {}, b'{"proof": "another"}'), "answers 200, and is not ours"),
        ((200, {}, b"[1]"), "answers 200, and is not ours"),
        ((502, {}, b""), "answers 502"),
        ((301, {"Location": "https://elsewhere.invalid/"}, b""), "redirects (301)"),
    ],
)
def test_what_answers_else_is_told(tmp_path: Path, answer: tuple, finding: str) -> None:
    with https_server(tmp_path) as server:
        server.answers[QUESTION] = answer
        found = row(server.url + QUESTION, ca_file=server.certificate)
    assert found.state is State.FAILED
    assert finding in found.finding
    assert found.advice
    assert server.asked == [(server.url.removeprefix("https://"), QUESTION)]


def test_a_certificate_that_nobody_vouches_for_is_told(tmp_path: Path) -> None:
    with https_server(tmp_path) as server:
        found = row(server.url + QUESTION)
    assert found.state is State.FAILED
    assert "is not to be trusted" in found.finding


def test_nobody_is_told() -> None:
    found = row(f"http://127.0.0.1:{free_port()}{QUESTION}")
    assert (found.state, "nothing listens" in found.finding) == (State.FAILED, True)
    found = row(f"http://nobody.invalid{QUESTION}")
    assert (found.state, found.finding) == (State.FAILED, "nobody.invalid has no address")


def test_where_there_is_no_way_out_nothing_is_said_of_it() -> None:
    found = row(f"http://127.0.0.1:{free_port()}{QUESTION}", has_way_out=lambda: False)
    assert found.state is State.UNCHECKED
    assert "another machine" in found.advice


ROUTES = "Iface\tDestination\tGateway\tFlags\n"
LOCAL = "eth0\t000011AC\t00000000\t0001\n"
DEFAULT = "eth0\t00000000\t010011AC\t0003\n"
LOCAL_6 = f"{'fe80':0<32} 40 {'0' * 32} 00 {'0' * 32} 00000100 00000001 00000000 00000001 eth0\n"
NONE_6 = f"{'0' * 32} 00 {'0' * 32} 00 {'0' * 32} ffffffff 00000001 00000000 00200200 lo\n"
DEFAULT_6 = f"{'0' * 32} 00 {'0' * 32} 00 {'fe80':0<32} 00000400 00000001 00000000 00000003 eth0\n"


@pytest.mark.parametrize(
    ("four", "six", "leads_out"),
    [
        (ROUTES + LOCAL, LOCAL_6 + NONE_6, False),
        (ROUTES, "", False),
        (ROUTES + LOCAL + DEFAULT, LOCAL_6, True),
        (ROUTES + LOCAL, LOCAL_6 + DEFAULT_6, True),
    ],
)
def test_a_way_out_is_a_default_route(tmp_path: Path, *, four: str, six: str, leads_out: bool) -> None:
    files = tmp_path / "route", tmp_path / "ipv6_route"
    for file, content in zip(files, (four, six), strict=True):
        file.write_text(content)
    assert public.has_default_route(files) is leads_out


def test_where_routes_cannot_be_seen_there_is_taken_to_be_one(tmp_path: Path) -> None:
    assert public.has_default_route((tmp_path / "nothing",))


def silent(server: HttpsServer) -> HttpsServer:
    server.silent = True
    return server


def test_who_says_nothing_is_not_waited_for_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public, "_TIMEOUT_S", 0.2)
    with https_server(tmp_path) as server:
        found = row(silent(server).url + QUESTION, ca_file=server.certificate)
    assert (found.state, "does not answer" in found.finding) == (State.FAILED, True)
