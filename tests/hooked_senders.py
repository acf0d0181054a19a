"""What PayPal, AWS, Jira and Microsoft would send, signed with keys of our own."""

import base64
import datetime as dt
import json
import zlib
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from domain.event import Headers, Rejection, Request
from domain.senders import SENDERS, Site, verify
from domain.senders.hooks.jwt import encoded

NOW = 1_800_000_000_000
NOW_S = NOW // 1000
DAY_MS = 86_400_000

PAYPAL_URL = "https://api.paypal.com/v1/notifications/certs/CERT-1"
PAYPAL_WEBHOOK = "4JH86294D6297924G"
SNS_URL = "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-7506a1e35b36ef5a444dd1a8e7cc3ed8.pem"
SUBSCRIBE_URL = (
    "https://sns.us-west-2.amazonaws.com/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:x&Token=23"
)
TOPIC = "arn:aws:sns:us-west-2:131990247566:orders"
APP_ID = "8e460676-ae3f-4b1e-8790-ee0fb5d6148f"
TENANT = "84bd8158-6d4d-4958-8b9f-9d6445542f95"
PUBLISHER = "0bf30f3b-4a52-48df-9a82-234910c4a086"


class Finding(NamedTuple):
    """A verdict, without the scheme."""

    rejection: Rejection | None = None
    secret_index: int | None = None
    wanted: str | None = None


def judged(
    sender: str, request: Request, site: Site, secrets: tuple[bytes, ...] = (), at: int = NOW
) -> Finding:
    """What the engine says of a request."""
    verdict = verify(SENDERS[sender], request, secrets, at, site)
    assert verdict.ok is (verdict.rejection is None)
    return Finding(verdict.rejection, verdict.secret_index, verdict.wanted)


@cache
def rsa_key(name: str = "sender", bits: int = 2048) -> RSAPrivateKey:
    """The key of a name: the same all the time, because it takes long to make one."""
    del name
    return generate_private_key(65537, bits)


def certificate(
    common_name: str,
    *,
    begins: int = NOW - DAY_MS,
    ends: int = NOW + DAY_MS,
    key: RSAPrivateKey | None = None,
) -> bytes:
    """A certificate in PEM; times in Unix ms."""
    key = key or rsa_key()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(dt.datetime.fromtimestamp(begins / 1000, dt.UTC))
        .not_valid_after(dt.datetime.fromtimestamp(ends / 1000, dt.UTC))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(Encoding.PEM)


def paypal_certificate() -> bytes:
    return certificate("messageverificationcerts.paypal.com")


def sns_certificate() -> bytes:
    return certificate("sns.amazonaws.com")


def signature(text: bytes, digest: hashes.HashAlgorithm, key: RSAPrivateKey | None = None) -> bytes:
    return (key or rsa_key()).sign(text, padding.PKCS1v15(), digest)


def post(headers: Mapping[str, str], body: bytes, *, path: bytes = b"", query: bytes = b"") -> Request:
    lines: Headers = tuple((name.lower().encode(), value.encode()) for name, value in headers.items())
    return Request("POST", path, query, lines, body)


def paypal_headers(body: bytes, url: str = PAYPAL_URL, key: RSAPrivateKey | None = None) -> dict[str, str]:
    text = f"id-1|2027-01-15T08:00:00Z|{PAYPAL_WEBHOOK}|{zlib.crc32(body)}".encode()
    return {
        "PAYPAL-TRANSMISSION-ID": "id-1",
        "PAYPAL-TRANSMISSION-TIME": "2027-01-15T08:00:00Z",
        "PAYPAL-TRANSMISSION-SIG": base64.b64encode(signature(text, hashes.SHA256(), key)).decode(),
        "PAYPAL-CERT-URL": url,
        "PAYPAL-AUTH-ALGO": "SHA256withRSA",
    }


def paypal_request(body: bytes = b'{"id":"WH-1"}', url: str = PAYPAL_URL) -> Request:
    return post(paypal_headers(body, url), body)


def sns_message(kind: str = "Notification", **changes: str | None) -> dict[str, str]:
    """A signed message; None takes a field away. Signed after all changes, except that of Signature."""
    fields: dict[str, str | None] = {
        "Type": kind,
        "MessageId": "9d2c5580-b61d-550c-8583-37a582870907",
        "TopicArn": TOPIC,
        "Message": "first line\nsecond line",
        "Timestamp": "2027-01-15T08:00:00.000Z",
        "SignatureVersion": "2",
        "SigningCertURL": SNS_URL,
    }
    if kind != "Notification":
        fields |= {"SubscribeURL": SUBSCRIBE_URL, "Token": "2336412f"}
    message = {name: value for name, value in {**fields, **changes}.items() if value is not None}
    names = (
        ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
        if kind == "Notification"
        else ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
    )
    text = "".join(f"{name}\n{message[name]}\n" for name in names if name in message).encode()
    digest = hashes.SHA1() if message.get("SignatureVersion") == "1" else hashes.SHA256()  # noqa: S303 - AWS' choice
    message.setdefault("Signature", base64.b64encode(signature(text, digest)).decode())
    return message


def sns_request(message: Mapping[str, object]) -> Request:
    return post(
        {"x-amz-sns-message-type": str(message.get("Type")), "Content-Type": "text/plain; charset=UTF-8"},
        json.dumps(message).encode(),
    )


def piece(document: object) -> bytes:
    return encoded(json.dumps(document).encode())


def hs256(claims: Mapping[str, Any], secret: bytes, **header: object) -> bytes:
    """A token signed with a secret; `header` overrides what it says of itself."""
    text = piece({"typ": "JWT", "alg": "HS256", **header}) + b"." + piece(claims)
    mac = hmac.HMAC(secret, hashes.SHA256())
    mac.update(text)
    return text + b"." + encoded(mac.finalize())


def rs256(claims: Mapping[str, Any], key: RSAPrivateKey | None = None, **header: object) -> bytes:
    """A token signed with a private key."""
    text = piece({"typ": "JWT", "alg": "RS256", "kid": "key-1", **header}) + b"." + piece(claims)
    return text + b"." + encoded(signature(text, hashes.SHA256(), key))


def graph_claims(**changes: object) -> dict[str, object]:
    claims: dict[str, object] = {
        "aud": APP_ID,
        "iss": f"https://sts.windows.net/{TENANT}/",
        "iat": NOW_S,
        "nbf": NOW_S,
        "exp": NOW_S + 3600,
        "appid": PUBLISHER,
        "tid": TENANT,
        "ver": "1.0",
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}


def graph_item(**changes: object) -> dict[str, object]:
    return {
        "subscriptionId": "76619225",
        "tenantId": TENANT,
        "changeType": "created",
        "clientState": "state",
        "encryptedContent": {"data": "..."},
        **changes,
    }


def graph_request(tokens: list[bytes], *items: dict[str, object]) -> Request:
    texts = [token.decode() for token in tokens]
    return post({}, json.dumps({"value": list(items), "validationTokens": texts}).encode())


def key_set(*kids: str, key: RSAPrivateKey | None = None, **changes: object) -> bytes:
    """A key set as Microsoft publishes it, with one key under several ids."""
    numbers = (key or rsa_key()).public_key().public_numbers()
    facts: dict[str, object] = {
        "kty": "RSA",
        "use": "sig",
        "n": encoded(numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8)).decode(),
        "e": encoded(numbers.e.to_bytes(3)).decode(),
        **changes,
    }
    return json.dumps({"keys": [{"kid": kid, **facts} for kid in kids]}).encode()
