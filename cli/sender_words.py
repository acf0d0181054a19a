"""The rules of senders in words, as they stand in the documents: `code` between backticks."""

from collections.abc import Sequence
from typing import Final, assert_never

from domain.senders.condition import Absent, BodyDigest, Condition, Either, Equals, InEach, Present
from domain.senders.encoding import Encoding
from domain.senders.key import Base64Key, HexKey, KeyForm, TextKey
from domain.senders.method import Digest, Ecdsa, Ed25519, Hashed, Hmac, Method, Token
from domain.senders.scheme import Signature
from domain.senders.source import (
    FormField,
    FormJsonField,
    Header,
    HeaderFamily,
    Joined,
    JsonField,
    KeyBeside,
    ParameterHeader,
    Query,
    Source,
)
from domain.senders.timestamp import Clock, SignatureEntry, Timestamp

_HASHES: Final[dict[Digest, str]] = {"sha1": "SHA-1", "sha256": "SHA-256", "sha512": "SHA-512"}
_SEPARATORS: Final = {b",": "commas", b";": "semicolons", b" ": "spaces"}
_HOUR_S: Final = 3600


def place(source: Source) -> str:  # noqa: PLR0911 - one for each kind
    """Where something stands in a request."""
    match source:
        case Header():
            return f"header `{source.name}`"
        case HeaderFamily():
            return f"headers `{source.name}`"
        case ParameterHeader():
            return f"header `{source.default}`, or the one that parameter `{source.parameter}` names"
        case Query():
            return f"query parameter `{source.name}`"
        case JsonField():
            return f"JSON field `{source.path}`"
        case FormField():
            return f"form field `{source.name}`"
        case FormJsonField():
            return f"JSON field `{source.path}` in form field `{source.name}`"
        case KeyBeside():
            return f"name of the JSON field beside {listed([f'`{name}`' for name in source.names])}"
        case Joined():
            parts = listed([place(each) for each in source.sources])
            return f"{parts}, joined by `{source.separator.decode()}`"
        case _:
            assert_never(source)


def signature(form: Signature) -> str:
    """Where a signature stands, and how it is written."""
    words = [place(form.source)]
    if form.separator is not None:
        words.append(f"entries parted by {_SEPARATORS[form.separator]}")
    if form.prefix:
        optional = " or without it" if form.prefix_optional else ""
        words.append(f"after `{form.prefix.decode().rstrip()}`{optional}")
    if form.encoding is not Encoding.TEXT:
        words.append(f"in {form.encoding}")
    if form.every:
        words.append("each of them")
    return ", ".join(words)


def method(how: Method) -> str:
    """By what a request is verified, in a word or two."""
    match how:
        case Hmac():
            return f"HMAC-{_HASHES[how.digest].replace('-', '')}"
        case Hashed():
            return f"plain {_HASHES[how.digest]}"
        case Token():
            return "the secret itself"
        case Ed25519():
            return "Ed25519"
        case Ecdsa():
            return "ECDSA-SHA256"
        case _:
            assert_never(how)


def key(form: KeyForm, how: Method) -> str:
    """What of the secret is the key."""
    kind = "public key" if isinstance(how, Ed25519 | Ecdsa) else "secret"
    match form:
        case TextKey():
            return f"the {kind} as it is" + (" with its HTML entities replaced" if form.unescaped else "")
        case HexKey():
            return f"the {kind}, decoded from hex"
        case Base64Key(prefix=b""):
            return f"the {kind}, decoded from base64"
        case Base64Key():
            after = f"the {kind} after `{form.prefix.decode()}`, decoded from base64"
            if form.bare_is_text:
                return f"{after}; without that prefix the {kind} as it is"
            return after if form.demands_prefix else f"{after}; the prefix may be missing"
        case _:
            assert_never(form)


def moment(time: Timestamp) -> str:
    """Where the moment of signing stands, and how far it may be from the receipt."""
    source = time.source
    if isinstance(source, SignatureEntry):
        words = [f"entry `{source.prefix.decode()}` beside the signature"]
    else:
        words = [place(source)]
    if time.clock is not Clock.UNREAD:
        words.append(str(time.clock))
    return f"{', '.join(words)}; {_tolerance(time)}"


def condition(demand: Condition) -> str:
    """What has to be true of a request."""
    match demand:
        case Equals():
            return f"{place(demand.source)} is `{demand.value.decode()}`"
        case Present():
            return f"{place(demand.source)} is there"
        case Absent():
            return f"{place(demand.source)} is not there"
        case BodyDigest():
            return f"{place(demand.source)} is the {_HASHES[demand.digest]} of the body in {demand.encoding}"
        case Either():
            return " or ".join(map(condition, demand.conditions))
        case InEach():
            return f"{place(demand.source)} is there in each item of {place(demand.items)}"
        case _:
            assert_never(demand)


def listed(words: Sequence[str]) -> str:
    """Words as a list in a sentence."""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]])) if words else ""


def _tolerance(time: Timestamp) -> str:
    if time.past_s is None and time.future_s is None:
        return "of any age"
    if time.past_s == time.future_s:
        return f"{_span(time.past_s)} from the receipt"
    sides = [(time.past_s, "before the receipt"), (time.future_s, "after it")]
    return listed([f"{_span(seconds)} {side}" for seconds, side in sides if seconds is not None])


def _span(seconds: int | None) -> str:
    hours, rest = divmod(seconds or 0, _HOUR_S)
    if not seconds:
        return "never"
    return f"at most {seconds} s" if rest else f"at most {hours} h"
