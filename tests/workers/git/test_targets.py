"""Where polls may go: judged by the address, after the name was looked up, and then nowhere else."""

import socket
import threading
import time
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address, IPv6Network

import paramiko
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.git_asker import Asker, holder
from tests.git_http import GitHttpServer
from tests.git_repo import GitRepo
from tests.git_ssh import GitSshServer
from tests.odd_server import odd_server
from workers.git.failure import AbandonedError
from workers.git.names import Names
from workers.git.targets import Target, named, permitted, target_of
from workers.git.way import GitWay

KEY = paramiko.ECDSAKey.generate()
DEFAULT = frozenset({Target.PUBLIC, Target.PRIVATE})


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("93.184.215.14", "public"),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", "public"),
        ("::ffff:93.184.215.14", "public"),
        ("64:ff9b::5db8:d70e", "public"),
        ("10.0.0.1", "private"),
        ("172.16.0.1", "private"),
        ("172.31.255.255", "private"),
        ("192.168.1.1", "private"),
        ("100.64.0.1", "private"),
        ("fd00::1", "private"),
        ("fec0::1", "private"),
        ("::ffff:10.0.0.1", "private"),
        ("64:ff9b::a00:1", "private"),
        ("127.0.0.1", "loopback"),
        ("127.255.255.254", "loopback"),
        ("::1", "loopback"),
        ("::ffff:127.0.0.1", "loopback"),
        ("64:ff9b::7f00:1", "loopback"),
        ("169.254.169.254", "link-local"),
        ("fe80::1", "link-local"),
        ("fe80::1%eth0", "link-local"),
        ("fd00:ec2::254", "link-local"),
        ("100.100.100.200", "link-local"),
        ("168.63.129.16", "link-local"),
        ("::ffff:169.254.169.254", "link-local"),
        ("64:ff9b::a9fe:a9fe", "link-local"),
        ("0.0.0.0", None),  # noqa: S104 - a text
        ("0.1.2.3", None),
        ("::", None),
        ("::127.0.0.1", None),
        ("224.0.0.1", None),
        ("240.0.0.1", None),
        ("255.255.255.255", None),
        ("ff02::1", None),
        ("2002:7f00:1::1", None),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", None),
        ("2001:db8::1", None),
        ("192.0.2.1", None),
        ("64:ff9b:1::1", None),
        ("localhost", None),
        ("", None),
    ],
)
def test_each_address_is_one_kind_of_place(address: str, target: str | None) -> None:
    found = target_of(address)
    assert (found.value if found else None) == target


@given(st.ip_addresses())
def test_only_addresses_of_the_internet_are_public(address: IPv4Address | IPv6Address) -> None:
    if target_of(str(address)) is not Target.PUBLIC:
        return
    if address in IPv6Network("64:ff9b::/96"):
        address = IPv4Address(int(address) & 0xFFFFFFFF)
    assert address.is_global
    assert not address.is_multicast


def test_what_may_be_contacted_keeps_its_order() -> None:
    found = ["127.0.0.1", "10.0.0.1", "nonsense", "93.184.215.14", "169.254.1.1"]
    assert permitted(found, DEFAULT) == ["10.0.0.1", "93.184.215.14"]
    assert permitted(found, frozenset()) == []
    assert named(found) == "link-local and loopback and private and public"
    assert named(["0.0.0.0", "x"]) == "unusable"  # noqa: S104 - a text


def leads_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Let every name lead to these addresses. The names that were asked for are returned."""
    asked: list[str] = []

    def getaddrinfo(host: str, port: int, *_: object, **__: object):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.parametrize("scheme", ["http", "https", "ssh"])
@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("127.0.0.1", "loopback"),
        ("::1", "loopback"),
        ("169.254.169.254", "link-local"),
        ("0.0.0.0", "unusable"),  # noqa: S104 - a text
        ("::ffff:127.0.0.1", "loopback"),
    ],
)
def test_a_name_that_leads_where_nobody_may_go_leads_nowhere(
    asker: Asker, monkeypatch: pytest.MonkeyPatch, scheme: str, address: str, place: str
) -> None:
    asker.way = replace(asker.way, targets=DEFAULT)
    leads_to(monkeypatch, address)
    with odd_server(lambda server: server.say()) as server:
        failure = asker.failure(f"{scheme}://git.example:{server.port}/app.git", holder(KEY))
        assert server.connections == 0
    assert f"git.example is at a {place} address" in str(failure)
    assert "FLEET_GIT_TARGETS" in str(failure)
    assert address not in str(failure)
    assert not failure.is_host_fault


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "localhost", "[::1]", "0"]
)
def test_no_spelling_of_this_machine_gets_through(web: GitHttpServer, asker: Asker, host: str) -> None:
    asker.way = replace(asker.way, targets=DEFAULT)
    asker.failure(f"http://{host}:{web.port}/app.git")
    assert web.connections == 0


def test_of_several_addresses_those_that_are_allowed_are_tried(
    repo: GitRepo, web: GitHttpServer, asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = repo.commit()
    asked = leads_to(monkeypatch, "169.254.169.254", "10.255.255.1", "127.0.0.2", "127.0.0.1")
    assert asker.commit(f"http://git.example:{web.port}/app.git") == head
    # The name is looked up once: what was checked is what is contacted, whatever the name leads to by then.
    assert asked == ["git.example"]
    assert web.asked[0].headers["host"] == f"git.example:{web.port}"


def test_a_server_over_ssh_is_contacted_at_the_checked_address(
    repo: GitRepo,
    shell: GitSshServer,
    key: paramiko.PKey,
    asker: Asker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    head = repo.commit()
    asked = leads_to(monkeypatch, "127.0.0.1")
    known = shell.known_hosts.replace("127.0.0.1", "git.example")
    assert asker.commit(f"ssh://git@git.example:{shell.port}/app.git", holder(key, known)) == head
    assert asked == ["git.example"]


def test_a_name_that_nobody_knows(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    def getaddrinfo(*_: object, **__: object):
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    failure = asker.failure("https://git.example/app.git")
    assert str(failure) == "The name git.example cannot be resolved; is it written right in `repo`?"
    assert failure.is_host_fault


def test_a_name_server_that_hangs_holds_nobody_up(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    known = threading.Event()

    def getaddrinfo(*_: object, **__: object):
        known.wait(20)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    names = Names(most=1)
    asker.way = replace(asker.way, names=names)
    asker.timeout_s = 0.2
    began = time.monotonic()
    # The second has not even a thread for it.
    sentences = [str(asker.failure("https://git.example/app.git")) for _ in range(2)]
    assert sentences == [
        "git.example did not answer within 0.2 seconds.",
        "Nobody says in time where git.example is.",
    ]
    assert time.monotonic() - began < 10
    known.set()
    for thread in threading.enumerate():
        if thread.name == "names":
            thread.join(10)
    assert names.addresses("git.example", 443, lambda: 10) == []
    assert names.addresses("127.0.0.1", 443, lambda: 0) == ["127.0.0.1"]


def test_a_host_that_can_be_no_name_is_no_crash() -> None:
    with pytest.raises(OSError, match="no host can have this name"):
        Names().addresses("a" * 64 + ".example", 443, lambda: 10)


def test_nothing_is_polled_while_no_calls_may_leave(
    web: GitHttpServer, asker: Asker, key: paramiko.PKey
) -> None:
    asker.way = replace(asker.way, is_open=False)
    for url in (f"{web.url}/app.git", "https://git.example/x", "ssh://git.example/x"):
        failure = asker.failure(url, holder(key))
        assert "FLEET_OUTBOUND to off" in str(failure)
        assert not failure.is_host_fault
    assert asker.commit("https://git.example/x", revision="1" * 40) == "1" * 40
    assert web.connections == 0


def test_a_forwarder_takes_https_only(web: GitHttpServer, asker: Asker, key: paramiko.PKey) -> None:
    asker.way = replace(asker.way, through=("127.0.0.1", web.port))
    for url in ("http://git.example/x", "ssh://git.example/x", "https://git.example:8443/x"):
        failure = asker.failure(url, holder(key))
        assert "takes https on port 443 only" in str(failure)
        assert not failure.is_host_fault
    assert web.connections == 0


def test_a_way_that_is_closed_leads_nowhere(web: GitHttpServer, asker: Asker, way: GitWay) -> None:
    way.close()
    with pytest.raises(AbandonedError):
        asker.head(f"{web.url}/app.git")
    assert web.connections == 0
