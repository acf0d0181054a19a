"""AWS SNS: what is signed, by which certificates, and what else the same signature must not fit."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.event import Rejection, Request
from domain.senders import Site
from domain.senders.content import Content
from domain.senders.hooks.sns import confirmation
from tests.hooked_senders import (
    NOW,
    SNS_URL,
    SUBSCRIBE_URL,
    TOPIC,
    Finding,
    certificate,
    judged,
    post,
    rsa_key,
    sns_certificate,
    sns_message,
    sns_request,
)

KINDS = ("Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation")


def found(
    request: Request,
    document: bytes | None = None,
    secrets: tuple[bytes, ...] = (),
    url: str = SNS_URL,
    **parameters: str,
) -> Finding:
    documents = {} if document is None else {url: document}
    site = Site("", parameters, documents)
    return judged("aws-sns", request, site, secrets)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("version", ["1", "2"])
def test_every_kind_of_message_is_verified(kind: str, version: str) -> None:
    request = sns_request(sns_message(kind, SignatureVersion=version))
    assert found(request) == Finding(Rejection.DOCUMENT_MISSING, wanted=SNS_URL)
    assert found(request, sns_certificate()) == Finding()
    assert found(request, None, (sns_certificate(),)) == Finding(secret_index=0)


def test_a_subject_is_signed_when_it_is_there() -> None:
    message = sns_message(Subject="Hello")
    assert found(sns_request(message), sns_certificate()) == Finding()
    for changed in ({**message, "Subject": "Bye"}, {n: v for n, v in message.items() if n != "Subject"}):
        assert found(sns_request(changed), sns_certificate()).rejection is Rejection.WRONG_SIGNATURE


@pytest.mark.parametrize("kind", KINDS)
def test_a_changed_field_is_refused(kind: str) -> None:
    message = sns_message(kind)
    for name in message.keys() - {"Signature", "SigningCertURL"}:
        changed = {**message, name: message[name] + "x"}
        assert found(sns_request(changed), sns_certificate()).rejection is not None


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_field_is_refused_before_anything_is_fetched(kind: str) -> None:
    message = sns_message(kind)
    for name in message:
        without = {key: value for key, value in message.items() if key != name}
        finding = found(sns_request(without))
        assert finding.rejection not in (None, Rejection.DOCUMENT_MISSING)
        assert finding.wanted is None


@pytest.mark.parametrize(
    "changes",
    [
        {"SignatureVersion": "3"},
        {"SignatureVersion": ""},
        {"Type": "Notification2"},
        {"Type": "notification"},
    ],
)
def test_another_version_or_type_is_refused(changes: dict[str, str]) -> None:
    assert found(sns_request({**sns_message(), **changes})).rejection is Rejection.UNMET_CONDITION


def test_the_weak_hash_does_not_rescue_a_signature_made_with_the_strong_one() -> None:
    changed = {**sns_message(), "SignatureVersion": "1"}
    assert found(sns_request(changed), sns_certificate()).rejection is Rejection.WRONG_SIGNATURE


def test_a_pinned_topic_is_the_only_one() -> None:
    request = sns_request(sns_message())
    assert found(request, sns_certificate(), topic_arn=TOPIC) == Finding()
    # Not even a certificate is fetched for another one.
    assert found(request, topic_arn=TOPIC + "2") == Finding(Rejection.UNMET_CONDITION)


def test_raw_delivery_has_no_signature() -> None:
    for body in (b'{"any":"thing"}', b"plain text", b""):
        raw = post({"x-amz-sns-rawdelivery": "true"}, body)
        assert found(raw) == Finding(Rejection.MISSING_SIGNATURE)


def body_of(message: dict[str, str], extra: str) -> Request:
    return post({}, json.dumps(message).encode()[:-1] + extra.encode() + b"}")


@pytest.mark.parametrize(
    "extra", [',"Message":"first line\\nsecond line"', ',"message":"evil"', ',"TOPICARN":"x"']
)
def test_a_name_that_another_reader_may_read_otherwise_is_refused(extra: str) -> None:
    rejection = found(body_of(sns_message(), extra), sns_certificate()).rejection
    assert rejection is Rejection.MALFORMED_SIGNATURE


def test_a_new_name_disturbs_nobody() -> None:
    assert found(body_of(sns_message(), ',"MessageAttributes":{"a":{"A":1}}'), sns_certificate()) == Finding()


def test_any_depth_of_an_unsigned_field_is_judged() -> None:
    for depth in range(700, 1000):
        rejection = found(
            body_of(sns_message(), ',"x":' + "[" * depth + "]" * depth), sns_certificate()
        ).rejection
        assert rejection in (None, Rejection.MALFORMED_SIGNATURE, Rejection.MISSING_SIGNATURE)


def test_a_field_cannot_swallow_its_neighbour() -> None:
    # The signed text of both messages is the same; the second would have another id, and no subject.
    message = sns_message(Subject="Hello")
    moved = {**message, "MessageId": message["MessageId"] + "\nSubject\nHello"}
    del moved["Subject"]
    assert found(sns_request(moved), sns_certificate()).rejection is Rejection.MALFORMED_SIGNATURE


@pytest.mark.parametrize(
    "url",
    [
        "http://sns.us-west-2.amazonaws.com/SimpleNotificationService-7506a1e35b36ef5a.pem",
        "https://sns.us-west-2.amazonaws.com.evil.example/SimpleNotificationService-7506a1e35b36ef5a.pem",
        "https://sns.s3-us-west-2.amazonaws.com/SimpleNotificationService-7506a1e35b36ef5a.pem",
        "https://sns.s3.amazonaws.com/SimpleNotificationService-7506a1e35b36ef5a.pem",
        "https://sns.us-west-2.amazonaws.com./SimpleNotificationService-7506a1e35b36ef5a.pem",
        "https://sns.us-west-2.amazonaws.com:8443/SimpleNotificationService-7506a1e35b36ef5a.pem",
        "https://me@sns.us-west-2.amazonaws.com/SimpleNotificationService-7506a1e35b36ef5a.pem",
        "https://sns.us-west-2.amazonaws.com@evil.example/SimpleNotificationService-7506a1e35b36ef5a.pem",
        "https://evil.example\\sns.us-west-2.amazonaws.com/SimpleNotificationService-7506a1e35b36ef5a.pem",
        "https://sns.us-west-2.amazonaws.com/other.pem",
        "https://sns.us-west-2.amazonaws.com/x/SimpleNotificationService-7506a1e35b36ef5a.pem",
        "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-7506a1e35b36ef5a.pem?x",
        "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-7506a1e35b36ef5a.pem\n",
        "https://sns.us-west-٢.amazonaws.com/SimpleNotificationService-7506a1e35b36ef5a.pem",
        "https://queue.us-west-2.amazonaws.com/SimpleNotificationService-7506a1e35b36ef5a.pem",
        "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-" + "a" * 100_000 + ".pem",
        "",
    ],
)
def test_a_certificate_from_elsewhere_is_never_wanted(url: str) -> None:
    request = sns_request(sns_message(SigningCertURL=url))
    assert found(request) == Finding(Rejection.UNKNOWN_CERTIFICATE)
    # Nor does the owner's own certificate make such a message AWS'.
    assert found(request, None, (sns_certificate(),)) == Finding(Rejection.UNKNOWN_CERTIFICATE)


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("sns.eu-west-1.amazonaws.com", "sns.amazonaws.com"),
        ("sns.ap-southeast-7.amazonaws.com", "sns-signing.ap-southeast-7.amazonaws.com"),
        ("sns.us-gov-east-1.amazonaws.com", "sns-us-gov-west-1.amazonaws.com"),
        ("sns.cn-northwest-1.amazonaws.com.cn", "sns-cn-northwest-1.amazonaws.com.cn"),
    ],
)
def test_regions_have_certificates_of_their_own(host: str, name: str) -> None:
    url = f"https://{host}/SimpleNotificationService-7506a1e35b36ef5a444dd1a8e7cc3ed8.pem"
    request = sns_request(sns_message(SigningCertURL=url))
    assert found(request, certificate(name), url=url) == Finding()
    for other in (
        "sns-signing.eu-south-2.amazonaws.com",
        "sqs.amazonaws.com",
        "xsns.amazonaws.com",
        f"{name}.x",
    ):
        assert found(request, certificate(other), url=url) == Finding(Rejection.UNKNOWN_CERTIFICATE)


def test_an_expired_or_foreign_certificate_vouches_for_nothing() -> None:
    request = sns_request(sns_message())
    expired = certificate("sns.amazonaws.com", ends=NOW - 1000)
    assert found(request, expired) == Finding(Rejection.UNKNOWN_CERTIFICATE)
    other = certificate("sns.amazonaws.com", key=rsa_key("other"))
    assert found(request, other) == Finding(Rejection.WRONG_SIGNATURE)


def test_a_confirmation_is_offered_for_its_own_kind_only() -> None:
    asks = Content(sns_request(sns_message("SubscriptionConfirmation")))
    assert confirmation(asks) == SUBSCRIBE_URL
    # An unsubscribed address also gets a SubscribeURL: calling it would undo what somebody wanted.
    for kind in ("Notification", "UnsubscribeConfirmation"):
        assert confirmation(Content(sns_request(sns_message(kind)))) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/?Action=ConfirmSubscription&Token=1",
        "http://sns.us-west-2.amazonaws.com/?Action=ConfirmSubscription&Token=1",
        "https://sns.us-west-2.amazonaws.com/?Action=Publish&Action=ConfirmSubscription",
        "https://sns.us-west-2.amazonaws.com:1/?Action=ConfirmSubscription&Token=1",
        "https://sns.us-west-2.amazonaws.com@evil.example/?Action=ConfirmSubscription&Token=1",
        "https://sns.us-west-2.amazonaws.com/?Action=ConfirmSubscription&Token=1 HTTP/1.1\r\nX: y",
        "https://sns.us-west-2.amazonaws.com/?Action=ConfirmSubscription&Token=" + "1" * 100_000,
    ],
)
def test_no_other_url_is_ever_called(url: str) -> None:
    assert confirmation(Content(sns_request(sns_message("SubscriptionConfirmation", SubscribeURL=url)))) == ""


@settings(deadline=None)
@given(
    st.text(max_size=40), st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\n"), max_size=40)
)
def test_any_text_that_aws_signed_is_verified_and_no_other(message: str, subject: str) -> None:
    signed = sns_message(Message=message, Subject=subject)
    assert found(sns_request(signed), sns_certificate()) == Finding()
    changed = {**signed, "Message": message + "\n"}
    assert found(sns_request(changed), sns_certificate()).rejection is Rejection.WRONG_SIGNATURE
