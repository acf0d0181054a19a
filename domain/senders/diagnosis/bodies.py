"""Bodies: what they may have been when they were signed, before something on the way wrote them anew."""

import json
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final
from urllib.parse import quote, quote_plus, urlencode

from domain.senders.condition import BodyDigest
from domain.senders.content import Content, parsed_json
from domain.senders.diagnosis.finding import Cause, Finding
from domain.senders.diagnosis.inquiry import Inquiry
from domain.senders.scheme import Scheme

MAX_BODY_BYTES: Final = 256 * 1024
"""In a larger body only line ends are looked at: to write it anew costs more than to sign it."""

# To write JSON costs so much more than to sign it; Python indents it slowly.
_COMPACT_WEIGHT: Final = 8
_INDENTED_WEIGHT: Final = 64

_MAX_UNPACKED: Final = 1024 * 1024

# Indented, a body that is nested deeply becomes hundreds of times as long.
_MAX_WRITTEN: Final = 4 * MAX_BODY_BYTES

Variant = tuple[str, bytes]

_LAYOUTS: Final[dict[str, tuple[int | str | None, tuple[str, str]]]] = {
    "compact": (None, (",", ":")),
    "with a space after colons and commas": (None, (", ", ": ")),
    "indented by 2 spaces": (2, (",", ": ")),
    "indented by 4 spaces": (4, (",", ": ")),
    "indented by tabs": ("\t", (",", ": ")),
}
_HTML: Final = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})

# What else is escaped, by PHP and by Go.
_ESCAPES: Final[dict[str, Callable[[str], str]]] = {
    "": str,
    "with / as \\/": lambda text: text.replace("/", "\\/"),
    "with <, > and & as \\u....": lambda text: text.translate(_HTML),
}


def changed(inquiry: Inquiry) -> Finding | None:
    """The signature is right for a body that says the same and is written differently."""
    case = inquiry.case
    schemes = [scheme for scheme in inquiry.schemes if _covers_body(scheme) and scheme.hook is None]
    seen = {hash(case.request.body)}
    for words, body in _variants(inquiry) if schemes else ():
        if hash(body) in seen:
            continue
        seen.add(hash(body))
        request = replace(case.request, body=body)
        if any(inquiry.verdict(scheme, request=request) for scheme in schemes):
            return _rewritten(words)
    return None


def _covers_body(scheme: Scheme) -> bool:
    """Whether a changed body spoils the signature: directly, or by its hash."""
    return scheme.covers_body or any(isinstance(each, BodyDigest) for each in scheme.conditions)


def _rewritten(words: str) -> Finding:
    return Finding(
        Cause.CHANGED_BODY,
        "The secret is right, but the body was changed on the way: the signature is that of the body"
        f" {words}. Something between the sender and here (a proxy, a cloud gateway, a function that parses"
        " it) has written it anew. Let it pass the body on byte for byte, or let the sender post here"
        " directly.",
        {"signed": words},
    )


def _variants(inquiry: Inquiry) -> Iterator[Variant]:
    content, body = inquiry.content, inquiry.case.request.body
    yield from _line_ends(body)
    if len(body) > MAX_BODY_BYTES:
        return
    yield from _charsets(body)
    yield from _unpacked(content)
    yield from _forms(content)
    yield from _documents(inquiry, body)


def _line_ends(body: bytes) -> Iterator[Variant]:
    plain = body.replace(b"\r\n", b"\n")
    bodies = [
        ("with line breaks of LF, not CR LF", plain),
        ("with line breaks of CR LF, not LF", plain.replace(b"\n", b"\r\n")),
        ("without white space at its ends", body.strip()),
        ("without the byte order mark", body.removeprefix(b"\xef\xbb\xbf")),
        ("with a byte order mark", b"\xef\xbb\xbf" + body),
    ]
    yield "with a line break at its end", body + b"\n"
    yield "with a line break (CR LF) at its end", body + b"\r\n"
    for words, text in bodies:
        yield words, text
        yield f"{words}, and with a line break at its end", text + b"\n"


def _charsets(body: bytes) -> Iterator[Variant]:
    for now, then in (("utf-8", "latin-1"), ("utf-8", "cp1252"), ("latin-1", "utf-8"), ("cp1252", "utf-8")):
        try:
            yield f"in {then}, not in {now}", body.decode(now).encode(then)
        except UnicodeError:
            continue


def _unpacked(content: Content) -> Iterator[Variant]:
    """A proxy, or the sender itself, may have packed what was signed."""
    if content.request.header(b"content-encoding") is None:
        return
    for bits in (31, 15, -15):
        try:
            unpacking = zlib.decompressobj(bits)
            plain = unpacking.decompress(content.request.body, _MAX_UNPACKED)
        except zlib.error:
            continue
        yield "before it was compressed", plain


def _forms(content: Content) -> Iterator[Variant]:
    if not (fields := content.form):
        return
    for words, writes in (("+", quote_plus), ("%20", quote)):
        yield f"as a form with spaces as {words}", _form(fields, writes)
        yield f"as a form in the order of its names, with spaces as {words}", _form(sorted(fields), writes)
    for words, turn in (("small letters", bytes.lower), ("capitals", bytes.upper)):
        text = re.sub(rb"%[0-9a-fA-F]{2}", lambda found: turn(found[0]), content.request.body)  # noqa: B023 - called at once
        yield f"as a form with escapes in {words}", text


def _form(fields: list[tuple[str, str]], writes: Callable[..., str]) -> bytes:
    return urlencode(fields, quote_via=writes).encode()


def _documents(inquiry: Inquiry, body: bytes) -> Iterator[Variant]:
    """JSON as other programs write it."""
    document = parsed_json(body)
    if document is None:
        return
    for is_sorted in (False, True):
        for layout in _LAYOUTS:
            for only_ascii in (False, True):
                text = _written(inquiry, document, layout, is_sorted=is_sorted, only_ascii=only_ascii)
                if text is None:
                    break
                order = "with its fields in the order of their names" if is_sorted else ""
                letters = "with letters beyond ASCII as \\u...." if only_ascii else ""
                for escape, turn in _ESCAPES.items():
                    words = ", ".join(filter(None, (f"as JSON, {layout}", order, letters, escape)))
                    escaped = turn(text).encode("utf-8", "surrogatepass")
                    yield words, escaped
                    yield f"{words}, and with a line break at its end", escaped + b"\n"
                if text.isascii():
                    break


def _written(
    inquiry: Inquiry, document: object, layout: str, *, is_sorted: bool, only_ascii: bool
) -> str | None:
    """A document as JSON, None when it cannot be written so, or would cost too much."""
    indent, separators = _LAYOUTS[layout]
    weight = _COMPACT_WEIGHT if indent is None else _INDENTED_WEIGHT
    if not inquiry.affords(weight * len(inquiry.case.request.body)):
        return None
    encoder = json.JSONEncoder(
        indent=indent, separators=separators, sort_keys=is_sorted, ensure_ascii=only_ascii
    )
    try:
        # Only without indentation is it written in C, and about as long as it was.
        return encoder.encode(document) if indent is None else _joined(encoder.iterencode(document))
    except (ValueError, TypeError, RecursionError):
        return None


def _joined(parts: Iterator[str]) -> str | None:
    """The parts of a text; None when it becomes too long, and then no more of it is made."""
    left, kept = _MAX_WRITTEN, list[str]()
    for part in parts:
        left -= len(part)
        if left < 0:
            return None
        kept.append(part)
    return "".join(kept)
