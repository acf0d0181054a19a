"""A secret is rotated while its sender goes on posting: nothing is lost, and one sees when the old can go."""

from typing import Any

from domain.event import Request
from domain.senders import SENDERS, sign
from tests.system.stack import Stack, Subscriber, post, until

BODY = b'{"zen": "Keep it logically awesome."}'


def signed(secret: str) -> dict[str, str]:
    made = sign(SENDERS["github"], Request("POST", b"", b"", (), BODY), secret.encode(), 0).headers
    return {name.decode(): value.decode() for name, value in made}


async def test_a_rotation_loses_no_event_and_the_old_secret_ends(stack: Stack, local: Subscriber) -> None:
    made = stack.webhook(require_signature=True)
    stack.subscribe()
    await stack.connect(app=local.url)

    def used() -> list[bool]:
        """Whether each secret has matched, the newest first."""
        return [each["last_matched"] is not None for each in secrets()]

    def secrets() -> list[dict[str, Any]]:
        return stack.api.ask("GET", "webhooks", "hook")["secrets"]

    old = made["secret"]
    new = stack.api.ask("POST", "webhooks", "hook", "secrets", body={})["secret"]
    assert post(made["url"], BODY, signed(old))[0] == 202
    await stack.settled(1)
    assert used() == [False, True]
    assert post(made["url"], BODY, signed(new))[0] == 202
    await stack.settled(2)
    assert used() == [True, True]
    stack.api.ask("DELETE", "webhooks", "hook", "secrets", secrets()[1]["id"])
    assert post(made["url"], BODY, signed(old))[0] == 202
    assert post(made["url"], BODY, signed(new))[0] == 202
    await stack.settled(3)
    await until(lambda: stack.count("rejected:wrong_signature") == 1, "one rejected")
    assert used() == [True]
    assert stack.differences() == []
