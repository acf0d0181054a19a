"""The rights of services on named lists, as Redis sees them: the ingress reads, the server's side keeps."""

from collections.abc import Iterator

import pytest
from redis.exceptions import ResponseError

from domain.named import NamedList
from store import named_lists
from store.acl import INGRESS, RELAY, RedisUser
from store.connect import SyncStore

OWN = NamedList("own", "own", "", "", "2026-01-31", ("192.0.2.0/24",))
PASSWORD = "hush"


@pytest.fixture
def owner(redis_url: str) -> Iterator[SyncStore]:
    store = SyncStore(redis_url)
    yield store
    for user in (INGRESS, RELAY):
        store.client.execute_command("ACL", "DELUSER", user.name)
    store.close()


def store_of(owner: SyncStore, redis_url: str, user: RedisUser) -> SyncStore:
    _, name, *rights = user.line(PASSWORD).split()
    owner.client.execute_command("ACL", "SETUSER", name, *rights)
    return SyncStore(redis_url.replace("unix://", f"unix://{name}:{PASSWORD}@"))


def test_the_ingress_reads_lists_and_changes_none(owner: SyncStore, redis_url: str) -> None:
    owner.run(named_lists.keep(OWN))
    ingress = store_of(owner, redis_url, INGRESS)
    assert ingress.run(named_lists.fetch(["own"])) == {"own": OWN}
    for call in (named_lists.keep(OWN), named_lists.forget("own")):
        with pytest.raises(ResponseError, match="No permissions"):
            ingress.run(call)
    ingress.close()
    assert owner.run(named_lists.fetch(["own"])) == {"own": OWN}


def test_the_server_s_side_keeps_and_forgets_them(owner: SyncStore, redis_url: str) -> None:
    server = store_of(owner, redis_url, RELAY)
    server.run(named_lists.keep(OWN))
    assert server.run(named_lists.every())["own"] == OWN
    server.run(named_lists.forget("own"))
    assert "own" not in server.run(named_lists.every())
    server.close()
