"""Events whose signatures are left to the private side: taken as they are, and never told apart by an id."""

from domain.event import Request
from domain.senders import SENDERS, sign
from domain.subscription import Subscription
from store import deliveries, ledger, stories, subscriptions, tunnels
from tests.public_door import PublicDoor, now_ms
from workers.context import WorkerContext, installed
from workers.worker import work

BODY = b'{"id": "evt_1", "type": "charge.succeeded"}'


def test_they_are_delivered_as_not_verified_whatever_their_signature_says(
    door: PublicDoor, context: WorkerContext, redis_url: str
) -> None:
    # The secret is there only to show that it is not used.
    token = door.webhook(sender="stripe", secrets=[b"whsec_here"], required=True, verify_at="local")
    door.store.run(subscriptions.create(Subscription("sub_app", "gw_1", "app", ("whk_hook",), (), 30, 1)))
    made = sign(SENDERS["stripe"], Request("POST", b"", b"", (), BODY), b"whsec_home", now_ms()).headers
    signed = {name.decode(): value.decode() for name, value in made}
    events = [door.post(token, BODY, headers).json["id"] for headers in (signed, signed, {})]
    with installed(context):
        work(redis_url, "events", burst=True)
    # The same id came three times: told by a stranger, it could keep the real event away.
    assert door.store.run(ledger.counts("gw_1"))["event:fanned_out"] == 3
    told = door.store.run(stories.stories("gw_1", events))
    assert [(each.left_home, each.scheme, each.secret, each.event_type) for each in told] == [
        (True, "", "", "charge.succeeded")
    ] * 3
    now = now_ms()
    door.store.run(tunnels.open_tunnel("gw_1", tunnels.Claim("tun_1", "s", ["sub_app"]), now, 15_000))
    taken = door.store.run(deliveries.take("gw_1", "tun_1", "s", 3, [("sub_app", 30)], 5, now))
    assert taken is not None
    assert [each.scheme for each in taken] == [""] * 3


def test_of_others_nothing_is_left_home(door: PublicDoor, context: WorkerContext, redis_url: str) -> None:
    event = door.post(door.webhook(sender="stripe"), BODY).json["id"]
    with installed(context):
        work(redis_url, "events", burst=True)
    [story] = door.store.run(stories.stories("gw_1", [event]))
    assert not story.left_home
