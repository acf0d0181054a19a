"""Signing in every way that senders sign, as an owner has fitted them, and without telling secrets."""

import os
from base64 import b64encode

import pytest

from domain.errors import InvalidInputError
from domain.event import Request
from domain.senders import SENDERS, Site, new_secret, sign, tailored, verify
from domain.senders.samples import SAMPLES, Blanks, imitation
from domain.senders.signing import discreet
from tests.imitations import NOW, SITE, request_of


@pytest.mark.parametrize(
    ("key", "parameters", "scheme"),
    [
        ("custom", {"header": "X-Sig", "algorithm": "sha512", "encoding": "base64"}, "custom-sha512-base64"),
        ("custom", {"timestamp_header": "X-Time", "signed": "{id}.{timestamp}.{body}"}, "custom-sha256-hex"),
        (
            "custom",
            {"signed": "{method}{url}{body}", "prefix": "v1=", "algorithm": "sha1"},
            "custom-sha1-hex",
        ),
        ("custom", {"event_type_header": "X-Kind", "id_header": "X-Id"}, "custom-sha256-hex"),
        ("github", {"scheme": "github-sha1"}, "github-sha1"),
        ("hubspot", {"scheme": "hubspot-v1"}, "hubspot-v1"),
        ("hubspot", {"scheme": "hubspot-v2"}, "hubspot-v2"),
        ("azure-devops", {"scheme": "azure-header", "auth_header": "X-Mine"}, "azure-header"),
        ("bitbucket-server", {"scheme": "bitbucket-server-basic"}, "bitbucket-server-basic"),
        ("buildkite", {"scheme": "buildkite-token"}, "buildkite-token"),
        ("okta", {"auth_header": "X-Okta"}, "okta-token"),
        ("square", {"url": "https://other.example/hook?tenant=1"}, "square-hmac"),
    ],
)
def test_what_an_owner_has_set_is_signed_like_that(key: str, parameters: dict[str, str], scheme: str) -> None:
    sender = tailored(SENDERS[key], parameters)
    site = Site(parameters.get("url", SITE.url), parameters)
    request = imitation(sender, SAMPLES[key][0], SAMPLES[key][0].event, Blanks.at(NOW, bytes(16)), site)
    secret = new_secret(sender.secret, os.urandom(32)).encode()
    made = sign(sender, request, secret, NOW, site, os.urandom(16))
    assert verify(sender, made, [secret], NOW, site).scheme == scheme


def test_json_of_twilio_is_signed_by_its_hash_in_the_query() -> None:
    headers = ((b"content-type", b"application/json"),)
    request = Request("POST", b"", b"", headers, b'[{"type": "com.example.done"}]')
    made = sign(SENDERS["twilio"], request, b"secret", NOW, SITE)
    assert made.query.startswith(b"bodySHA256=")
    assert verify(SENDERS["twilio"], made, [b"secret"], NOW, SITE).scheme == "twilio-json"


def test_a_signing_token_of_gitlab_signs_and_a_plain_one_comes_along() -> None:
    sender = SENDERS["gitlab"]
    for secret, scheme in ((b"whsec_" + b"A" * 43 + b"=", "gitlab-v1"), (b"a-token", "gitlab-token")):
        made = sign(sender, request_of(sender, SAMPLES["gitlab"][0]), secret, NOW)
        assert verify(sender, made, [secret], NOW).scheme == scheme
        assert (secret in {value for _, value in made.headers}) is (scheme == "gitlab-token")


def test_a_discreet_sender_tells_no_secret() -> None:
    secret = os.urandom(32).hex().encode()
    for sender, sample in ((sender, sample) for key, sender in SENDERS.items() for sample in SAMPLES[key]):
        try:
            made = sign(discreet(sender), request_of(sender, sample), secret, NOW, SITE)
        except InvalidInputError:
            continue
        told = b"\n".join((made.body, made.query, *(value for _, value in made.headers)))
        assert secret not in told
        assert b64encode(secret) not in told
