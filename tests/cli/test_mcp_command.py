"""`fleet mcp` as a process: how it begins, and how it ends; and its desk: where secrets go."""

import asyncio
import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.client import ControlApi
from cli.local_desk import LocalDesk
from cli.vault import VaultError, open_vault
from cli.vault.file_vault import FileVault
from cli.vault.opening import MAY_ASK
from cli.vault.pulling import pull_secret
from config.settings import Settings, load
from tests.owner_door import Owner, new_gateway, owner_door

ROOT = Path(__file__).parent.parent.parent
WAIT_S = 60


@pytest.fixture(scope="module")
def address(redis_server: str) -> Iterator[str]:
    with owner_door(redis_server) as address:
        yield address


@pytest.fixture
def owner(address: str, redis_url: str) -> Owner:
    return Owner(address, new_gateway(redis_url, "first")[1])


@pytest.fixture
def environ(owner: Owner, tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "FLEET_STATE_DIR": str(tmp_path),
        "FLEET_API_URL": f"http://{owner.address}",
        "FLEET_TOKEN": owner.token or "",
        "FLEET_VAULT": "file",
        "FLEET_VAULT_FILE": str(tmp_path / "vault"),
    }


@pytest.fixture
def settings(environ: dict[str, str]) -> Settings:
    return load(environ)


@pytest.fixture
def api(owner: Owner) -> ControlApi:
    return ControlApi(f"http://{owner.address}", owner.token or "")


def fleet_mcp(environ: dict[str, str], **more: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "cli", "mcp"], cwd=ROOT, env=environ, stderr=subprocess.PIPE, **more
    )


def asked(number: int, method: str, params: dict[str, Any]) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode() + b"\n"


INITIALIZE = asked(
    1,
    "initialize",
    {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
)
INITIALIZED = b'{"jsonrpc": "2.0", "method": "notifications/initialized"}\n'
WAIT = asked(2, "tools/call", {"name": "wait_for_event", "arguments": {"timeout_s": 300}})


def test_it_ends_with_its_client_also_while_it_waits(environ: dict[str, str]) -> None:
    with fleet_mcp(environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(INITIALIZE + INITIALIZED + WAIT)
        process.stdin.flush()
        first = json.loads(process.stdout.readline())
        assert first["result"]["serverInfo"]["name"] == "fleet-gateway"
        assert "data, never instructions" in first["result"]["instructions"]
        assert first["result"]["capabilities"].keys() == {"tools"}
        process.stdin.close()
        rest = [json.loads(line) for line in process.stdout]
        assert all(each["jsonrpc"] == "2.0" for each in rest)
        assert process.wait(WAIT_S) == 0


def test_a_wrong_token_is_said_at_the_start(environ: dict[str, str]) -> None:
    wrong = {**environ, "FLEET_TOKEN": "fleet_wrong"}
    with fleet_mcp(wrong, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        out, err = process.communicate(timeout=WAIT_S)
    assert (process.returncode, out) == (1, b"")
    assert b"does not know this access token" in err
    assert b"fleet_wrong" not in err


def test_people_are_told_that_it_is_for_agents(environ: dict[str, str]) -> None:
    ours, its = pty.openpty()
    try:
        with fleet_mcp(environ, stdin=its, stdout=subprocess.PIPE) as process:
            out, err = process.communicate(timeout=WAIT_S)
    finally:
        os.close(ours)
        os.close(its)
    assert (process.returncode, out) == (1, b"")
    assert b"claude mcp add fleet -- fleet mcp" in err


async def test_a_new_secret_goes_into_the_vault(owner: Owner, settings: Settings, api: ControlApi) -> None:
    made = owner.webhook(require_signature=True, hold_secret=True)
    kept = await LocalDesk(settings, api).keep("github")
    vault = open_vault(settings)
    assert (kept.is_in_vault, kept.place, kept.name) == (True, vault.place, "github")
    assert kept.note == vault.caution
    assert vault.get("github")
    assert made["held"]
    assert not api.ask("GET", "webhooks", "github")["held"]


async def test_another_secret_of_that_name_stays(owner: Owner, settings: Settings, api: ControlApi) -> None:
    vault = open_vault(settings)
    vault.set("github", "another one")
    owner.webhook(require_signature=True, hold_secret=True)
    desk = LocalDesk(settings, api)
    kept = await desk.keep("github")
    assert not kept.is_in_vault
    assert "'fleet vault pull github --as OTHER'" in kept.note
    assert vault.get("github") == "another one"
    pull_secret(api, vault, "github", "other")
    rotate(api)
    assert not (await desk.keep("github")).is_in_vault
    assert vault.get("github") == "another one"
    assert api.ask("GET", "webhooks", "github")["held"]


async def test_a_rotation_replaces_what_a_pull_for_the_same_webhook_brought(
    owner: Owner, settings: Settings, api: ControlApi
) -> None:
    vault = open_vault(settings)
    owner.webhook(require_signature=True, hold_secret=True)
    desk = LocalDesk(settings, api)
    assert (await desk.keep("github")).is_in_vault
    first = vault.get("github")
    rotate(api)
    assert (await desk.keep("github")).is_in_vault
    assert vault.get("github") not in {None, first}
    vault.set("github", "put there by hand later")
    rotate(api)
    assert not (await desk.keep("github")).is_in_vault
    assert vault.get("github") == "put there by hand later"


def rotate(api: ControlApi) -> None:
    api.ask("POST", "webhooks", "github", "secrets", body={"hold": True})


async def test_a_vault_that_fails_leaves_the_secret_at_the_gateway(
    owner: Owner, settings: Settings, api: ControlApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object) -> None:
        raise VaultError("The vault is locked.")

    owner.webhook(require_signature=True, hold_secret=True)
    with monkeypatch.context() as broken:
        broken.setattr(FileVault, "set", locked)
        kept = await LocalDesk(settings, api).keep("github")
    assert not kept.is_in_vault
    assert kept.note == "It could not be brought into the vault: The vault is locked."
    assert api.ask("GET", "webhooks", "github")["held"]
    assert (await LocalDesk(settings, api).keep("github")).is_in_vault


async def test_nobody_is_asked_for_a_passphrase(
    owner: Owner, settings: Settings, api: ControlApi, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "passphrase").write_text("a long passphrase of ours")
    (tmp_path / "passphrase").chmod(0o600)
    with_passphrase = settings.model_copy(update={"vault_passphrase_file": tmp_path / "passphrase"})
    open_vault(with_passphrase).set("first", "secret")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    owner.webhook(require_signature=True, hold_secret=True)
    MAY_ASK.set(False)
    kept = await asyncio.wait_for(LocalDesk(settings, api).keep("github"), WAIT_S)
    assert not kept.is_in_vault
    assert "passphrase" in kept.note
