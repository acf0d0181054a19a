"""Who seems to call, by the marks of requests. It decides nothing."""

import pytest

from domain.errors import InvalidInputError
from domain.event import Request
from domain.senders import SENDERS, looks_like, tailored


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


@pytest.mark.parametrize(
    "url", ["https://hooks.example.org", "HTTP://[2001:db8::7]:8080/a?b=c", "https://u:p@example.org/ä"]
)
def test_an_address_as_a_sender_may_have_it_is_taken(url: str) -> None:
    tailored(SENDERS["square"], {"url": url})


@pytest.mark.parametrize(
    ("arn", "is_one"),
    [
        ("arn:aws:sns:eu-central-1:123456789012:orders", True),
        ("arn:aws-us-gov:sns:us-gov-west-1:123456789012:orders.fifo", True),
        ("arn:aws:sqs:eu-central-1:123456789012:orders", False),
        ("arn:aws:sns:eu-central-1:123456789012", False),
        ("orders", False),
    ],
)
def test_a_topic_is_named_as_aws_does(arn: str, *, is_one: bool) -> None:
    if is_one:
        tailored(SENDERS["aws-sns"], {"topic_arn": arn})
    else:
        with pytest.raises(InvalidInputError, match="topic_arn looks like arn:aws:sns:"):
            tailored(SENDERS["aws-sns"], {"topic_arn": arn})


@pytest.mark.parametrize(
    ("parameters", "sent"),
    [
        ({"algorithm": "sha512"}, "X-Signature: sha512=<hex HMAC-SHA512 of the body>."),
        ({"scheme": "custom-sha512-base64"}, "X-Signature: sha512=<base64 HMAC-SHA512 of the body>."),
        (
            {"header": "X-Sig", "prefix": "v1=", "encoding": "base64", "signed": "v0:{id}:{body}"},
            "X-Sig: v1=<base64 HMAC-SHA256 of v0:{id}:{body}>. {id} is what it sends in X-Event-Id.",
        ),
        (
            {"timestamp_header": "X-Time"},
            (
                "X-Signature: sha256=<hex HMAC-SHA256 of {timestamp}.{body}>."
                " {timestamp} is the Unix time in seconds that it sends in X-Time."
            ),
        ),
    ],
)
def test_an_owner_is_told_what_the_program_has_to_send_then(parameters: dict[str, str], sent: str) -> None:
    where = tailored(SENDERS["custom"], parameters).secret.where
    assert where == f"Give it to the program that calls; it sends {sent}"


def test_a_parameter_that_is_not_about_signatures_changes_no_instruction() -> None:
    for key, parameters in (("custom", {"id_header": "X-Id"}), ("github", {"scheme": "github-sha256"})):
        assert tailored(SENDERS[key], parameters).secret == SENDERS[key].secret
