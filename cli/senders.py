"""`fleet senders`: who can call, and how their signatures are verified. Asks nobody."""

from typing import Annotated, Final

import typer

from cli.answers import say, say_facts, say_json, say_table
from cli.options import AsJson, examples
from cli.sender_document import Json, document, maker, plain
from domain.errors import FleetError
from domain.senders import SENDERS
from domain.senders.likeness import likely
from domain.webhook import GIT

NO_SENDER: Final = (
    "git is none of them: 'fleet webhooks create NAME --sender git' makes the one webhook that all Git hosts"
    " of repos call, and Secrets vouch for it."
)
_SHORT: Final = {"the secret itself": "the secret", "plain SHA-256": "SHA-256", "the sender's": "theirs"}

app: Final = typer.Typer(
    invoke_without_command=True,
    help="Who can call a webhook, and how each of them is verified. These commands ask nobody.",
)


@app.callback()
def senders(context: typer.Context) -> None:
    """Show every sender when nothing else is wanted."""
    if context.invoked_subcommand is None:
        listing()


@app.command("list", epilog=examples("fleet senders list", "fleet senders list --json"))
def listing(*, as_json: AsJson = False) -> None:
    """Show every sender."""
    found = [plain(document(SENDERS[key])) for key in sorted(SENDERS)]
    if as_json:
        say_json({"senders": found})
        return
    say_table(("SENDER", "NAME", "VERIFIED BY", "SECRET"), (_row(each) for each in found))
    say("", NO_SENDER)


@app.command(epilog=examples("fleet senders show stripe", "fleet senders show custom --json"))
def show(
    wanted: Annotated[str, typer.Argument(metavar="SENDER", help="Its key, as in 'fleet senders list'.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show one sender: where its secret is, what is verified and what is not."""
    if wanted == GIT:
        raise FleetError(NO_SENDER)
    if wanted not in SENDERS:
        said = f"There is no sender {wanted!r}; see 'fleet senders list'."
        raise FleetError(" ".join(filter(None, [said, likely(wanted)])))
    found = plain(document(SENDERS[wanted]))
    if as_json:
        say_json(found)
        return
    say(f"{found['title']} ({found['key']})", "")
    say_facts(_facts(found))
    for scheme in found["schemes"]:
        say("", f"{scheme['id']}{' (only when pinned)' if scheme['only_when_pinned'] else ''}")
        say_facts(_scheme(scheme))
    if found["handshakes"]:
        say("", *(f"Handshake {each}" for each in found["handshakes"]))
    for parameter in found["parameters"]:
        choices = f" One of {', '.join(parameter['choices'])}." if parameter["choices"] else ""
        required = " Required." if parameter["required"] else ""
        say("", f"Parameter {parameter['name']}: {parameter['meaning']}{choices}{required}")


def _row(found: Json) -> tuple[str, str, list[str], str]:
    """A row in few words, so that it fits a terminal; `show` tells all."""
    algorithms = " and ".join(scheme["algorithm"] for scheme in found["schemes"]) or "nothing"
    methods = dict.fromkeys(_SHORT.get(each, each) for each in algorithms.split(" and "))
    title, _, _ = found["title"].partition(" (")
    return found["key"], title, list(methods), _SHORT.get(maker(found), maker(found))


def _facts(found: Json) -> Json:
    facts = {
        "Documentation": found["docs_url"] or "-",
        "Secret": found["secret"]["where"],
        "Made by": _made_by(found["secret"]),
        "Verified by": "the ingress" if found["verified_at"] == "ingress" else "the workers",
        "Event type": ", else ".join(found["event_type"]) or "-",
        "Event id": ", else ".join(found["event_id"]) or "-",
        "Several events": found["several_events"],
        "Duplicates": "dropped" if found["drops_duplicates"] else "not dropped",
        "Not covered": found["not_covered"],
        "Doubt": found["doubt"],
    }
    return {name: fact for name, fact in facts.items() if fact}


def _made_by(secret: Json) -> str:
    if secret["made_by"] == "sender":
        return "the sender"
    return f"this gateway, as {secret['form']}" if secret["form"] else "nobody"


def _scheme(scheme: Json) -> Json:
    facts = {
        "Signature": scheme["signature"],
        "Algorithm": scheme["algorithm"],
        "Key": scheme["key"],
        "Signed": ", or ".join(scheme["signed"]) or "nothing",
        **{f"{{{name}}}": where for name, where in scheme["fields"].items()},
        "Time": scheme["time"],
        "Applies if": scheme["applies"],
        "Demanded": "; ".join(scheme["conditions"]),
    }
    return {name: fact for name, fact in facts.items() if fact}
