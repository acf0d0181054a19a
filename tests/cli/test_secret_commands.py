"""`fleet webhooks` and secrets: set, rotated, removed, revealed on the real command line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from domain.secret import SigningSecret
from domain.senders.trial import TRIAL_MS
from store import keys, webhooks
from store.connect import SyncStore
from store.sealing import Sealer
from store.webhook_change import Change
from store.webhooks import StoredWebhook
from tests.command_line import Done, Fleet, fleet_command
from tests.owner_door import RING, clock_ms, new_gateway
from tests.terminal import on_a_terminal
from tests.vaults import secrets_in

ID = "sec_[0-9a-z]{23}"


@dataclass
class Home:
    """A gateway, its owner at the command line, and what Redis holds of it."""

    fleet: Fleet
    environ: dict[str, str]
    store: SyncStore
    gateway: str

    def __call__(self, *arguments: str, stdin: bytes = b"") -> Done:
        return self.fleet("webhooks", *arguments, stdin=stdin)

    def create(self, sender: str, *more: str):
        return self("create", "hook", "--sender", sender, *more, "--json").json

    def stored(self) -> StoredWebhook:
        found = self.store.run(webhooks.find(self.gateway, "hook"))
        assert found is not None
        return found

    def values(self) -> tuple[bytes, ...]:
        return secrets_in(Sealer(RING, bytes), self.stored(), clock_ms())


@pytest.fixture
def home(
    address: str,
    redis_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Home]:
    gateway, token = new_gateway(redis_url, "home")
    environ = {
        "FLEET_API_URL": f"http://{address}",
        "FLEET_TOKEN": token,
        "FLEET_STATE_DIR": str(tmp_path),
    }
    store = SyncStore(redis_url)
    yield Home(fleet_command(monkeypatch, capsys, environ), environ, store, gateway.id)
    store.close()


# --- set


@pytest.mark.parametrize(
    ("typed", "options", "kept"),
    [
        (b"whsec_1\n", [], b"whsec_1"),
        (b"whsec_1\r\n", [], b"whsec_1"),
        (b"whsec_bare", [], b"whsec_bare"),
        (b"two\nlines", ["--exact"], b"two\nlines"),
        (b" a\n\n", ["--exact"], b" a\n\n"),
    ],
)
def test_a_secret_is_read_from_standard_input(
    home: Home, typed: bytes, options: list[str], kept: bytes
) -> None:
    home.create("stripe")
    done = home("set-secret", "hook", *options, stdin=typed)
    assert (done.code, done.out) == (0, "The secret of webhook hook is set. Signature: checked.\n")
    assert home.values() == (kept,)


@pytest.mark.parametrize("command", ["set-secret", "rotate-secret"])
@pytest.mark.parametrize(
    "typed", [b"", b"\n", b"x" * 4097, b"x" * 9000, b"\xff\xfe", b" xxx\n", b"xxx\n\n", b"\xef\xbb\xbfxxx"]
)
def test_an_unusable_secret_is_refused_and_nothing_trimmed(home: Home, command: str, typed: bytes) -> None:
    home.create("stripe")
    done = home(command, "hook", stdin=typed)
    assert (done.code, done.out) == (1, "")
    assert "secret" in done.err.lower()
    assert "xxx" not in done.err
    assert home.values() == ()


@pytest.mark.parametrize("typed", [b"", b"\n"])
def test_that_nothing_came_is_said(home: Home, typed: bytes) -> None:
    home.create("stripe")
    done = home("set-secret", "hook", stdin=typed)
    assert done.err == "Nothing came on standard input, from where the secret is read.\n"


def test_nothing_is_asked_for_where_there_is_no_use_for_it(home: Home) -> None:
    home.create("docker-hub")
    done = home("rotate-secret", "hook")
    assert (done.code, done.err) == (1, "Docker Hub signs nothing: there is no use for a secret.\n")


def test_a_secret_as_an_argument_is_wrong_usage(home: Home) -> None:
    assert home("set-secret", "hook", "whsec_1").code == 2
    assert home("rotate-secret", "hook", "whsec_1").code == 2


@pytest.mark.parametrize("command", ["set-secret hook", "rotate-secret hook", "rotate-secret hook --own"])
def test_on_a_terminal_the_secret_is_asked_for_and_not_shown(home: Home, command: str) -> None:
    home.create("slack" if command == "rotate-secret hook" else "gitea")
    done, screen = on_a_terminal(home.environ, f"webhooks {command}", b"hush_typed\n", hidden=True)
    assert done.returncode == 0, screen
    assert b"hush_typed" not in screen + done.stdout + done.stderr
    assert home.values() == (b"hush_typed",)


# --- rotated


def test_a_rotation_shows_the_new_secret_once_and_when_the_old_one_ends(home: Home) -> None:
    made = home.create("github", "--require-signature")
    done = home("rotate-secret", "hook")
    [secret] = re.findall(r"^  Secret  ([0-9a-f]{64})$", done.out, re.MULTILINE)
    assert home.values() == (secret.encode(), made["secret"].encode())
    assert re.search(rf"^current +\S.* never +{ID}", done.out, re.MULTILINE)
    assert re.search(rf"^ends in 24 h .* {ID}", done.out, re.MULTILINE)
    assert "The secret is shown this once. Paste it into" in done.out
    for arguments in (["list"], ["list", "--json"], ["show", "hook"], ["show", "hook", "--json"]):
        assert secret not in home(*arguments).out


def test_a_held_secret_is_shown_by_no_command(home: Home) -> None:
    made = home("create", "hook", "--sender", "github", "--require-signature", "--hold")
    rotated = home("rotate-secret", "hook", "--hold")
    for done in (made, rotated):
        assert done.code == 0
        assert "The secret waits: 'fleet vault pull hook' fetches it into your vault, once." in done.out
    assert "The current one waits for 'fleet vault pull hook'." in home("show", "hook").out
    assert len(home.values()) == 2
    for value in home.values():
        assert value.decode() not in made.out + rotated.out


@pytest.mark.parametrize(
    ("grace", "state"), [("0", "ended just now"), ("90m", "ends in 90 m"), ("7d", "ends in 7 d")]
)
def test_the_grace_time_is_said_as_people_do(home: Home, grace: str, state: str) -> None:
    home.create("github", "--require-signature")
    shown = home("rotate-secret", "hook", "--grace", grace).out
    assert state in shown or (grace == "0" and re.search(r"ended \d+ s ago", shown))


@pytest.mark.parametrize("grace", ["1", "-1", "0h", "day", "", "31d"])
def test_another_grace_time_is_refused(home: Home, grace: str) -> None:
    home.create("github", "--require-signature")
    assert home("rotate-secret", "hook", "--grace", grace).code == (1 if grace == "31d" else 2)
    assert len(home.values()) == 1


def test_where_the_sender_makes_the_secret_it_is_read(home: Home) -> None:
    home.create("stripe")
    home("set-secret", "hook", stdin=b"whsec_old\n")
    done = home("rotate-secret", "hook", "--grace", "1h", stdin=b"whsec_new\n")
    assert (done.code, done.err) == (0, "")
    assert "whsec" not in done.out
    assert "the one before counts, too" in done.out
    assert home.values() == (b"whsec_new", b"whsec_old")


def test_an_own_secret_is_read_and_not_repeated(home: Home) -> None:
    home.create("gitea")
    rotated = home("rotate-secret", "hook", "--own", "--json", stdin=b"my own\n").json
    assert "secret" not in rotated
    assert home.values() == (b"my own",)


def test_the_listing_says_when_the_old_secret_was_last_used(home: Home) -> None:
    old = home.create("github", "--require-signature")["secrets"][0]["id"]
    assert "old secret" not in home("list").out
    new = home("rotate-secret", "hook", "--grace", "21h", "--json").json["secrets"][0]["id"]
    line = f"hook: old secret {old} ends in 21 h, last used"
    matched = keys.matched(home.stored().webhook.id)
    home.store.client.execute_command("ZADD", matched, clock_ms() - 3 * 3_600_000, old)
    assert f"{line} 3 h ago; the new one was never used yet\n" in home("list").out
    home.store.client.execute_command("ZADD", matched, clock_ms(), new)
    assert f"{line} 3 h ago\n" in home("list").out
    assert re.search(rf"^ends in 21 h .* 3 h ago +{old} *$", home("show", "hook").out, re.MULTILINE)


# --- on trial


def test_a_trial_key_is_no_old_secret_and_is_gone_when_it_has_ended(home: Home) -> None:
    current = home.create("github", "--require-signature")["secrets"][0]["id"]
    sealer, now = Sealer(RING, bytes), clock_ms()
    for number, made_at in enumerate((now - 2 * TRIAL_MS, now)):
        stored = home.stored()
        trial = SigningSecret(f"sec_t{number}", b"x%d" % number, made_at, made_at + TRIAL_MS, is_trial=True)
        vault = webhooks.open_vault(sealer, stored)
        after = vault.with_secrets((*vault.secrets[:1], trial, *vault.secrets[1:]))
        sealed = webhooks.seal_vault(sealer, home.gateway, stored.webhook.id, after, now)
        home.store.run(webhooks.change(stored.webhook, Change(sealed_secrets=sealed)))
    assert [each.id for each in after.secrets] == [current, "sec_t1", "sec_t0"]
    assert "old secret" not in home("list").out
    shown = home("show", "hook").out
    assert re.search(r"^trial key, ends in (60|5\d) s +.* never +sec_t1 *$", shown, re.MULTILINE)
    assert "sec_t0" not in shown
    told = {each["id"]: each["is_trial"] for each in home("show", "hook", "--json").json["secrets"]}
    assert told == {current: False, "sec_t1": True}


# --- removed


def test_a_secret_is_removed_by_its_id_and_what_is_left_is_shown(home: Home) -> None:
    old = home.create("github", "--require-signature")["secrets"][0]["id"]
    new = home("rotate-secret", "hook", "--json").json["secrets"][0]["id"]
    done = home("remove-secret", "hook", old, "--yes")
    assert done.out.startswith(f"{old} of webhook hook is removed. Signature: required.\n")
    assert re.search(rf"^current .* {new}", done.out, re.MULTILINE)
    assert "is the only secret that counts" in home("remove-secret", "hook", new, "--yes").err
    assert home("remove-secret", "hook", old, "--yes").err == (
        f"There is no secret {old!r} at webhook 'hook';"
        " 'fleet webhooks show hook' lists those that there are.\n"
    )
    done = home("remove-secret", "hook", "--all", "--yes")
    assert done.out == (
        "Every secret of webhook hook is removed."
        " Signature: required, but no secret is set: every event is rejected.\n"
    )


@pytest.mark.parametrize("arguments", [[], ["sec_1", "--all"]])
def test_what_is_to_be_removed_has_to_be_said(home: Home, arguments: list[str]) -> None:
    home.create("github", "--require-signature")
    assert home("remove-secret", "hook", *arguments, "--yes").code == 2
    assert len(home.values()) == 1


@pytest.mark.parametrize(("typed", "left"), [(b"y\n", 0), (b"n\n", 1)])
def test_on_a_terminal_removing_asks_first(home: Home, typed: bytes, left: int) -> None:
    home.create("github", "--require-signature")
    assert home("remove-secret", "hook", "--all", stdin=typed).code == 2
    done, screen = on_a_terminal(home.environ, "webhooks remove-secret hook --all", typed)
    assert b"Remove every secret of webhook hook?" in done.stderr, screen
    assert len(home.values()) == left


# --- revealed


def test_a_secret_from_a_handshake_is_revealed_once(home: Home) -> None:
    home.create("notion")
    sealer, stored = Sealer(RING, bytes), home.stored()
    vault = webhooks.open_vault(sealer, stored).captured(SigningSecret("sec_1", b"secret_x", clock_ms()))
    sealed = webhooks.seal_vault(sealer, home.gateway, stored.webhook.id, vault, clock_ms())
    home.store.run(webhooks.change(stored.webhook, Change(sealed_secrets=sealed)))
    shown = home("show", "hook").out
    assert "current, not shown yet" in shown
    assert shown.endswith("\n'fleet webhooks reveal-secret hook' shows the current one, once.\n")
    assert home("reveal-secret", "hook").out == (
        "  Secret  secret_x\n\nIt is shown this once."
        " If Notion asks for it, to verify the subscription, paste it there.\n"
    )
    assert "reveal-secret" not in home("show", "hook").out
    again = home("reveal-secret", "hook")
    assert (again.code, again.out) == (1, "")
    assert "let the sender shake hands again" in again.err


# --- parameters


def test_parameters_are_set_shown_and_removed(home: Home) -> None:
    made = home.create("custom", "--set", "header=X-Own", "--set", "signed={body}=")
    assert made["parameters"] == {"header": "X-Own", "signed": "{body}="}
    assert "Parameters    header=X-Own, signed={body}=" in home("show", "hook").out
    done = home("update", "hook", "--set", "header=", "--set", "algorithm=sha1", "--verify", "ingress")
    assert done.out.endswith("algorithm=sha1. Signature: unverified.\n")
    assert home("show", "hook", "--json").json["parameters"] == {"signed": "{body}=", "algorithm": "sha1"}
    done = home("update", "hook", "--set", "algorithm=md5")
    assert (done.code, done.err) == (1, "algorithm is one of sha256, sha512, sha1.\n")


def test_a_secret_parameter_is_no_argument(home: Home) -> None:
    home.create("meta")
    assert home("update", "hook", "--set", "verify_token=canary").code == 2
    assert home("update", "hook", "--set", "header").code == 2
    done = home("update", "hook", "--set", "verify_token", stdin=b"canary\n")
    assert done.code == 0
    assert "Parameters    verify_token (secret)" in home("show", "hook").out
    assert webhooks.open_vault(Sealer(RING, bytes), home.stored()).parameters == {"verify_token": "canary"}
    home("update", "hook", "--set", "verify_token=")
    assert "Parameters" not in home("show", "hook").out


def test_the_sender_is_custom_unless_said_and_can_be_changed(home: Home) -> None:
    assert home("create", "own", "--json").json["sender"] == "custom"
    home.create("github", "--require-signature")
    done = home("update", "hook", "--sender", "sendgrid", "--no-require-signature")
    assert done.out.splitlines()[0] == (
        "Webhook hook is changed. Sender: sendgrid."
        " Signature: checked, but none of its secrets fits the sender: every event is rejected."
    )
    home("update", "hook", "--sender", "discord")
    assert "Signature     checked at the ingress" in home("show", "hook").out
