"""`fleet senders`: needs no gateway, no token and no network."""

from pathlib import Path

import pytest

from domain.senders import SENDERS
from tests.command_line import Fleet, fleet_command


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Fleet:
    return fleet_command(monkeypatch, capsys, {"FLEET_STATE_DIR": str(tmp_path / "absent")})


def unfolded(out: str) -> str:
    """What is said, without the frame around it."""
    return " ".join(out.replace("│", " ").split())


def test_all_senders_are_listed_with_what_verifies_them(fleet: Fleet) -> None:
    lines = fleet("senders", "list").out.splitlines()
    assert [line.split()[0] for line in lines[1:-2]] == sorted(SENDERS)
    assert "--sender git'" in lines[-1]
    [stripe] = [line for line in lines if line.startswith("stripe ")]
    assert stripe.split() == ["stripe", "Stripe", "HMAC-SHA256", "theirs"]
    [nothing] = [line for line in lines if line.startswith("docker-hub ")]
    assert nothing.split() == ["docker-hub", "Docker", "Hub", "nothing", "none"]


def test_the_list_fits_a_terminal(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.answers.UNLIMITED", 80)
    lines = fleet("senders", "list").out.partition("\n\n")[0].splitlines()
    assert max(map(len, lines)) <= 80
    wrapped = [line.strip() for line in lines if line.startswith(" ")]
    assert wrapped in ([], ["Center"], ["Data Center"])
    assert any("RSA-SHA256, the secret" in line for line in lines)


def test_without_a_word_more_they_are_listed_too(fleet: Fleet) -> None:
    assert fleet("senders").out == fleet("senders", "list").out


def test_programs_get_the_same_of_one_as_of_all(fleet: Fleet) -> None:
    every = fleet("senders", "list", "--json").json["senders"]
    assert [each["key"] for each in every] == sorted(SENDERS)
    assert all(fleet("senders", "show", each["key"], "--json").json == each for each in every)
    assert all(isinstance(each["drops_duplicates"], bool) for each in every)


def test_one_sender_with_all_that_an_owner_has_to_know(fleet: Fleet) -> None:
    shown = fleet("senders", "show", "stripe")
    assert (shown.code, shown.err) == (0, "")
    facts = dict(line.strip().split("  ", 1) for line in shown.out.splitlines() if line.startswith("  "))
    told = {name: fact.strip() for name, fact in facts.items()}
    assert told["Secret"] == SENDERS["stripe"].secret.where
    assert told["Made by"] == "the sender"
    assert told["Signature"] == "header Stripe-Signature, entries parted by commas, after v1=, in hex"
    assert told["Key"] == "the secret as it is"
    assert told["Signed"] == "{timestamp}.{body}"
    assert told["Time"] == (
        "entry t= beside the signature, Unix time in seconds; at most 300 s before the receipt"
    )
    assert told["Duplicates"] == "dropped"


@pytest.mark.parametrize("key", SENDERS)
def test_each_says_what_is_not_covered_and_what_is_in_doubt(fleet: Fleet, key: str) -> None:
    shown = fleet("senders", "show", key).out
    sender = SENDERS[key]
    assert all(each.id in shown for each in sender.schemes)
    assert sender.uncovered in shown
    assert sender.doubt in shown
    assert "`" not in shown


@pytest.mark.parametrize(
    ("wrong", "right"), [("Stripe", "stripe"), ("GITHUB", "github"), ("pay-pal", "paypal")]
)
def test_a_sender_that_is_likely_meant_is_named(fleet: Fleet, wrong: str, right: str) -> None:
    done = fleet("senders", "show", wrong)
    assert (done.code, done.out) == (1, "")
    assert f"Did you mean {right}" in done.err


def test_of_git_it_is_said_where_it_belongs(fleet: Fleet) -> None:
    done = fleet("senders", "show", "git")
    assert (done.code, done.out) == (1, "")
    assert "'fleet webhooks create NAME --sender git'" in done.err
    assert "Did you mean git" in fleet("senders", "show", "gitt").err
    assert "git is all hosts of" in unfolded(fleet("webhooks", "create", "--help").out)
    assert "Pushes of Git hosts are not imitated" in unfolded(fleet("trigger", "git").err)


def test_a_sender_that_we_do_not_know(fleet: Fleet) -> None:
    shown = fleet("senders", "show", "nobody")
    assert (shown.code, shown.out) == (1, "")
    assert shown.err == "There is no sender 'nobody'; see 'fleet senders list'.\n"
