"""Programs that nobody has described: what they do is said by the owner, or is what most do."""

from typing import Final

from domain.senders.catalogue.shapes import BODY
from domain.senders.encoding import Encoding
from domain.senders.hint import Hint
from domain.senders.method import HMAC_SHA512
from domain.senders.scheme import Scheme, Signature
from domain.senders.secret_form import SecretForm
from domain.senders.sender import Parameter, Sender
from domain.senders.source import Header, JsonField

_X_SIGNATURE: Final = Header("X-Signature")

# For programs that sign as many do: HMAC of the body, in hex (several, separated by commas, while a
# secret is rolled) or base64, with or without the name of the hash before it, but never another one's.
CUSTOM: Final = Sender(
    key="custom",
    title="Custom (X-Signature)",
    docs_url=None,
    is_own=True,
    secret=SecretForm(
        "Give it to the program that calls; unless set otherwise, it sends"
        " X-Signature: sha256=<hex HMAC of the body>."
    ),
    schemes=(
        Scheme(
            "custom-sha256-hex",
            Signature(_X_SIGNATURE, prefix=b"sha256=", prefix_optional=True, separator=b","),
            BODY,
        ),
        Scheme(
            "custom-sha512-hex",
            Signature(_X_SIGNATURE, prefix=b"sha512=", prefix_optional=True, separator=b","),
            BODY,
            HMAC_SHA512,
        ),
        Scheme(
            "custom-sha256-base64",
            Signature(_X_SIGNATURE, Encoding.BASE64, b"sha256=", prefix_optional=True),
            BODY,
        ),
        Scheme(
            "custom-sha512-base64",
            Signature(_X_SIGNATURE, Encoding.BASE64, b"sha512=", prefix_optional=True),
            BODY,
            HMAC_SHA512,
        ),
    ),
    event_type=(Header("X-Event-Type"), JsonField("type")),
    event_id=(Header("X-Event-Id"),),
    parameters=(
        Parameter("header", "The header with the signature, instead of X-Signature."),
        Parameter("algorithm", "The hash of the HMAC.", choices=("sha256", "sha512", "sha1")),
        Parameter("encoding", "How the signature is written.", choices=("hex", "base64")),
        Parameter("prefix", "What stands before the signature, such as v1=."),
        Parameter(
            "signed", "The signed text, such as {timestamp}.{body}; places: body, timestamp, id, method, url."
        ),
        Parameter("timestamp_header", "The header with the Unix time in seconds that is signed along."),
        Parameter(
            "tolerance_s", "How far that time may be from the time of receipt, in seconds; 300 unless set."
        ),
        Parameter("id_header", "The header with the id of an event, instead of X-Event-Id."),
        Parameter("event_type_header", "The header with the type of an event, instead of X-Event-Type."),
        Parameter("url", "The address that the program signs, should it differ from the URL shown here."),
    ),
    hint=Hint(headers=("X-Signature",)),
    uncovered="Whatever the signed text leaves out; as a rule the headers.",
)
"""The sender."""
