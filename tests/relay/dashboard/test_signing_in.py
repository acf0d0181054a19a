"""Who gets in: with an access token, with a link that opens once, and for how long."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from urllib.parse import urlsplit

import pytest

from domain.networks import Networks
from relay.server.dashboard.attempts import MOST, WINDOW_MS, Attempts
from relay.server.dashboard.session import LIFE_S
from store import gateways, tokens
from store.connect import SyncStore
from store.sealing import KeyRing, Sealer
from tests.dashboard_visitor import DashboardVisitor, dashboard, signed_in
from tests.owner_door import Owner, clock_ms, ended_tokens, new_gateway

HOME = "/dashboard/queues"


def is_in(visitor: DashboardVisitor) -> bool:
    found = visitor.get(HOME)
    assert found.status in {200, 303}
    return found.status == 200


def code_of(owner: Owner) -> str:
    return urlsplit(owner.ask("POST", "/sign-in-links").json["url"]).fragment


def enter(address: str, code: str) -> DashboardVisitor:
    visitor = DashboardVisitor(address)
    visitor.post("/dashboard/enter", {"code": code})
    return visitor


def test_who_is_not_signed_in_is_led_to_where_he_can(address: str) -> None:
    visitor = DashboardVisitor(address)
    assert visitor.get("/").location == "/dashboard"
    assert visitor.get("/dashboard").location == "/dashboard/sign-in"
    assert "Access token of your gateway" in visitor.get("/dashboard/sign-in").words()
    # htmx would put the sign-in page into the middle of another one.
    part = visitor.get("/dashboard", hx_request="true")
    assert (part.status, part.headers["hx-redirect"], part.text) == (401, "/dashboard/sign-in", "")


def test_a_change_without_a_session_changes_nothing_and_says_so(address: str) -> None:
    visitor = DashboardVisitor(address)
    assert visitor.post("/dashboard/queues/suspend").location == "/dashboard/sign-in"
    assert "nothing was changed" in visitor.get("/dashboard/sign-in").words()


def test_the_access_token_opens(owner: Owner) -> None:
    visitor = DashboardVisitor(owner.address)
    assert visitor.sign_in(f"  {owner.token}\n").location == "/dashboard"
    assert is_in(visitor)
    assert visitor.get("/dashboard/sign-in").location == "/dashboard"


def test_no_other_token_opens(address: str, redis_url: str) -> None:
    for token in ["", "fleet_x", "x" * 1000, *ended_tokens(redis_url)]:
        visitor = DashboardVisitor(address)
        refused = visitor.sign_in(token)
        assert (refused.status, refused.cookies) == (403, [])
        assert "opens no gateway" in refused.words()
        assert not token or token not in refused.text
        assert not is_in(visitor)


def test_the_cookie_is_for_this_site_and_for_no_script(owner: Owner) -> None:
    [cookie] = DashboardVisitor(owner.address).sign_in(owner.token or "").cookies
    facts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert facts == {"httponly", "samesite=strict", "path=/dashboard", f"max-age={LIFE_S}"}


def test_over_https_the_cookie_never_leaves_it(redis_url: str) -> None:
    _, token = new_gateway(redis_url, "home")
    for trusted, is_secure in (("127.0.0.1", True), ("192.0.2.1", False)):
        with dashboard(redis_url, trusted=Networks.of([trusted])) as address:
            visitor = DashboardVisitor(address, headers={"x-forwarded-proto": "https"})
            [cookie] = visitor.sign_in(token).cookies
            assert ("; Secure" in cookie) is is_secure


def test_the_cookie_tells_nothing_and_cannot_be_changed(owner: Owner) -> None:
    visitor = signed_in(owner.address, owner.token or "")
    sealed = visitor.cookies["fleet_session"]
    raw = urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
    token_hash = tokens.hashed(owner.token or "")
    assert (owner.token or "").encode() not in raw
    assert token_hash.encode() not in raw
    facts = b'{"token_hash": "%s", "nonce": "n", "ends_at": 9999999999999}' % token_hash.encode()
    ours = Sealer(KeyRing({b"0001": bytes(32)}, b"0001"), bytes)
    theirs = Sealer(KeyRing({b"0001": b"x" * 32}, b"0001"), bytes)
    forged = [
        raw[:-1] + bytes([raw[-1] ^ 1]),
        theirs.seal(facts, b"session", clock_ms()),
        # What was sealed for something else is no session.
        ours.seal(facts, b"said", clock_ms()),
        b"",
        b"\x01",
    ]
    for each in forged:
        visitor.cookies["fleet_session"] = urlsafe_b64encode(each).decode()
        assert not is_in(visitor)
    visitor.cookies["fleet_session"] = "%" * 5000
    assert not is_in(visitor)
    # The same facts, sealed as we do it, would be one: so it was the seal that kept the others out.
    visitor.cookies["fleet_session"] = urlsafe_b64encode(ours.seal(facts, b"session", clock_ms())).decode()
    assert is_in(visitor)


@pytest.mark.parametrize("end", ["revoke", "renew"])
def test_a_session_ends_with_its_token(owner: Owner, redis_url: str, end: str) -> None:
    visitor = signed_in(owner.address, owner.token or "")
    store = SyncStore(redis_url)
    store.run(gateways.revoke("home") if end == "revoke" else gateways.renew("home", "another hash"))
    store.close()
    assert not is_in(visitor)
    assert visitor.post("/dashboard/queues/suspend").location == "/dashboard/sign-in"


def test_a_session_ends_after_half_a_day(redis_url: str) -> None:
    _, token = new_gateway(redis_url, "home")
    now = clock_ms()
    with dashboard(redis_url, clock_ms=lambda: now) as address:
        visitor = signed_in(address, token)
        assert is_in(visitor)
        now += LIFE_S * 1000 - 1
        assert is_in(visitor)
        now += 1
        assert not is_in(visitor)


def test_who_signs_out_is_out(visitor: DashboardVisitor) -> None:
    assert "signed out" in visitor.submit(HOME, "/dashboard/sign-out").words()
    assert "fleet_session" not in visitor.cookies
    assert not is_in(visitor)


# --- links


def test_a_link_opens_once(owner: Owner) -> None:
    made = owner.ask("POST", "/sign-in-links")
    assert made.status == 201
    link = urlsplit(made.json["url"])
    assert (link.netloc, link.path, link.query) == (owner.address, "/dashboard/enter", "")
    assert is_in(enter(owner.address, link.fragment))
    late = DashboardVisitor(owner.address).post("/dashboard/enter", {"code": link.fragment})
    assert late.status == 403
    assert "does not open any more" in late.words()
    assert link.fragment not in late.text


def test_a_link_asks_before_it_takes_somebody_to_another_gateway(owner: Owner, redis_url: str) -> None:
    """Else a stranger's link would have his victim's webhooks made in the stranger's gateway."""
    _, token = new_gateway(redis_url, "strangers")
    stranger = Owner(owner.address, token)
    visitor = signed_in(owner.address, owner.token)
    code = code_of(stranger)
    asked = visitor.post("/dashboard/enter", {"code": code})
    assert (asked.status, asked.cookies) == (200, [])
    assert "You are signed in to gateway" in asked.words()
    assert is_in(visitor)
    # Only who is asked and goes on uses the code up.
    done = visitor.post("/dashboard/enter", {"code": code, "confirmed": "1"})
    assert done.status == 303
    assert "strangers" in visitor.get("/dashboard").text


@pytest.mark.parametrize("origin", ["http://[", "http://[::1", "null", ""])
def test_an_origin_that_is_none_is_refused(owner: Owner, origin: str) -> None:
    visitor = DashboardVisitor(owner.address)
    assert visitor.post("/dashboard/sign-in", {"token": owner.token}, origin=origin).status == 403


def test_a_link_opens_for_five_minutes(owner: Owner, redis_url: str) -> None:
    code = code_of(owner)
    store = SyncStore(redis_url)
    key = f"fleet:sign_in:{tokens.hashed(code)}"
    assert 290_000 < store.client.execute_command("PTTL", key) <= 300_000
    store.client.execute_command("PEXPIRE", key, 0)
    store.close()
    assert not is_in(enter(owner.address, code))


def test_a_link_opens_no_longer_than_its_token(owner: Owner, redis_url: str) -> None:
    code = code_of(owner)
    store = SyncStore(redis_url)
    store.run(gateways.revoke("home"))
    store.close()
    assert not is_in(enter(owner.address, code))


def test_who_comes_by_a_link_can_make_no_token_of_it(owner: Owner) -> None:
    stranger = Owner(owner.address, code_of(owner))
    assert stranger.ask("GET", "/gateway").status == 401


def test_links_are_made_for_owners_only(address: str) -> None:
    assert Owner(address, None).ask("POST", "/sign-in-links").status == 401


def test_the_page_of_links_posts_what_no_server_was_sent(address: str) -> None:
    page = DashboardVisitor(address).get("/dashboard/enter").text
    assert re.search(r'<form method="post" action="/dashboard/enter"', page)
    assert "static/enter.js" in page
    for code in ("", "x" * 300, "nothing"):
        assert not is_in(enter(address, code))


# --- forged and guessed


@pytest.mark.parametrize("path", ["/dashboard/sign-in", "/dashboard/enter"])
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": ""},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
    ],
)
def test_nobody_is_signed_in_by_a_page_of_somebody_else(
    owner: Owner, path: str, headers: dict[str, str]
) -> None:
    fields = {"token": owner.token, "code": code_of(owner)}
    refused = DashboardVisitor(owner.address).post(path, fields, **headers)
    assert (refused.status, refused.cookies) == (403, [])


def test_who_guesses_has_to_wait(redis_url: str) -> None:
    _, token = new_gateway(redis_url, "home")
    now = clock_ms()
    with dashboard(redis_url, clock_ms=lambda: now) as address:
        guessing = DashboardVisitor(address)
        for _ in range(MOST):
            assert guessing.sign_in("fleet_guess").status == 403
        for path in ("/dashboard/sign-in", "/dashboard/enter"):
            held = guessing.post(path, {"token": token})
            assert (held.status, held.headers["retry-after"]) == (429, "60")
            assert "60 seconds" in held.words()
        assert DashboardVisitor(address).sign_in(token).status == 303
        now += WINDOW_MS
        assert guessing.sign_in(token).status == 303


def test_attempts_are_remembered_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relay.server.dashboard.attempts._ADDRESSES", 2)
    attempts = Attempts(lambda: 1)
    for _ in range(MOST):
        attempts.failed("a")
    assert attempts.wait_s("a") == 60
    for other in ("b", "c"):
        attempts.failed(other)
    assert attempts.wait_s("a") == 0
