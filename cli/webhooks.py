"""`fleet webhooks`: public addresses, over the control API."""

import os
from typing import Annotated, Final

import typer

from cli import pausing, rotation, testing
from cli import webhook_words as words
from cli.answers import say, say_facts, say_json, say_table
from cli.asking import confirm
from cli.client import Json, control_api
from cli.options import AsJson, Insecure, Yes, examples
from cli.paging import every
from cli.parameters import Set, given
from cli.rotation import Hold, Wanted
from cli.surroundings import clock_ms
from config.settings import load
from domain.reach import caution as reach_caution
from domain.webhook import VerifyAt

app: Final = typer.Typer(
    no_args_is_help=True,
    help="Public addresses that senders post to. These commands speak to the relay.",
)

Verify = Annotated[
    VerifyAt | None,
    typer.Option(
        help="Where signatures are checked: by the workers, after the 202; at once by the ingress, which"
        " answers 401; or local: not by the gateway, which then keeps no secret, but by your connector."
        " As the sender needs it unless said.",
    ),
]
AllowIp = Annotated[
    list[str] | None,
    typer.Option(
        metavar="CIDR|@LIST",
        help="Who may send: an address, a network, or a list such as @github ('fleet networks list' on the"
        " server shows all); repeat it for more.",
    ),
]


@app.command(
    epilog=examples(
        "fleet webhooks create github --sender github --require-signature",
        "fleet webhooks create pay --sender stripe --description 'Payments of the shop' --require-signature",
        "fleet webhooks create ci --sender github --https-only --allow-ip @github --allow-ip 192.0.2.0/24",
        "fleet webhooks create secretive --sender github --verify local",
        "fleet webhooks create quiet --sender github --require-signature --hold",
        "fleet webhooks create own --require-signature --set header=X-Sig --set algorithm=sha512",
    )
)
def create(  # noqa: PLR0913 - each is an option of the command
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to call it: a-z, 0-9, '.', '_' and '-'.")],
    *,
    sender: Annotated[
        str,
        typer.Option(
            help="Who will call, such as github or stripe; git is all hosts of the repos that 'fleet apply'"
            " has watched; custom is a program that signs."
        ),
    ] = "custom",
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
    require_signature: Annotated[
        bool, typer.Option("--require-signature", help="Reject what is not signed. Recommended.")
    ] = False,
    hourly_limit: Annotated[
        int | None, typer.Option(metavar="N", help="Events an hour that are accepted; the rest gets 429.")
    ] = None,
    https_only: Annotated[bool, typer.Option("--https-only", help="Refuse plain http.")] = False,
    allow_ip: AllowIp = None,
    verify: Verify = None,
    parameters: Set = None,
    hold: Hold = False,
    as_json: AsJson = False,
    insecure: Insecure = False,
) -> None:
    """Make a webhook and show its URL.

    With --require-signature, its secret is shown this once. Where the sender makes the secret, as Stripe and
    Slack do, the answer says where it is found: store it with set-secret.
    """
    wish: Json = {
        "name": name,
        "sender": sender,
        "description": description,
        "require_signature": require_signature,
        "https_only": https_only,
        "allow_ips": allow_ip or [],
        "parameters": given(parameters),
        "hold_secret": hold,
    }
    if verify is not None:
        wish["verify"] = verify
    if hourly_limit is not None:
        wish["hourly_limit"] = hourly_limit
    made = control_api(load(os.environ), insecure=insecure).ask("POST", "webhooks", body=wish)
    if as_json:
        say_json(made)
        return
    say(f"Webhook {made['name']} is ready.", "")
    secret = {"Secret": made["secret"]} if "secret" in made else {}
    say_facts({"URL": made["url"], **secret, "Signature": made["signature"]})
    reach = [caution] if (caution := reach_caution(made["url"])) else []
    say("", *reach, made["next_step"])


@app.command("list", epilog=examples("fleet webhooks list", "fleet webhooks list --name pay"))
def listing(
    *,
    name: Annotated[
        str | None, typer.Option(metavar="PART", help="Only those with this in their names.")
    ] = None,
    as_json: AsJson = False,
    insecure: Insecure = False,
) -> None:
    """Show all webhooks, oldest first.

    SIGNATURE says what becomes of an event that is not signed. With "required" it is rejected, always. With
    "checked" it is rejected, too, as long as the webhook has a secret. With "unverified" it is accepted. With
    "left to the private side" it is accepted, too, and refused there.
    """
    search = {} if name is None else {"name": name}
    found = every(control_api(load(os.environ), insecure=insecure), "webhooks", search)
    if as_json:
        say_json({"webhooks": found})
    elif not found and name is not None:
        say(f"No webhook has {name!r} in its name.")
    elif not found:
        say("There is no webhook yet; make one with 'fleet webhooks create NAME --sender SENDER'.")
    else:
        columns = ("NAME", "SENDER", "SIGNATURE", "MAY SEND", "EVENTS", "LAST EVENT")
        now_ms = clock_ms()
        say_table(columns, (words.row(each, now_ms) for each in found))
        if alarms := words.alarms(found):
            say("", *alarms)
        # Each URL whole in a line of its own, so that it can be copied from a narrow terminal.
        say("", *(f"{each['name']}: {words.url(each)}" for each in found))
        old = [line for each in found for line in rotation.of_old(each, now_ms)]
        if old:
            say("", *old)


@app.command(epilog=examples("fleet webhooks show github"))
def show(wanted: Wanted, *, as_json: AsJson = False, insecure: Insecure = False) -> None:
    """Show one webhook with all there is to know. Secrets are not shown."""
    found = control_api(load(os.environ), insecure=insecure).ask("GET", "webhooks", wanted)
    if as_json:
        say_json(found)
        return
    say_facts(words.facts(found))
    if found["secrets"]:
        say("")
        rotation.say_secrets(found, clock_ms())


@app.command(
    epilog=examples(
        "fleet webhooks update github --https-only --allow-ip @github",
        "fleet webhooks update github --allow-anybody",
        "fleet webhooks update own --require-signature --verify ingress --set timestamp_header=X-Time",
    )
)
def update(  # noqa: PLR0913 - each is an option of the command
    wanted: Wanted,
    *,
    description: Annotated[str | None, typer.Option(help="What it is for.")] = None,
    sender: Annotated[str | None, typer.Option(help="Who calls.")] = None,
    require_signature: Annotated[
        bool | None,
        typer.Option(
            "--require-signature/--no-require-signature",
            help="Reject what is not signed, or let it pass while no secret is set.",
        ),
    ] = None,
    hourly_limit: Annotated[
        int | None, typer.Option(metavar="N", help="Events an hour that are accepted.")
    ] = None,
    https_only: Annotated[
        bool | None, typer.Option("--https-only/--any-scheme", help="Refuse plain http, or take it again.")
    ] = None,
    allow_ip: AllowIp = None,
    allow_anybody: Annotated[
        bool, typer.Option("--allow-anybody", help="Clear the list: senders may be anywhere.")
    ] = False,
    verify: Verify = None,
    parameters: Set = None,
    as_json: AsJson = False,
    insecure: Insecure = False,
) -> None:
    """Change who may send how much, and how it is verified. What is not named stays.

    The entries of --allow-ip replace those before; --set changes the parameters that it names.
    """
    wish: Json = {
        "description": description,
        "hourly_limit": hourly_limit,
        "sender": sender,
        "require_signature": require_signature,
        "https_only": https_only,
        "allow_ips": allow_ip or ([] if allow_anybody else None),
        "verify": verify,
        "parameters": given(parameters) or None,
    }
    wish = {name: value for name, value in wish.items() if value is not None}
    if not wish or (allow_ip and allow_anybody):
        raise typer.BadParameter("Name what is to change, such as --https-only, --allow-ip or --set.")
    changed = control_api(load(os.environ), insecure=insecure).ask("PATCH", "webhooks", wanted, body=wish)
    if as_json:
        say_json(changed)
        return
    say(f"Webhook {changed['name']} is changed. {words.changes(changed, wish)}")
    if sender is not None and changed["secrets"]:
        say(f"Its secret stays; if {sender} has another one: 'fleet webhooks set-secret {changed['name']}'.")


app.command("test", epilog=testing.EPILOG)(testing.send_test)
app.command(epilog=pausing.PAUSE)(pausing.pause)
app.command(epilog=pausing.RESUME)(pausing.resume)
app.command("set-secret", epilog=rotation.SET)(rotation.set_secret)
app.command("rotate-secret", epilog=rotation.ROTATE)(rotation.rotate_secret)
app.command("remove-secret", epilog=rotation.REMOVE)(rotation.remove_secret)
app.command("reveal-secret", epilog=rotation.REVEAL)(rotation.reveal_secret)


@app.command(epilog=examples("fleet webhooks delete github", "fleet webhooks delete github --yes"))
def delete(
    wanted: Wanted,
    *,
    yes: Yes = False,
    as_json: AsJson = False,
    insecure: Insecure = False,
) -> None:
    """Delete a webhook. Its URL is dead at once, and what waits is cancelled."""
    api = control_api(load(os.environ), insecure=insecure)
    found = api.ask("GET", "webhooks", wanted)
    if not yes:
        confirm(f"Delete webhook {found['name']} with its URL? Its waiting events are cancelled.")
    api.ask("DELETE", "webhooks", found["id"])
    if as_json:
        say_json({"deleted": found["id"], "name": found["name"]})
    else:
        say(f"Webhook {found['name']} is deleted; its URL answers 404 from now on.")
