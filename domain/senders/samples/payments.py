"""Samples of payments and shops. Amounts are in the smallest unit where the sender counts so."""

from collections.abc import Mapping
from typing import Final

from domain.senders.samples.blanks import Json, Number
from domain.senders.samples.sample import Sample


def _stripe(event: str, thing: dict[str, Json]) -> Sample:
    return Sample(
        event,
        {
            "id": "evt_{id}",
            "object": "event",
            "api_version": "2025-03-31.basil",
            "created": Number.UNIX,
            "data": {"object": thing | {"created": Number.UNIX, "livemode": False}},
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            "type": event,
        },
        {"User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)", "Cache-Control": "no-cache"},
        "application/json; charset=utf-8",
    )


_INTENT: Final[dict[str, Json]] = {
    "id": "pi_{id}",
    "object": "payment_intent",
    "amount": 2000,
    "currency": "eur",
    "payment_method_types": ["card"],
}
_STRIPE: Final = (
    _stripe("payment_intent.succeeded", _INTENT | {"amount_received": 2000, "status": "succeeded"}),
    _stripe(
        "payment_intent.payment_failed", _INTENT | {"amount_received": 0, "status": "requires_payment_method"}
    ),
    _stripe(
        "checkout.session.completed",
        {
            "id": "cs_test_{id}",
            "object": "checkout.session",
            "amount_total": 2000,
            "currency": "eur",
            "customer_details": {"email": "customer@example.com"},
            "mode": "payment",
            "payment_status": "paid",
            "status": "complete",
        },
    ),
    _stripe(
        "invoice.paid",
        {
            "id": "in_{id}",
            "object": "invoice",
            "amount_paid": 2000,
            "currency": "eur",
            "customer_email": "customer@example.com",
            "status": "paid",
        },
    ),
)


def _square(event: str, kind: str, thing: dict[str, Json]) -> Sample:
    return Sample(
        event,
        {
            "merchant_id": "6SSW7HV8K2ST5",
            "type": event,
            "event_id": "{uuid}",
            "created_at": "{time_ms}",
            "data": {"type": kind, "id": "{id}", "object": {kind: thing}},
        },
        {"User-Agent": "Square Connect v2", "square-environment": "Sandbox"},
    )


_SQUARE: Final = (
    _square(
        "payment.created",
        "payment",
        {
            "id": "{id}",
            "amount_money": {"amount": 2000, "currency": "EUR"},
            "status": "APPROVED",
            "source_type": "CARD",
            "created_at": "{time_ms}",
        },
    ),
    _square("order.created", "order_created", {"order_id": "{id}", "state": "OPEN", "version": 1}),
)


def _paddle(event: str, thing: dict[str, Json]) -> Sample:
    return Sample(
        event,
        {
            "event_id": "evt_{id}",
            "event_type": event,
            "occurred_at": "{time_ms}",
            "notification_id": "ntf_{id}",
            "data": thing | {"created_at": "{time_ms}"},
        },
        {"User-Agent": "Paddle"},
    )


_PADDLE: Final = (
    _paddle(
        "transaction.completed",
        {
            "id": "txn_{id}",
            "status": "completed",
            "currency_code": "EUR",
            "details": {"totals": {"subtotal": "1681", "tax": "319", "total": "2000"}},
        },
    ),
    _paddle("subscription.created", {"id": "sub_{id}", "status": "active", "customer_id": "ctm_{id}"}),
)


def _paypal(event: str, kind: str, thing: dict[str, Json]) -> Sample:
    return Sample(
        event,
        {
            "id": "WH-{id}",
            "event_version": "1.0",
            "create_time": "{time_ms}",
            "resource_type": kind,
            "resource_version": "2.0",
            "event_type": event,
            "summary": "An event of the sandbox",
            "resource": thing | {"create_time": "{time}"},
            "links": [],
        },
        {"User-Agent": "PayPal/AUHD-214.0-56", "PAYPAL-TRANSMISSION-ID": "{uuid}", "CORRELATION-ID": "{id}"},
    )


_PAYPAL: Final = (
    _paypal(
        "PAYMENT.CAPTURE.COMPLETED",
        "capture",
        {"id": "{id}", "status": "COMPLETED", "amount": {"value": "20.00", "currency_code": "EUR"}},
    ),
    _paypal(
        "CHECKOUT.ORDER.APPROVED", "checkout-order", {"id": "{id}", "status": "APPROVED", "intent": "CAPTURE"}
    ),
)


def _shopify(topic: str, thing: dict[str, Json]) -> Sample:
    return Sample(
        topic,
        {"id": Number.NUMBER, "admin_graphql_api_id": "gid://shopify/Order/{number}"} | thing,
        {
            "User-Agent": "Shopify-Captain-Hook",
            "X-Shopify-Topic": topic,
            "X-Shopify-Shop-Domain": "octo-org.example.com",
            "X-Shopify-API-Version": "2025-04",
            "X-Shopify-Webhook-Id": "{uuid}",
            "X-Shopify-Event-Id": "{uuid}",
            "X-Shopify-Triggered-At": "{time_ms}",
        },
    )


_ORDER: Final[dict[str, Json]] = {
    "created_at": "{time}",
    "currency": "EUR",
    "email": "customer@example.com",
    "name": "#1001",
    "total_price": "20.00",
    "line_items": [{"id": 487817672276298554, "title": "Coffee cup", "quantity": 2, "price": "10.00"}],
}
_SHOPIFY: Final = (
    _shopify("orders/create", _ORDER | {"financial_status": "pending"}),
    _shopify("orders/paid", _ORDER | {"financial_status": "paid"}),
    _shopify("app/uninstalled", {"name": "Octo Org", "domain": "octo-org.example.com"}),
)


def _woocommerce(topic: str, status: str) -> Sample:
    resource, event = topic.split(".")
    return Sample(
        topic,
        {
            "id": Number.NUMBER,
            "number": "{number}",
            "status": status,
            "currency": "EUR",
            "date_created_gmt": "{time}",
            "total": "20.00",
            "billing": {"email": "customer@example.com"},
            "line_items": [{"id": 1, "name": "Coffee cup", "quantity": 2, "total": "20.00"}],
        },
        {
            "User-Agent": "WooCommerce/9.8.1 Hookshot (WordPress/6.8)",
            "X-WC-Webhook-Source": "https://shop.example.com/",
            "X-WC-Webhook-Topic": topic,
            "X-WC-Webhook-Resource": resource,
            "X-WC-Webhook-Event": event,
            "X-WC-Webhook-ID": "1",
            "X-WC-Webhook-Delivery-ID": "{hex}",
        },
    )


PAYMENTS: Final[Mapping[str, tuple[Sample, ...]]] = {
    "stripe": _STRIPE,
    "square": _SQUARE,
    "paddle": _PADDLE,
    "paypal": _PAYPAL,
    "shopify": _SHOPIFY,
    "woocommerce": (_woocommerce("order.created", "pending"), _woocommerce("order.updated", "completed")),
}
