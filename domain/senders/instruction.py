"""An instruction: what a program of one's own has to send so that a scheme verifies it, in a sentence."""

from domain.senders.method import Hmac
from domain.senders.scheme import Scheme
from domain.senders.source import Header
from domain.senders.template import BODY


def instruction(scheme: Scheme) -> str:
    """Where the secret goes, and what is made with it.

    Args:
        scheme: an HMAC in a header of its own, as owners describe one.
    """
    form, how = scheme.signature, scheme.method
    hashed = f" HMAC-{how.digest.upper()}" if isinstance(how, Hmac) else ""
    text = scheme.texts[0].text
    of = "the body" if text == f"{{{BODY}}}" else text
    sent = f"{_name(form.source)}: {form.prefix.decode()}<{form.encoding}{hashed} of {of}>"
    return " ".join([f"Give it to the program that calls; it sends {sent}.", *_fields(scheme)])


def _fields(scheme: Scheme) -> list[str]:
    """Where the signed text's time and further values stand in the request."""
    fields = [f"{{{name}}} is what it sends in {_name(source)}." for name, source in scheme.variables]
    if scheme.timestamp is None:
        return fields
    return [
        f"{{timestamp}} is the Unix time in seconds that it sends in {_name(scheme.timestamp.source)}.",
        *fields,
    ]


def _name(source: object) -> str:
    return source.name if isinstance(source, Header) else "the request"
