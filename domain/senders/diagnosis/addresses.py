"""Addresses: some senders sign the URL they call, and what they call may not be what we take it for."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import SplitResult, urlsplit

from domain.senders.diagnosis.finding import Cause, Finding
from domain.senders.diagnosis.inquiry import Inquiry
from domain.senders.site import Site

_OTHER_SCHEME = {"http": "https", "https": "http"}
_PORTS = {"http": "80", "https": "443"}


def readdressed(inquiry: Inquiry) -> Finding | None:
    """The signature is right for another address than the one this webhook takes it to be for."""
    case = inquiry.case
    for scheme in inquiry.schemes:
        if not scheme.signs_url or scheme.hook is not None:
            continue
        for words, url in _addresses(inquiry):
            if inquiry.verdict(scheme, site=Site(url, case.site.parameters)):
                return _elsewhere(inquiry, words)
        if case.request.query and inquiry.verdict(scheme, request=replace(case.request, query=b"")):
            return _elsewhere(inquiry, "it is without the query")
    return None


def _elsewhere(inquiry: Inquiry, words: str) -> Finding:
    case = inquiry.case
    return Finding(
        Cause.ANOTHER_URL,
        "The secret is right, but the sender has signed another address than the one that counts here:"
        f" {words}. Register the URL of 'fleet webhooks show {case.name}' at the sender; or, if senders"
        " reach you by another one, tell it here exactly as it stands there: 'fleet webhooks update"
        f" {case.name} --set url=URL'. When this is so for every webhook, FLEET_PUBLIC_URL is not the"
        " address of this server.",
        {"difference": words},
    )


def _addresses(inquiry: Inquiry) -> Iterator[tuple[str, str]]:
    """Addresses that the sender may have been given, with words for what is different."""
    case = inquiry.case
    known = dict.fromkeys([case.site.url or case.address, case.address])
    if case.site.url and case.site.url != case.address:
        yield "it is the one that is shown here, not the one in the parameter url", case.address
    for url in known:
        try:
            parts = urlsplit(url)
            origins = list(_origins(inquiry, parts))
        except ValueError:
            continue
        for of_origin, origin in origins:
            for of_path, path in _paths(parts):
                words = " and ".join(filter(None, (of_origin, of_path)))
                query = f"?{parts.query}" if parts.query else ""
                if words:
                    yield words, f"{origin}{path}{query}"


def _origins(inquiry: Inquiry, parts: SplitResult) -> Iterator[tuple[str, str]]:
    """Scheme, host and port."""
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    netlocs = [("", parts.netloc), ("it names no port", host)]
    netlocs += [("it names a port", f"{host}:{port}") for port in (*_PORTS.values(), "8080", "8443")]
    for header in (b"host", b"x-forwarded-host", b"x-original-host"):
        found = inquiry.case.request.header(header)
        if found and len(found) <= 255 and found.isascii():  # noqa: PLR2004 - longest name of a host
            named = header.decode().title()
            netlocs.append((f"its host is that of the header {named}", found.decode().strip()))
    for words, netloc in netlocs:
        for scheme in (parts.scheme, _OTHER_SCHEME.get(parts.scheme, "https")):
            told = "" if scheme == parts.scheme else f"it begins with {scheme}://"
            yield " and ".join(filter(None, (words, told))), f"{scheme}://{netloc}"


def _paths(parts: SplitResult) -> list[tuple[str, str]]:
    if parts.path.endswith("/"):
        return [("", parts.path), ("it does not end with a slash", parts.path.rstrip("/"))]
    return [("", parts.path), ("it ends with a slash", parts.path + "/")]
