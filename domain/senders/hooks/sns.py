"""AWS SNS: signed inside the body, with a certificate that the body says where to fetch.

Sources: https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html; the names of the
certificates from AWS' own implementation (aws-sdk-java-v2, sns-message-manager, SnsHostProvider). The host
is read more strictly than AWS' older validators do: `sns.s3-us-west-2.amazonaws.com` suits their pattern
and is a bucket that anybody could own
(https://spaceraccoon.dev/exploiting-improper-validation-amazon-simple-notification-service/).

Doubts: without the parameter `topic_arn` a topic of any AWS account is accepted, since AWS signs for all of
them alike. AWS names no age at which a message is too old (retries carry the first Timestamp, for hours), so
none is. Regions whose hosts do not end in amazonaws.com (isolated ones, the European sovereign cloud) are
refused: nobody could show us one. Raw message delivery has no signature and is refused.
"""

import json
import re
from collections.abc import Sequence
from typing import Final, cast

from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm

from domain.event import Rejection
from domain.senders import hosts
from domain.senders.content import Content
from domain.senders.encoding import Encoding, decode
from domain.senders.hook import Rule, Wanted
from domain.senders.hooks import certificate
from domain.senders.hooks.certificate import Signed

CONFIRMATION: Final = "SubscriptionConfirmation"
"""The Type of a message that asks whether this address wants a topic's messages."""

_NOTIFICATION: Final = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_SUBSCRIPTION: Final = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_SIGNED: Final = {
    "Notification": _NOTIFICATION,
    CONFIRMATION: _SUBSCRIPTION,
    "UnsubscribeConfirmation": _SUBSCRIPTION,
}
_OPTIONAL: Final = "Subject"

# AWS' choice for topics that were not told otherwise is version 1, with SHA-1.
_DIGESTS: Final[dict[str, HashAlgorithm]] = {"1": SHA1(), "2": SHA256()}  # noqa: S303 - see above

# Whole URLs, so that there is no room for a user, a port, or a host that another reader reads otherwise.
_CERTIFICATE_URL: Final = re.compile(
    rf"https://{hosts.SNS}/SimpleNotificationService-[0-9a-f]{{16,64}}\.pem", re.ASCII
)
_SUBSCRIBE_URL: Final = re.compile(
    rf"https://{hosts.SNS}/\?Action=ConfirmSubscription&[A-Za-z0-9:=&%._~-]{{1,1000}}", re.ASCII
)
_MAX_SIGNATURE_CHARS: Final = 2000


class Sns:
    """Judges by certificates of AWS; the parameter `topic_arn`, if it is set, is the only topic accepted."""

    rule = Rule(
        "RSA-SHA1 or RSA-SHA256",
        "AWS' certificate, fetched from `SigningCertURL` or stored as the secret",
        f"names and values of {', '.join(f'`{name}`' for name in _NOTIFICATION)}; of confirmations also"
        " `SubscribeURL` and `Token`",
    )
    signs_url = False
    keyless = True

    def usable(self, secret: bytes) -> bool:
        """Whether a secret is a certificate: then none is fetched."""
        return certificate.is_certificate(secret)

    def judge(
        self, content: Content, keys: Sequence[tuple[int, bytes]], received_at: int
    ) -> int | Wanted | Rejection | None:
        """Whether a certificate vouches for the fields that AWS signs."""
        fields = _fields(content)
        if (fault := _fault(content, fields)) is not None:
            return fault
        url = fields["SigningCertURL"]
        given: Sequence[tuple[int | None, bytes]] = keys
        if not keys:
            if url not in content.site.documents:
                return Wanted(url)
            given = [(None, content.site.documents[url])]
        signature = decode(Encoding.BASE64, _bytes(fields["Signature"])) or b""
        signed = Signed(_text(fields), signature, _DIGESTS[fields["SignatureVersion"]])
        return certificate.vouching(signed, given, _names(url), received_at)


def confirmation(content: Content) -> str | None:
    """The URL that confirms a SubscriptionConfirmation, "" when it is not AWS'; None for anything else.

    Ask this of verified requests only: AWS answers whoever calls, and only its signature says that the
    subscription meant is the one of the topic named.
    """
    fields = _fields(content)
    if fields.get("Type") != CONFIRMATION:
        return None
    url = fields.get("SubscribeURL", "")
    return url if _SUBSCRIBE_URL.fullmatch(url) else ""


def _fields(content: Content) -> dict[str, str]:
    """The texts at the top of the body; none when it is no JSON object."""
    if not isinstance(content.json, dict):
        return {}
    document = cast("dict[str, object]", content.json)
    return {name: value for name, value in document.items() if isinstance(value, str)}


def _fault(content: Content, fields: dict[str, str]) -> Rejection | None:
    """Why the request cannot be AWS', as far as it shows without the certificate."""
    signed = _SIGNED.get(fields.get("Type", ""))
    if signed is None or fields.get("SignatureVersion") not in _DIGESTS:
        return Rejection.UNMET_CONDITION
    if any(name not in fields for name in (*signed, "SigningCertURL") if name != _OPTIONAL):
        return Rejection.MISSING_FIELD
    if content.site.parameters.get("topic_arn", fields["TopicArn"]) != fields["TopicArn"]:
        return Rejection.UNMET_CONDITION
    if not _CERTIFICATE_URL.fullmatch(fields["SigningCertURL"]):
        return Rejection.UNKNOWN_CERTIFICATE
    signature = fields.get("Signature", "")
    if len(signature) > _MAX_SIGNATURE_CHARS or not decode(Encoding.BASE64, _bytes(signature)):
        return Rejection.MALFORMED_SIGNATURE
    return Rejection.MALFORMED_SIGNATURE if _is_ambiguous(content, fields, signed) else None


def _is_ambiguous(content: Content, fields: dict[str, str], signed: Sequence[str]) -> bool:
    """Whether the same signature would fit another message than the one a receiver reads.

    It covers values, not the body: a receiver that takes the first of two equal names, or reads names in any
    case, would find what nobody signed. And it covers them as lines: only Message, which stands first, can
    have several lines without taking in its neighbour's.
    """
    if any("\n" in fields.get(name, "") for name in signed if name != "Message"):
        return True
    text = str(content.request.body, "utf-8")
    try:
        names: list[str] = json.loads(text, object_pairs_hook=lambda pairs: [name for name, _ in pairs])
    except RecursionError:  # it was just shallow enough where it was read first
        return True
    return len({name.casefold() for name in names}) < len(names)


def _text(fields: dict[str, str]) -> bytes:
    """The text that AWS signs: the fields of the message's Type, those that are there, name and value."""
    signed = [name for name in _SIGNED[fields["Type"]] if name in fields]
    return _bytes("".join(f"{name}\n{fields[name]}\n" for name in signed))


def _names(url: str) -> re.Pattern[str]:
    """The common names that the certificate at a URL may have; the newer ones are those of a region."""
    _, region, suffix = url.removeprefix("https://").partition("/")[0].split(".", 2)
    if region.startswith("us-gov-"):
        region = "us-gov-west-1"
    return re.compile(rf"sns(?:-signing\.{region}|-{region})?\.{re.escape(suffix)}")


def _bytes(text: str) -> bytes:
    # JSON can spell lone surrogates; they stay what they are, and no signature fits them.
    return text.encode("utf-8", "surrogatepass")


SNS: Final = Sns()
