"""Bodies: what they may have been when they were signed, before something on the way wrote them anew."""

import json
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final
from urllib.parse import quote, quote_plus, urlencode

from domain.senders.content import Content, parsed_json
from domain.senders.diagnosis.finding import Cause, Finding
from domain.senders.diagnosis.trial import Trial

MAX_BODY_BYTES: Final = 256 * 1024
"""In a larger body only line ends are looked at: to write it anew costs more than to sign it."""

_WEIGHT: Final = 8  # to write JSON costs so much more than to sign it
_MAX_UNPACKED: Final = 1024 * 1024

Variant = tuple[str, bytes]

_LAYOUTS: Final[dict[str, tuple[int | str | None, tuple[str, str]]]] = {
    "compact": (None, (",", ":")),
    "with a space after colons and commas": (None, (", ", ": ")),
    "indented by 2 spaces": (2, (",", ": ")),
    "indented by 4 spaces": (4, (",", ": ")),
    "indented by tabs": ("\t", (",", ": ")),
}
_HTML: Final = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})

# Whether what is not ASCII is escaped, and what else is. Those of JavaScript, Python, PHP, Go and Ruby.
_ESCAPES: Final[dict[str, tuple[bool, Callable[[str], str]]]] = {
    "": (False, str),
    "with letters beyond ASCII as \\u....": (True, str),
    "with letters beyond ASCII as \\u.... and / as \\/": (True, lambda text: text.replace("/", "\\/")),
    "with / as \\/": (False, lambda text: text.replace("/", "\\/")),
    "with <, > and & as \\u....": (False, lambda text: text.translate(_HTML)),
}


def changed(trial: Trial) -> Finding | None:
    """The signature is right for a body that says the same and is written differently."""
    case = trial.case
    schemes = [scheme for scheme in trial.schemes if scheme.covers_body and scheme.hook is None]
    seen = {hash(case.request.body)}
    for words, body in _variants(trial.content) if schemes else ():
        if hash(body) in seen:
            continue
        seen.add(hash(body))
        request = replace(case.request, body=body)
        if any(trial.verdict(scheme, request=request, weight=_WEIGHT) for scheme in schemes):
            return _rewritten(words)
    return None


def _rewritten(words: str) -> Finding:
    return Finding(
        Cause.CHANGED_BODY,
        "The secret is right, but the body was changed on the way: the signature is that of the body"
        f" {words}. Something between the sender and here (a proxy, a cloud gateway, a function that parses"
        " it) has written it anew. Let it pass the body on byte for byte, or let the sender post here"
        " directly.",
        {"signed": words},
    )


def _variants(content: Content) -> Iterator[Variant]:
    body = content.request.body
    yield from _line_ends(body)
    if len(body) > MAX_BODY_BYTES:
        return
    yield from _charsets(body)
    yield from _unpacked(content)
    yield from _forms(content)
    yield from _documents(body)


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


def _documents(body: bytes) -> Iterator[Variant]:
    """JSON as other programs write it."""
    document = parsed_json(body)
    if document is None:
        return
    for is_sorted in (False, True):
        for layout, (indent, separators) in _LAYOUTS.items():
            for escape, (only_ascii, turn) in _ESCAPES.items():
                try:
                    text = json.dumps(
                        document,
                        indent=indent,
                        separators=separators,
                        sort_keys=is_sorted,
                        ensure_ascii=only_ascii,
                    )
                    written = turn(text).encode()
                except (ValueError, TypeError, RecursionError):
                    continue
                order = "with its fields in the order of their names" if is_sorted else ""
                words = ", ".join(filter(None, (f"as JSON, {layout}", order, escape)))
                yield words, written
                yield f"{words}, and with a line break at its end", written + b"\n"
