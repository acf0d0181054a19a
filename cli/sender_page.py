"""The page of the documents about senders, rendered from their descriptions alone."""

from collections.abc import Iterator, Mapping
from typing import Final

from cli.sender_document import Json, document, maker
from cli.sender_words import listed
from domain.senders import SENDERS, Sender

PLACES: Final[Mapping[str, str]] = {
    "body": "the body, byte for byte",
    "timestamp": "the moment of signing, as it was sent",
    "secret": "the secret",
    "method": "the HTTP method, in capitals",
    "url": "the address as the sender knows it, with path and query of the request",
    "url_with_port": "the same with the port written out",
    "url_without_port": "the same without a port",
    "url_hubspot": "the same with the escapes that HubSpot decodes",
    "payload": "the JSON: the body, or the field `payload` of a form or of the query",
    "form_sorted": "names and values of the form's fields, decoded, in order, each once",
    "body_box_escaped": "the body with everything that is not ASCII escaped, as Box does it",
}
"""What the places in a signed text stand for; others are told beside the text."""

_HEAD: Final = """# Senders

Rendered from the descriptions in `domain/senders/catalogue/` by `{command} --write`; do not edit by hand.
`fleet senders show SENDER` says the same on the command line.

A webhook has one sender: `fleet webhooks create NAME --sender SENDER`. Only that sender's rules count for it.

- **Ways of signing.** The first of them whose signature a request carries decides, whatever else is there: a
  weaker one never rescues a bad one. *Only when pinned*: it counts only for a webhook that names it as its
  parameter `scheme`.
- **Time.** How far the moment of signing may be from that of the receipt. Where there is none, an old request
  stays valid.
- **Secret.** Where you find it, or where it goes. *Made here*: a strong one in the form given is made when a
  webhook is created with `--require-signature`. Otherwise store the sender's own with
  `fleet webhooks set-secret NAME`.
- **Parameters.** What a webhook can be told besides: `--set NAME=VALUE` when it is created or updated.
- **Handshake.** A question by which the sender checks the address. It is answered at once and is no event;
  [the public door](public-door.md#handshakes) says more.
- **Duplicates.** Where a sender repeats an event by itself, its id counts once within the dedup window, after
  a valid signature. Where a person may have asked for the event again, it counts each time.
- **Not covered.** What everybody could have changed although the signature is valid.
- **Doubt.** What could not be confirmed from the sender's own documents.

{count} senders with {schemes} ways of signing:

{table}

In the signed texts:

| place | stands for |
|---|---|
{places}
"""


def page(command: str) -> str:
    """The content of `docs/senders.md`.

    Args:
        command: what renders it.
    """
    senders = sorted(SENDERS.values(), key=lambda sender: sender.title.casefold())
    head = _HEAD.format(
        command=command,
        count=len(senders),
        schemes=sum(len(sender.schemes) for sender in senders),
        table="\n".join(
            ["| sender | key | verified by | secret |", "|---|---|---|---|", *map(_row, senders)]
        ),
        places="\n".join(f"| `{{{name}}}` | {meaning} |" for name, meaning in PLACES.items()),
    )
    return "\n".join([head, *(section(sender) for sender in senders)])


def section(sender: Sender) -> str:
    """What the page says of one sender."""
    found = document(sender)
    title = f"## {sender.title}\n\n`{sender.key}`"
    if sender.docs_url:
        title += f" · [its own page]({sender.docs_url})"
    table = ["| way of signing | signature | verified by | signed | time |", "|---|---|---|---|---|"]
    ways = "\n".join([*table, *(_way(each) for each in found["schemes"])])
    lines = "\n".join(f"- {each}" for each in _lines(found))
    return "\n\n".join([title, *([ways] if found["schemes"] else []), lines]) + "\n"


def _row(sender: Sender) -> str:
    found = document(sender)
    methods = ", ".join(dict.fromkeys(each["algorithm"] for each in found["schemes"])) or "nothing"
    return f"| {_link(sender)} | `{sender.key}` | {methods} | {maker(found)} |"


def _link(sender: Sender) -> str:
    words = "".join(char for char in sender.title.lower() if char.isalnum() or char in " -_")
    return f"[{sender.title}](#{words.replace(' ', '-')})"


def _way(scheme: Json) -> str:
    cells = [
        f"`{scheme['id']}`" + (" (only when pinned)" if scheme["only_when_pinned"] else ""),
        scheme["signature"],
        f"{scheme['algorithm']} with {scheme['key']}" if scheme["key"] else scheme["algorithm"],
        _signed(scheme),
        scheme["time"] or "none",
    ]
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _signed(scheme: Json) -> str:
    words = [", or ".join(scheme["signed"]) or "nothing"]
    words += [f"`{{{name}}}`: {where}" for name, where in scheme["fields"].items()]
    words += [f"only where {scheme['applies']}"] if scheme["applies"] else []
    words += [f"demanded: {each}" for each in scheme["conditions"]]
    return "; ".join(words)


def _lines(found: Json) -> Iterator[str]:
    secret = found["secret"]
    form = f" Made here: {secret['form']}." if secret["form"] else ""
    yield f"**Secret.** {secret['where'].replace('<', chr(92) + '<')}{form}"
    for each in found["parameters"]:
        yield f"**Parameter `{each['name']}`.** {each['meaning']}{_choices(each)}"
    for each in found["handshakes"]:
        yield f"**Handshake.** {each}"
    if found["verified_at"] == "ingress":
        yield "**Verified at once**, before the answer, unless the webhook says otherwise."
    yield f"**Event type.** {_places(found['event_type'])}"
    yield f"**Event id.** {_places(found['event_id'])}{_duplicates(found)}"
    if found["several_events"]:
        yield f"**Several events in one body.** {_upper(found['several_events'])}; they stay one delivery."
    if found["not_covered"]:
        yield f"**Not covered.** {found['not_covered']}"
    if found["doubt"]:
        yield f"**Doubt.** {found['doubt']}"


def _choices(parameter: Json) -> str:
    words = ["Required."] if parameter["required"] else []
    words += ["Never shown."] if parameter["secret"] else []
    words += (
        [f"One of {listed([f'`{each}`' for each in parameter['choices']])}."] if parameter["choices"] else []
    )
    return "".join(f" {each}" for each in words)


def _places(found: list[str]) -> str:
    return _upper(", else ".join(found) or "none") + "."


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _duplicates(found: Json) -> str:
    if not found["event_id"]:
        return " So duplicates cannot be told."
    return f" Duplicates are {'dropped' if found['drops_duplicates'] else 'not dropped'}."
