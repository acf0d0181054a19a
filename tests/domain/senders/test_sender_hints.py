"""Who seems to call, by the marks of requests. It decides nothing."""

import pytest

from domain.event import Request
from domain.senders import looks_like


@pytest.mark.parametrize(
    ("names", "first"),
    [
        (("X-Forgejo-Event", "X-Gitea-Event", "X-Gogs-Event", "X-GitHub-Event"), "forgejo"),
        (("X-Gitea-Event", "X-Gogs-Event", "X-GitHub-Event"), "gitea"),
        (("X-Gogs-Event", "X-GitHub-Event"), "gogs"),
        (("X-GitHub-Event", "X-Hub-Signature-256"), "github"),
        (("X-Hook-UUID", "X-Event-Key"), "bitbucket-cloud"),
        (("X-Event-Key",), "bitbucket-server"),
        (("Stripe-Signature",), "stripe"),
    ],
)
def test_who_seems_to_call_is_told_by_marks(names: tuple[str, ...], first: str) -> None:
    headers = tuple((name.lower().encode(), b"x") for name in names)
    assert looks_like(Request("POST", b"", b"", headers, b"{}"))[0] == first


def test_x_hub_signature_alone_is_nobodys_mark() -> None:
    assert looks_like(Request("POST", b"", b"", ((b"x-hub-signature", b"sha1=00"),), b"{}")) == ()
