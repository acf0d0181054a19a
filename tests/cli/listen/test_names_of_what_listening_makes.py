"""Names: whatever a machine is called, they follow the rule, are the same each time, or never."""

from hypothesis import given
from hypothesis import strategies as st

from cli.listen import naming
from domain.senders import SENDERS
from domain.webhook import checked_name

HOSTS = st.text(max_size=80) | st.from_regex(r"[A-Za-z0-9.-]{1,70}", fullmatch=True)
SENDER = st.none() | st.sampled_from(sorted(SENDERS))


@given(HOSTS, SENDER, st.binary(min_size=5, max_size=5))
def test_each_can_be_a_name(host: str, sender: str | None, entropy: bytes) -> None:
    machine = naming.machine_of(host)
    webhook = naming.webhook_name(machine, sender)
    checked_name("name", webhook)
    checked_name("name", naming.passing_subscription(machine, entropy))
    checked_name("name", naming.kept_subscription(machine, [webhook]))


@given(HOSTS, st.from_regex(r"[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?", fullmatch=True))
def test_a_kept_one_can_be_a_name_whatever_its_webhook_is_called(host: str, webhook: str) -> None:
    checked_name("name", naming.kept_subscription(naming.machine_of(host), [webhook]))


def test_how_they_read() -> None:
    machine = naming.machine_of("Ada's-MacBook.local")
    assert machine == "ada-s-macbook"
    assert naming.webhook_name(machine, None) == "listen-ada-s-macbook"
    assert naming.webhook_name(machine, "github") == "listen-ada-s-macbook-github"
    assert naming.kept_subscription(machine, ["listen-ada-s-macbook"]) == "listen-ada-s-macbook"
    assert naming.kept_subscription(machine, ["shop", "github"]) == "listen-ada-s-macbook-shop"
    assert naming.passing_subscription(machine, b"\x00" * 5) == "listen-ada-s-macbook-aaaaaaaa"
    assert naming.machine_of("...") == "here"
