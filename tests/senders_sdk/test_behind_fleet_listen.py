"""A program behind `fleet listen` verifies with the sender's own library what the sender has signed.

Everything is real: the gateway with its processes, the command, the program, which is an HTTP server, and the
libraries, which sign as their senders do and verify as a receiver would.
"""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import stripe
from slack_sdk.signature import SignatureVerifier
from svix.webhooks import Webhook, WebhookVerificationError

from tests.listening import listening, private_side
from tests.senders_sdk.libraries import LIBRARIES, Message
from tests.system.stack import Stack, post

BODY = '{ "object":"event", "type": "invoice.paid",\t"id":"evt_1NG8Du2e", "name": "Grüße, 世界 \\u0041" }\n'


@dataclass
class Program:
    """What somebody develops: it keeps what it was sent, and believes what the library believes."""

    sender: str
    secret: str
    port: int = 0
    bodies: list[bytes] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    believed: list[bool] = field(default_factory=list)

    def believes(self, body: bytes, headers: dict[str, str]) -> bool:
        try:
            match self.sender:
                case "stripe":
                    event = stripe.Webhook.construct_event(body, headers["stripe-signature"], self.secret)
                    return event["type"] == "invoice.paid"
                case "slack":
                    return SignatureVerifier(self.secret).is_valid_request(body, headers)
                case _:
                    Webhook(self.secret).verify(body, headers)  # raises
                    return True
        except (stripe.SignatureVerificationError, WebhookVerificationError):
            return False


@pytest.fixture(params=["stripe", "slack", "svix"])
def program(request: pytest.FixtureRequest) -> Iterator[Program]:
    """A server of the standard library, as a small program in development has it."""
    made = Program(request.param, LIBRARIES[request.param].secret)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            made.bodies.append(body)
            made.paths.append(self.path)
            made.believed.append(made.believes(body, {k.lower(): v for k, v in self.headers.items()}))
            self.send_response(200 if made.believed[-1] else 400)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in the base
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.asyncio(loop_scope="module")
async def test_the_library_believes_what_arrives(stack: Stack, program: Program, tmp_path: Path) -> None:
    name, library = f"listened-{program.sender}", LIBRARIES[program.sender]
    environ = private_side(tmp_path, stack.settings.api_url, stack.token)
    arguments = (str(program.port), name, "--sender", program.sender, "--path", "/in", "--output", "json")
    async with listening(environ, *arguments) as command:
        [webhook] = (await command.fact("ready"))["webhooks"]
        assert (webhook["is_new"], webhook["secret"]) == (True, "nowhere")
        assert f"'fleet webhooks set-secret {name}'" in webhook["next_step"]
        await command.fact("connected")
        # As the screen says: the sender has made the secret, and its owner stores it.
        stack.api.ask("PUT", "webhooks", name, "secret", body={"secret": program.secret})
        assert (await command.fact("changed"))["signature"] == "required"
        message = Message(webhook["url"], BODY, int(time.time()))
        headers = {"content-type": "application/json", **library.sign(message, program.secret)}
        status, answer = post(webhook["url"], BODY.encode(), headers)
        assert status == 202
        said = await command.fact("delivery")
        assert (said["event"], said["note"]) == (answer["id"], "200")
        assert (said["sender"], said["verified_by"]) == (program.sender, library.scheme)
        forged = {**headers, **library.sign(message, library.other_secret)}
        _, answer = post(webhook["url"], json.dumps({"forged": True}).encode(), forged)
        rejected = await command.fact("rejected")
        assert (rejected["event"], rejected["because"]) == (answer["id"], "wrong_signature")
        assert (await command.interrupted())[0] == 0
    assert (program.bodies, program.paths, program.believed) == ([BODY.encode()], ["/in"], [True])
    assert not program.believes(BODY.encode() + b" ", headers), "the library checks nothing"
