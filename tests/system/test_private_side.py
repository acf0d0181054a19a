"""Senders never see the private side: raw bytes of every kind of answer are searched for it."""

import socket
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web

from domain.event import Request
from domain.senders import SENDERS, sign
from domain.webhook import MAX_BODY_BYTES
from tests.public_door import now_ms
from tests.system.stack import Stack, Subscriber, gateway

LOCAL_PATH = "hidden-path-51c7"
TARGET_BODY = "target-answer-body-8d02"
TARGET_HEADER = "target-answer-header-1f9e"
SUBSCRIPTION = "subscription-name-77ab"
HOST = "localhost"
SLACK_SECRET = "slack-secret"
CONNECTIONS = 10


def answer_to(stack: Stack, sent: bytes) -> bytes:
    """All that the public door says to these bytes until it has said it."""
    with socket.create_connection(("127.0.0.1", stack.settings.ingress_port), 30) as connection:
        connection.sendall(sent)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def post(path: str, body: bytes = b"{}", *headers: str, method: str = "POST") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: public.example", "Connection: close", *headers]
    if not any("ength" in each or "chunked" in each for each in headers):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def handshake() -> tuple[bytes, list[str]]:
    body = b'{"type": "url_verification", "challenge": "c-42", "token": "t"}'
    signed = sign(
        SENDERS["slack"], Request("POST", b"", b"", (), body), SLACK_SECRET.encode(), now_ms()
    ).headers
    return body, [f"{name.decode()}: {value.decode()}" for name, value in signed]


async def test_no_answer_to_a_sender_says_anything_of_the_private_side(
    tmp_path: Path, local: Subscriber
) -> None:
    local.answer = lambda _: web.Response(text=TARGET_BODY, headers={"X-Target": TARGET_HEADER})
    private = urlsplit(local.url)
    async with gateway(tmp_path, LIMIT_CONCURRENCY=CONNECTIONS, HEADER_TIMEOUT_S=1) as stack:
        hook = urlsplit(stack.webhook()["url"]).path
        spent = urlsplit(stack.webhook("spent", hourly_limit=1)["url"]).path
        closed = urlsplit(stack.webhook("closed", https_only=True)["url"]).path
        listed = urlsplit(stack.webhook("listed", allow_ips=["@github"])["url"]).path
        slack = urlsplit(stack.webhook("slack", "slack")["url"]).path
        stack.api.ask("PUT", "webhooks", "slack", "secret", body={"secret": SLACK_SECRET})
        stack.subscribe(SUBSCRIPTION)
        await stack.connect(**{SUBSCRIPTION: f"http://{HOST}:{private.port}/{LOCAL_PATH}"})
        challenge, signed = handshake()
        first = answer_to(stack, post(hook))
        await stack.settled(1)
        answers = [
            (202, first),
            # Again after the target has answered, with what it was told repeated to the door.
            (202, answer_to(stack, post(f"{hook}/{LOCAL_PATH}?q=1"))),
            (202, answer_to(stack, post(spent))),
            (429, answer_to(stack, post(spent))),
            (200, answer_to(stack, post(slack, challenge, *signed))),
            (401, answer_to(stack, post(slack, challenge, "X-Slack-Signature: v0=00"))),
            (400, answer_to(stack, b"nonsense\r\n\r\n")),
            (403, answer_to(stack, post(closed))),
            (403, answer_to(stack, post(listed))),
            (404, answer_to(stack, post(f"/t/{'A' * 32}"))),
            (404, answer_to(stack, post("/tunnel", method="GET"))),
            (404, answer_to(stack, post("/api/v1/gateway", method="GET"))),
            (404, answer_to(stack, post("/", method="GET"))),
            (405, answer_to(stack, post(hook, method="GET"))),
            (405, answer_to(stack, post(hook, method="OPTIONS"))),
            (413, answer_to(stack, post(hook, b"", f"Content-Length: {MAX_BODY_BYTES + 1}"))),
            (431, answer_to(stack, post(hook, b"", f"X-Large: {'x' * 40_000}"))),
            (501, answer_to(stack, post(hook, b"{}", "Connection: Upgrade", "Upgrade: websocket"))),
            (200, answer_to(stack, post("/healthz", b"", method="GET"))),
            (200, answer_to(stack, post("/readyz", b"", method="GET"))),
            *slow_and_crowded(stack, hook),
        ]
        await stack.settled(2)
        assert [int(raw.split()[1]) for _, raw in answers] == [status for status, _ in answers]
        assert any(LOCAL_PATH in arrival.path for arrival in local.arrivals)
        [tunnel] = stack.tunnels()
        never = [
            HOST,
            "127.0.0.1",
            str(private.port),
            str(stack.settings.relay_port),
            LOCAL_PATH,
            TARGET_BODY,
            TARGET_HEADER,
            SUBSCRIPTION,
            tunnel,
            stack.gateway,
            stack.token,
            str(tmp_path),
            socket.gethostname(),
        ]
        told = {each for each in never for _, raw in answers if each.lower().encode() in raw.lower()}
        assert told == set()


def slow_and_crowded(stack: Stack, hook: str) -> list[tuple[int, bytes]]:
    """What those are told who are too slow, and who comes when too many are there."""
    address = ("127.0.0.1", stack.settings.ingress_port)
    held = [socket.create_connection(address, 30) for _ in range(CONNECTIONS)]
    try:
        crowded = answer_to(stack, post(hook))
        slow = b"".join(iter(lambda: held[0].recv(65536), b""))
    finally:
        for connection in held:
            connection.close()
    return [(503, crowded), (408, slow)]
