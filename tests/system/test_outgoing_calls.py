"""PayPal and AWS SNS with the running gateway: its worker calls hosts of ours that bear their names."""

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from domain.event import Request
from tests.hooked_senders import (
    DAY_MS,
    PAYPAL_URL,
    PAYPAL_WEBHOOK,
    SNS_URL,
    SUBSCRIBE_URL,
    TOPIC,
    certificate,
    paypal_request,
    sns_message,
    sns_request,
)
from tests.https_server import https_server
from tests.public_door import now_ms
from tests.system.stack import Stack, Subscriber, gateway, post, until


def pem(name: str) -> bytes:
    return certificate(name, begins=now_ms() - DAY_MS, ends=now_ms() + DAY_MS)


async def send(url: str, request: Request) -> str:
    headers = {name.decode(): value.decode() for name, value in request.headers}
    status, answer = await asyncio.to_thread(post, url, request.body, headers)
    assert status == 202
    return answer["id"]


def story(stack: Stack, event: str) -> dict[str, object]:
    return stack.api.ask("GET", "events", event)


async def test_certificates_are_fetched_and_a_subscription_is_confirmed(
    tmp_path: Path, local: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe = SUBSCRIBE_URL.removeprefix("https://sns.us-west-2.amazonaws.com")
    with https_server(tmp_path, "api.paypal.com", "sns.us-west-2.amazonaws.com") as hosts:
        hosts.answers |= {
            urlsplit(PAYPAL_URL).path: (200, {}, pem("messageverificationcerts.paypal.com")),
            urlsplit(SNS_URL).path: (200, {}, pem("sns.amazonaws.com")),
            subscribe: (200, {}, b"<ConfirmSubscriptionResponse/>"),
        }
        monkeypatch.setenv("SSL_CERT_FILE", str(hosts.certificate))
        async with gateway(tmp_path / "state", OUTBOUND=f"127.0.0.1:{hosts.port}") as stack:
            money = stack.webhook("money", "paypal", parameters={"webhook_id": PAYPAL_WEBHOOK})["url"]
            topics = stack.webhook(
                "topics", "aws-sns", parameters={"topic_arn": TOPIC, "confirm_subscriptions": "true"}
            )["url"]
            stack.subscribe(webhooks=("money", "topics"))
            await stack.connect(app=local.url)
            await send(money, paypal_request(b'{"id":"WH-1","event_type":"PAYMENT.SALE.COMPLETED"}'))
            await send(money, paypal_request(b'{"id":"WH-2","event_type":"PAYMENT.SALE.COMPLETED"}'))
            asked = await send(topics, sns_request(sns_message("SubscriptionConfirmation")))
            forged = await send(topics, sns_request({**sns_message(), "Message": "forged"}))
            await stack.settled(3)
            await until(lambda: stack.count("event:rejected") == 1, "the forged one is rejected")
            assert story(stack, asked)["note"] == "subscription confirmed"
            assert story(stack, forged)["rejected_because"] == "wrong_signature"
            assert sorted(path for _, path in hosts.asked) == sorted(hosts.answers)
            assert all(each.header("fleet-verified") != "no" for each in local.arrivals)
            assert b"ConfirmSubscription" not in stack.logs()
            assert not stack.differences()
