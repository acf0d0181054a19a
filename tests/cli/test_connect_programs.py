"""`fleet connect` with programs: through a real relay, from fleet.toml and from the command line."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.vault import open_vault
from config.settings import load
from domain.event import Request
from domain.senders import SENDERS, sign
from store.connect import SyncStore
from tests.command_line import Fleet, fleet_command
from tests.connecting import Command, connecting
from tests.run_programs import runs
from tests.running_relay import context_of, relay
from tests.tenant import Tenant
from tests.waiting import until


@pytest.fixture
def tenant(redis_url: str) -> Iterator[Tenant]:
    store = SyncStore(redis_url)
    yield Tenant(store)
    store.close()


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Fleet:
    monkeypatch.chdir(tmp_path)
    return fleet_command(
        monkeypatch,
        capsys,
        {
            "FLEET_STATE_DIR": str(tmp_path),
            "FLEET_TOKEN": "fleet_x",
            "FLEET_VAULT": "file",
            "FLEET_VAULT_FILE": str(tmp_path / "vault"),
        },
    )


async def line_with(command: Command, word: str) -> str:
    while word not in (line := await command.line()):
        pass
    return line


async def test_a_program_on_the_command_line_gets_the_body_and_no_token(
    tenant: Tenant, redis_url: str, tmp_path: Path
) -> None:
    subscription = tenant.subscribe("ci")
    script = "cat; echo; env | grep -c FLEET_TOKEN; echo $FLEET_EVENT_TYPE $FLEET_WEBHOOK $1"
    words = ("ci", "--exec", "--json", "--", "sh", "-c", script, "sh", "--flag")
    async with (
        relay(context_of(redis_url)) as port,
        connecting(port, tenant.token, tmp_path, *words) as command,
    ):
        await command.fact("connected")
        event = tenant.post(subscription, body=b'{"a": 1}')
        output = [await command.fact("output") for _ in range(3)]
        done = await command.fact("delivery")
    assert [each["line"] for each in output] == ['{"a": 1}', "0", "push hook --flag"]
    assert {each["event"] for each in output} == {event}
    assert (done["outcome"], done["note"]) == ("delivered", "exit 0")


async def test_a_program_that_is_not_there_is_told_at_the_start_and_waited_for(
    tenant: Tenant, redis_url: str, tmp_path: Path
) -> None:
    subscription = tenant.subscribe("ci")
    late = tmp_path / "late.sh"
    words = ("ci", "--exec", "--json", "--", str(late))
    async with (
        relay(context_of(redis_url)) as port,
        connecting(port, tenant.token, tmp_path, *words) as command,
    ):
        await command.fact("connected")
        late.write_text("#!/bin/sh\necho done\n")
        late.chmod(0o700)
        tenant.post(subscription)
        assert (await command.fact("output"))["line"] == "done"
        command.process.send_signal(signal.SIGTERM)
        code, told = await command.ended()
    assert (code, told.count("WARNING")) == (0, 1)
    assert f"target ci: {late} cannot be started: there is no file {late}." in told


async def test_targets_of_a_file_share_one_command_and_hold_up_nobody(
    tenant: Tenant, redis_url: str, tmp_path: Path
) -> None:
    slow, quick = tenant.subscribe("slow"), tenant.subscribe("quick")
    file = tmp_path / "targets.toml"
    file.write_text(
        f"""
        [targets.slow]
        exec = ["sh", "-c", "until [ -e {tmp_path}/go ]; do sleep 0.01; done"]
        [targets.quick]
        agent = ["sh", "-c", "cat; exit 75"]
        prompt = "Look at {{{{ event.type }}}} of {{{{ event.sender }}}}."
        """
    )
    words = ("--file", str(file), "--concurrency", "1")
    async with (
        relay(context_of(redis_url)) as port,
        connecting(port, tenant.token, tmp_path, *words) as command,
    ):
        assert "events of slow, quick arrive here now" in await line_with(command, "CONNECTED")
        tenant.post_many(3, slow)
        tenant.post(quick)
        assert "quick | Look at push of github." in await line_with(command, "quick |")
        assert "exit 75" in await line_with(command, "exit 75")
        # Two of the three wait at the relay, for whoever has room.
        assert sorted(tenant.states()).count("queued") == 2
        (tmp_path / "go").touch()
        for _ in range(3):
            await line_with(command, "exit 0")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
async def test_no_child_outlives_the_command(
    tenant: Tenant, redis_url: str, tmp_path: Path, number: signal.Signals
) -> None:
    subscription = tenant.subscribe("ci")
    words = ("ci", "--exec", "--json", "--", "sh", "-c", "echo $$; exec sleep 60")
    async with (
        relay(context_of(redis_url)) as port,
        connecting(port, tenant.token, tmp_path, *words) as command,
    ):
        await command.fact("connected")
        tenant.post(subscription)
        child = int((await command.fact("output"))["line"])
        assert runs(child)

        command.process.send_signal(number)
        if number is signal.SIGTERM:
            await command.fact("stopping")
            command.process.send_signal(number)  # once more: do not wait for it
        await until(lambda: not runs(child))
        await command.process.wait()
        if number is signal.SIGTERM:
            assert command.process.returncode == 0
            await until(lambda: tenant.states() != ["sent"])


async def test_what_is_not_signed_with_the_secret_of_the_vault_is_refused_at_home(
    tenant: Tenant, redis_url: str, tmp_path: Path
) -> None:
    subscription = tenant.subscribe("ci")
    vault = {
        "FLEET_STATE_DIR": str(tmp_path),
        "FLEET_VAULT": "file",
        "FLEET_VAULT_FILE": str(tmp_path / "vault"),
    }
    open_vault(load(vault)).set("github-prs", "hush")
    file = tmp_path / "fleet.toml"
    file.write_text(
        """
        [targets.ci]
        exec = ["sh", "-c", "echo $FLEET_VERIFIED"]
        [targets.ci.verify]
        sender = "github"
        secrets = ["github-prs"]
        """
    )
    body = b'{"a": 1}'
    signed = sign(SENDERS["github"], Request("POST", b"", b"", (), body), b"hush", 0)
    async with (
        relay(context_of(redis_url)) as port,
        connecting(port, tenant.token, tmp_path, "--file", str(file), "--json", **vault) as command,
    ):
        await command.fact("connected")
        tenant.post(subscription, request=signed)
        assert (await command.fact("output"))["line"] == "github-sha256"
        assert (await command.fact("delivery"))["outcome"] == "delivered"
        tenant.post(subscription, body=body)
        assert "signature invalid at home" in (await command.fact("delivery"))["note"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "describe targets in"),
        (("ci",), "'ci' is no target"),
        (("ci", "--exec"), "the program behind --"),
        (("ci", "--exec", "--agent", "--", "x"), "not both"),
        (("ci", "--agent", "--", "x"), "--prompt-file goes with --agent"),
        (("ci", "--exec", "--prompt-file", "p.md", "--", "x"), "--prompt-file goes with --agent"),
        (("A B", "--exec", "--", "x"), "cannot be a name"),
        (("ci=http://x", "--timeout", "5"), "are of --exec and --agent"),
        (("ci", "--exec", "--file", "f.toml", "--", "x"), "no --file"),
    ],
)
def test_what_cannot_be_understood_is_told(fleet: Fleet, words: tuple[str, ...], sentence: str) -> None:
    done = fleet("connect", *words)
    assert (done.code, done.out) == (2, "")
    assert sentence in " ".join(done.err.replace("\u2502", " ").split())


def test_a_file_that_is_wrong_and_a_secret_that_is_missing_end_it_with_a_sentence(
    fleet: Fleet, tmp_path: Path
) -> None:
    file = tmp_path / "fleet.toml"
    file.write_text("[targets.ci]\nexec = 'x'\n")
    done = fleet("connect")
    assert done.code == 1
    assert done.err.startswith("fleet.toml, [targets.ci], exec: it must be a list")
    assert done.err.count("\n") == 1
    file.write_text(
        "[targets.ci]\nexec = ['x']\n[targets.ci.verify]\nsender = 'github'\nsecrets = ['none']\n"
    )
    done = fleet("connect", "ci")
    assert done.code == 1
    assert "[targets.ci.verify], secrets: 'none' is not in" in done.err
    assert "fleet vault set none" in done.err


def test_a_name_that_the_file_lacks_is_told(fleet: Fleet, tmp_path: Path) -> None:
    (tmp_path / "fleet.toml").write_text("[targets.app]\nhttp = 'http://x'\n")
    done = fleet("connect", "other")
    assert done.code == 2
    assert "it has app" in " ".join(done.err.replace("\u2502", " ").split())
