"""Standard Webhooks, and those who send by it (https://github.com/standard-webhooks/standard-webhooks)."""

from typing import Final

from domain.senders.encoding import Encoding
from domain.senders.hint import Hint
from domain.senders.key import Base64Key, KeyForm
from domain.senders.method import HMAC_SHA256, Ed25519, Method
from domain.senders.scheme import Scheme, Signature
from domain.senders.secret_form import Look, SecretForm
from domain.senders.sender import Sender
from domain.senders.source import Header, JsonField
from domain.senders.template import Template
from domain.senders.timestamp import Timestamp

_SIGNED: Final = Template("{id}.{timestamp}.{body}")
_TOLERANCE_S: Final = 300


def standard_scheme(
    scheme: str, family: str, *, demands_prefix: bool = False, bare_is_text: bool = False
) -> Scheme:
    """Version v1: HMAC with what the part after whsec_ stands for in base64.

    Args:
        scheme: its id.
        family: what the three headers begin with.
        demands_prefix: whether only a secret that begins with whsec_ is one.
        bare_is_text: whether a secret without whsec_ is the key itself.
    """
    key = Base64Key(b"whsec_", demands_prefix=demands_prefix, bare_is_text=bare_is_text)
    return _scheme(scheme, family, b"v1,", HMAC_SHA256, key)


def _asymmetric(scheme: str, family: str) -> Scheme:
    """Version v1a: Ed25519; the secret is the public key, whpk_ and base64."""
    return _scheme(scheme, family, b"v1a,", Ed25519(), Base64Key(b"whpk_", demands_prefix=True))


def _scheme(scheme: str, family: str, version: bytes, method: Method, key: KeyForm) -> Scheme:
    # All three values come from one family: what stands in different ones was never signed together.
    return Scheme(
        scheme,
        Signature(Header(f"{family}-signature"), Encoding.BASE64, version, separator=b" "),
        _SIGNED,
        method,
        key,
        Timestamp(Header(f"{family}-timestamp"), _TOLERANCE_S, _TOLERANCE_S),
        variables=(("id", Header(f"{family}-id")),),
        splitter=b".",
    )


_SVIX_SCHEMES: Final = (
    standard_scheme("svix-v1", "svix"),
    _asymmetric("svix-v1a", "svix"),
    standard_scheme("svix-webhook-v1", "webhook"),
    _asymmetric("svix-webhook-v1a", "webhook"),
)
_IDS: Final = (Header("svix-id"), Header("webhook-id"))
_SVIX_HINT: Final = Hint(headers=("svix-signature",))

_STANDARD: Final = Sender(
    key="standard-webhooks",
    title="Standard Webhooks",
    docs_url="https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md",
    secret=SecretForm("Give it to the program that calls, whsec_ included.", look=Look.WHSEC),
    schemes=(standard_scheme("stdwh-v1", "webhook"), _asymmetric("stdwh-v1a", "webhook")),
    event_type=(JsonField("type"),),
    event_id=(Header("webhook-id"),),
    dedup=True,
    hint=Hint(headers=("webhook-signature",), also=("webhook-id", "webhook-timestamp")),
)

_SVIX: Final = Sender(
    key="svix",
    title="Svix",
    docs_url="https://docs.svix.com/receiving/verifying-payloads/how-manual",
    secret=SecretForm(
        "Svix shows it as Signing Secret of the endpoint (whsec_...).", issued=True, begins="whsec_"
    ),
    schemes=_SVIX_SCHEMES,
    event_type=(JsonField("type"),),
    event_id=_IDS,
    dedup=True,
    hint=_SVIX_HINT,
)

# Its library takes a secret without whsec_ as the key itself, unlike the libraries of Standard Webhooks.
_OPENAI: Final = Sender(
    key="openai",
    title="OpenAI",
    docs_url="https://platform.openai.com/docs/guides/webhooks",
    secret=SecretForm("OpenAI shows it once when the webhook is created (whsec_...).", issued=True),
    schemes=(standard_scheme("openai-v1", "webhook", bare_is_text=True),),
    event_type=(JsonField("type"),),
    event_id=(Header("webhook-id"),),
    dedup=True,
    hint=Hint(headers=("webhook-signature",), also=("webhook-id", "webhook-timestamp"), fields=("type",)),
)

_CLERK: Final = Sender(
    key="clerk",
    title="Clerk",
    docs_url="https://clerk.com/docs/webhooks/overview",
    secret=SecretForm(
        "Clerk shows it as Signing Secret of the endpoint (Webhooks).", issued=True, begins="whsec_"
    ),
    schemes=(standard_scheme("clerk-v1", "svix"), standard_scheme("clerk-webhook-v1", "webhook")),
    event_type=(JsonField("type"),),
    event_id=_IDS,
    dedup=True,
    hint=_SVIX_HINT,
)

_RESEND: Final = Sender(
    key="resend",
    title="Resend",
    docs_url="https://resend.com/docs/dashboard/webhooks/verify-webhooks-requests",
    secret=SecretForm(
        "Resend shows it as Signing Secret of the webhook (Webhooks).", issued=True, begins="whsec_"
    ),
    schemes=(standard_scheme("resend-v1", "svix"), standard_scheme("resend-webhook-v1", "webhook")),
    event_type=(JsonField("type"),),
    event_id=_IDS,
    dedup=True,
    hint=_SVIX_HINT,
)

STANDARD: Final = (_SVIX, _CLERK, _RESEND, _STANDARD, _OPENAI)
"""Their senders."""
