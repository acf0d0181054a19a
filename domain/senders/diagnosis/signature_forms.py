"""Forms of a signature: another hash, hex in place of base64, another word before it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from domain.senders.diagnosis.finding import Cause, Finding
from domain.senders.diagnosis.inquiry import Inquiry, makes_macs
from domain.senders.diagnosis.words import hash_name, named, spelled
from domain.senders.encoding import Encoding
from domain.senders.method import DIGESTS, Hmac
from domain.senders.scheme import Scheme

_PREFIXES: Final = (b"sha1=", b"sha256=", b"sha512=", b"v0=", b"v1=", b"hmac=", b"")


def rewritten(inquiry: Inquiry) -> Finding | None:
    """The signature is made with the right secret, but with another hash, or is written differently."""
    for scheme in filter(makes_macs, inquiry.schemes):
        # What is in the way of one signature need not be in the way of several.
        for other in _others(scheme):
            if inquiry.verdict(other):
                return _miswritten(inquiry, scheme, other)
    return None


def _others(scheme: Scheme) -> Iterator[Scheme]:
    form = scheme.signature
    for digest in DIGESTS:
        method = replace(scheme.method, digest=digest) if isinstance(scheme.method, Hmac) else scheme.method
        for encoding in (Encoding.HEX, Encoding.BASE64):
            for prefix in dict.fromkeys((form.prefix, *_PREFIXES)):
                # Base64 has no commas, but a list may be separated by them in any form.
                yield replace(
                    scheme,
                    method=method,
                    signature=replace(form, encoding=encoding, prefix=prefix, prefix_optional=False),
                )


def _miswritten(inquiry: Inquiry, scheme: Scheme, other: Scheme) -> Finding:
    case = inquiry.case
    here, there = (
        f"{hash_name(each.method)}, written as {spelled(each.signature, each.method)}"
        for each in (scheme, other)
    )
    settable = {parameter.name for parameter in case.sender.parameters}
    advice = (
        f"'fleet webhooks update {case.name} {_settings(other)}' makes it right"
        if {"algorithm", "encoding", "prefix"} <= settable
        else f"Let the sender write it as {case.sender.title} does, or see whether the webhook is set to the"
        " right sender"
    )
    return Finding(
        Cause.SIGNATURE_FORM,
        f"The secret is right, but {named(other.signature.source, inquiry.content)} brings {there};"
        f" this webhook expects {here}. {advice}.",
        {"algorithm": getattr(other.method, "digest", ""), "encoding": other.signature.encoding.value},
    )


def _settings(other: Scheme) -> str:
    form, digest = other.signature, getattr(other.method, "digest", "")
    usual = f"{digest}=".encode()
    told = "" if form.prefix in {b"", usual} else f" --set prefix={form.prefix.decode()}"
    return f"--set algorithm={digest} --set encoding={form.encoding}{told}"
