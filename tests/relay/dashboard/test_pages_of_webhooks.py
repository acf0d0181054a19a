"""Webhooks, subscriptions and repos without a browser: secrets once, nothing of neighbours, no markup."""

import pytest

from domain.senders import SENDERS
from relay.server.dashboard import senders
from tests.dashboard_visitor import DashboardVisitor, Seen, signed_in
from tests.owner_door import Owner, new_gateway

HOSTILE = "<script>alert(1)</script>\"'{{7*7}}"
WEBHOOKS = "/dashboard/webhooks"
NEW = f"{WEBHOOKS}/new"


@pytest.fixture
def neighbour(address: str, redis_url: str) -> DashboardVisitor:
    return signed_in(address, new_gateway(redis_url, "next door")[1])


def make(visitor: DashboardVisitor, name: str = "hook", **fields: str) -> Seen:
    csrf = visitor.get(NEW).csrf
    sent = {"csrf": csrf, "name": name, "sender": "github", "require_signature": "on", **fields}
    return visitor.post(WEBHOOKS, sent)


def secret_of(text: str) -> str:
    return text.partition("data-once")[2].partition("<code>")[2].partition("</code>")[0]


def test_without_scripts_a_secret_is_shown_once_too(visitor: DashboardVisitor) -> None:
    made = make(visitor)
    secret = secret_of(made.text)
    assert (made.status, len(secret)) == (200, 64)
    assert made.headers["cache-control"] == "no-store"
    again = make(visitor)
    assert again.status == 422
    assert "exists already" in again.words()
    for page in (WEBHOOKS, f"{WEBHOOKS}/hook", f"{WEBHOOKS}/hook/edit"):
        assert secret not in visitor.get(page).text
    assert secret not in again.text


def test_a_rotated_secret_stands_in_the_answer_and_nowhere_else(
    visitor: DashboardVisitor, owner: Owner
) -> None:
    owner.webhook("hook", require_signature=True)
    page = f"{WEBHOOKS}/hook"
    rotated = visitor.post(f"{page}/secrets", {"csrf": visitor.get(page).csrf, "grace_s": "0"})
    secret = secret_of(rotated.text)
    assert len(secret) == 64
    assert rotated.headers["cache-control"] == "no-store"
    assert secret not in visitor.get(page).text
    assert rotated.text.count(secret) == 2  # to be read, and to be copied


def test_a_held_secret_is_on_no_page_and_the_page_says_where_it_waits(
    visitor: DashboardVisitor, owner: Owner
) -> None:
    owner.webhook("hook", require_signature=True, hold_secret=True)
    page = visitor.get(f"{WEBHOOKS}/hook")
    assert "It waits for fleet vault pull hook , which fetches it into your vault, once." in page.words()
    pulled = owner.ask("POST", "/webhooks/hook/pull").json
    assert pulled["secret"] not in page.text
    assert "fleet vault pull" not in visitor.get(f"{WEBHOOKS}/hook").words()


def test_of_one_that_is_verified_at_home_no_page_asks_for_a_secret(
    visitor: DashboardVisitor, owner: Owner
) -> None:
    owner.webhook("hook", verify="local")
    page = visitor.get(f"{WEBHOOKS}/hook")
    assert "None: the private side verifies, with a secret that the gateway never sees." in page.words()
    assert "The gateway keeps no secret and takes whatever comes" in page.words()
    assert 'data-opens="paste"' not in page.text
    assert 'data-opens="rotate"' not in page.text
    assert "at home" in visitor.get(WEBHOOKS).words()
    posted = visitor.post(f"{WEBHOOKS}/hook/secrets", {"csrf": page.csrf, "secret": "canary"})
    assert "left to the private side" in posted.words()
    assert "canary" not in posted.text


def test_a_secret_that_is_pasted_never_comes_back(visitor: DashboardVisitor, owner: Owner) -> None:
    owner.webhook("hook", "stripe", require_signature=True)
    page = f"{WEBHOOKS}/hook"
    for secret in ("not-one-of-stripe-" + "x" * 16, "whsec_" + "Q" * 32):
        stored = visitor.post(f"{page}/secrets", {"csrf": visitor.get(page).csrf, "secret": secret})
        assert stored.status == 200
        assert secret not in stored.text
        assert secret not in visitor.get(page).text
    assert owner.ask("GET", "/webhooks/hook").json["signature"] == "required"


def test_a_form_that_is_refused_keeps_what_was_typed_but_no_secret(visitor: DashboardVisitor) -> None:
    refused = make(
        visitor, "NOT A NAME", sender="meta", description=HOSTILE, **{"parameters.verify_token": "s3cr3t-x"}
    )
    assert refused.status == 422
    assert "&lt;script&gt;" in refused.text
    assert "NOT A NAME" in refused.text
    assert "s3cr3t-x" not in refused.text
    assert 'aria-invalid="true"' in refused.text


def test_what_strangers_write_is_never_markup(visitor: DashboardVisitor, owner: Owner) -> None:
    owner.webhook("hook", "custom", description=HOSTILE, parameters={"prefix": HOSTILE})
    owner.ask("POST", "/subscriptions", {"name": "app", "webhooks": ["hook"], "events": [HOSTILE]})
    spec = {"repo": "https://git.example.org/a", "paths": [HOSTILE]}
    assert owner.ask("PUT", "/repos/infra/app", {"spec": spec}).status == 201
    pages = [
        WEBHOOKS,
        f"{WEBHOOKS}/hook",
        f"{WEBHOOKS}/hook/edit",
        f"{WEBHOOKS}?name=%3Cscript%3Ealert(1)%3C/script%3E",
        "/dashboard/subscriptions",
        f"/dashboard/subscriptions/new?webhook={HOSTILE.replace(' ', '')}",
        "/dashboard/repos",
        "/dashboard/repos/infra/app",
    ]
    for page in pages:
        seen = visitor.get(page.replace("<", "%3C").replace(">", "%3E").replace('"', "%22"))
        assert seen.status == 200, page
        assert "<script>alert" not in seen.text
        assert "49" not in seen.words().split()


def test_a_subscription_is_filtered_by_sender_and_expression(visitor: DashboardVisitor, owner: Owner) -> None:
    owner.webhook("hook")
    page, list_page = "/dashboard/subscriptions/new", "/dashboard/subscriptions"
    wish = {"name": "review", "webhook": "hook", "timeout_s": "30", "senders": "github, gitlab"}
    wrong = visitor.submit(page, list_page, **wish, expression="bdy.a == '<b>'")
    assert "undeclared reference to &#39;bdy.a&#39;" in wrong.text
    assert "bdy.a == &#39;&lt;b&gt;&#39;" in wrong.text
    made = visitor.submit(page, list_page, **wish, expression=" body.a == '<b>' &&\r\n body.b == 1 ")
    assert "review is subscribed" in made.words()
    [found] = owner.ask("GET", "/subscriptions").json["subscriptions"]
    assert found["senders"] == ["github", "gitlab"]
    assert found["expression"] == "body.a == '<b>' &&\n body.b == 1"
    seen = visitor.get(list_page)
    assert "of github gitlab" in seen.words()
    assert "<b>'" not in seen.text
    assert "where body.a ==" in seen.words()


def test_what_a_neighbour_owns_is_answered_like_what_is_not_there(
    neighbour: DashboardVisitor, owner: Owner
) -> None:
    hook = owner.webhook("hook", require_signature=True)
    owner.ask("POST", "/subscriptions", {"name": "app", "webhooks": ["hook"]})
    owner.ask("PUT", "/repos/infra/app", {"spec": {"repo": "https://git.example.org/a"}})
    csrf = neighbour.get(NEW).csrf
    for wanted in ("hook", hook["id"]):
        for page in ("", "/edit"):
            seen = neighbour.get(f"{WEBHOOKS}/{wanted}{page}")
            unknown = neighbour.get(f"{WEBHOOKS}/{'x' * len(wanted)}{page}")
            assert seen.status == 404
            assert seen.text == unknown.text.replace("x" * len(wanted), wanted)
        for change in ("pause", "resume", "delete", "test", "secrets", "reveal", ""):
            done = neighbour.post(f"{WEBHOOKS}/{wanted}/{change}".rstrip("/"), {"csrf": csrf})
            assert secret_of(done.text) == ""
            assert hook["url"] not in done.text
    neighbour.post("/dashboard/subscriptions/app/delete", {"csrf": csrf})
    for change in ("sync", "delete"):
        assert neighbour.post(f"/dashboard/repos/infra/app/{change}", {"csrf": csrf}).status == 404
    after = owner.ask("GET", "/webhooks/hook").json
    assert [each["id"] for each in after["secrets"]] == [each["id"] for each in hook["secrets"]]
    assert after["paused"] is False
    assert owner.ask("GET", "/subscriptions/app").status == 200
    assert owner.ask("GET", "/repos/infra/app").status == 200
    assert "hook" not in neighbour.get(WEBHOOKS).words().split()


def test_who_listens_to_a_deleted_webhook_is_told_that_it_hears_nothing(
    visitor: DashboardVisitor, owner: Owner
) -> None:
    gone, kept = owner.webhook("gone")["id"], owner.webhook("kept")["name"]
    owner.ask("POST", "/subscriptions", {"name": "deaf", "webhooks": ["gone"]})
    assert "hears nothing" not in visitor.get("/dashboard/subscriptions").words()
    assert owner.ask("DELETE", "/webhooks/gone").status < 300
    page = visitor.get("/dashboard/subscriptions")
    assert "a deleted webhook hears nothing: remove it" in page.words()
    assert gone not in page.text
    owner.ask("DELETE", "/subscriptions/deaf")
    owner.ask("POST", "/subscriptions", {"name": "half", "webhooks": [kept]})
    assert "hears nothing" not in visitor.get("/dashboard/subscriptions").words()


def test_nonsense_in_an_address_breaks_no_page(visitor: DashboardVisitor, owner: Owner) -> None:
    owner.webhook("hook")
    for page in (
        f"{WEBHOOKS}?cursor=nonsense",
        f"{WEBHOOKS}/new?sender=nobody",
        f"{WEBHOOKS}/new/sender?sender=%3Cb%3E",
        "/dashboard/subscriptions?cursor=%00",
        "/dashboard/repos?cursor=zzz",
    ):
        assert visitor.get(page).status == 200, page
    look = f"{WEBHOOKS}/hook/test/evt_1?sent_at=yesterday&looks=many&status=%3Cb%3E"
    assert visitor.get(look).status == 404


def test_every_sender_can_be_chosen_once() -> None:
    keys = [key for _, found in senders.groups() for key, _ in found]
    assert sorted(keys) == sorted([*SENDERS, "git"])


@pytest.mark.parametrize("key", [*SENDERS, "git"])
def test_every_sender_says_what_to_do_before_and_after(
    visitor: DashboardVisitor, owner: Owner, key: str
) -> None:
    beside = visitor.get(f"{NEW}/sender?sender={key}")
    assert beside.status == 200
    made = make(visitor, f"of-{key}", sender=key)
    assert made.status == 200, made.words()
    assert owner.ask("GET", f"/webhooks/of-{key}").json["url"] in made.text
    assert "What is left to do" in made.words()
    assert visitor.get(f"{WEBHOOKS}/of-{key}").status == 200
