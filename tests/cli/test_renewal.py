"""Renewals of a certificate: found through every kind of change, used when good, told once when not."""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from cli.certificate import CertificateError, Pair
from cli.renewal import DAY_MS, WARN_MS, Renewal
from tests.certificates import Authority, files, rsa_key
from tests.owner_door import clock_ms
from tests.waiting import until

AUTHORITY = Authority()


@dataclass
class Clock:
    now_ms: int

    def __call__(self) -> int:
        return self.now_ms


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    made = files(tmp_path)
    AUTHORITY.issue().write(made)
    return made


def served(context: ssl.SSLContext, folder: Path) -> int:
    """The serial number that a new connection to this context is shown, without any socket."""
    trust = ssl.create_default_context(cafile=AUTHORITY.write(folder / "ca.pem"))
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trust.wrap_bio(to_client, to_server, server_hostname="localhost")
    server = context.wrap_bio(to_server, to_client, server_side=True)
    for side in (client, server, client, server):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    shown = client.getpeercert()
    assert shown is not None
    return int(str(shown["serialNumber"]), 16)


def said(look: Callable[[], None]) -> list[dict[str, Any]]:
    with capture_logs() as logs:
        look()
    return [dict(each) for each in logs]


def test_files_that_stay_are_not_read_again(pair: Pair, tmp_path: Path) -> None:
    renewal = Renewal(pair, clock_ms)
    before = served(renewal.context, tmp_path)
    assert said(renewal.look) == []
    assert served(renewal.context, tmp_path) == before


def replaced(pair: Pair) -> int:
    """As certbot's `cp` or an editor: new files under the old names."""
    new = AUTHORITY.issue()
    for write, file in ((new.write_cert, pair.cert), (new.write_key, pair.key)):
        file.unlink()
        write(pair)
    return new.serial


def rewritten(pair: Pair) -> int:
    """As through a bind mount of single files: the same inodes."""
    inode = pair.cert.stat().st_ino
    serial = AUTHORITY.issue().write(pair).serial
    assert pair.cert.stat().st_ino == inode
    return serial


@pytest.mark.parametrize("change", [replaced, rewritten])
def test_new_files_serve_new_connections(pair: Pair, tmp_path: Path, change: Callable[[Pair], int]) -> None:
    renewal = Renewal(pair, clock_ms)
    serial = change(pair)
    [told] = said(renewal.look)
    assert (told["event"], told["serial"]) == ("certificate_renewed", f"{serial:x}")
    assert served(renewal.context, tmp_path) == serial


def test_the_swap_of_a_link_above_the_files_is_a_change(tmp_path: Path) -> None:
    """As Kubernetes renews a secret: tls.crt -> ..data/tls.crt, ..data -> the folder of a version."""
    for version in ("1", "2"):
        (tmp_path / version).mkdir()
    data = tmp_path / "..data"
    data.symlink_to("1")
    pair = Pair("FLEET_RELAY_TLS", tmp_path / "tls.crt", tmp_path / "tls.key")
    for file in (pair.cert, pair.key):
        file.symlink_to(Path("..data", file.name))
    AUTHORITY.issue().write(pair)
    renewal = Renewal(pair, clock_ms)
    fresh = AUTHORITY.issue().write(Pair("", tmp_path / "2/tls.crt", tmp_path / "2/tls.key"))
    assert said(renewal.look) == []
    swap = tmp_path / "..data_tmp"
    swap.symlink_to("2")
    swap.rename(data)
    [told] = said(renewal.look)
    assert told["event"] == "certificate_renewed"
    assert served(renewal.context, tmp_path) == fresh.serial


def test_a_pair_that_is_half_written_changes_nothing_until_it_is_whole(pair: Pair, tmp_path: Path) -> None:
    renewal = Renewal(pair, clock_ms)
    old = served(renewal.context, tmp_path)
    new = AUTHORITY.issue()
    new.write_cert(pair)
    [told] = said(renewal.look)
    assert (told["event"], told["log_level"], told["serial"]) == ("certificate_kept", "error", f"{old:x}")
    assert "it is not the key of the certificate" in told["reason"]
    assert said(renewal.look) == []  # once for each change
    assert served(renewal.context, tmp_path) == old
    new.write_key(pair)
    [told] = said(renewal.look)
    assert told["event"] == "certificate_renewed"
    assert served(renewal.context, tmp_path) == new.serial


def test_a_pair_that_vanishes_expires_or_breaks_keeps_the_old(pair: Pair, tmp_path: Path) -> None:
    renewal = Renewal(pair, clock_ms)
    old = served(renewal.context, tmp_path)
    reasons: list[str] = []

    def changed() -> None:
        [told] = said(renewal.look)
        assert told["event"] == "certificate_kept"
        reasons.append(told["reason"])
        assert served(renewal.context, tmp_path) == old

    pair.cert.unlink()
    changed()
    AUTHORITY.issue(days=-1).write(pair)
    changed()
    pair.cert.write_bytes(b"-----BEGIN CERTIFICATE-----")
    changed()
    assert ["cannot be read" in reasons[0], "expired on" in reasons[1], "no certificate" in reasons[2]] == [
        True
    ] * 3


def test_the_kind_of_key_may_change(pair: Pair, tmp_path: Path) -> None:
    AUTHORITY.issue(key=rsa_key()).write(pair)
    renewal = Renewal(pair, clock_ms)
    for key in (None, rsa_key()):
        new = AUTHORITY.issue(key=key).write(pair)
        renewal.look()
        assert served(renewal.context, tmp_path) == new.serial


async def test_a_file_whose_rights_change_is_tried_again(pair: Pair) -> None:
    renewal = Renewal(pair, clock_ms)
    assert said(renewal.look) == []

    def tried() -> bool:
        # Again, when both fell into one tick of the clock for files.
        pair.key.chmod(0o600)
        return [each["event"] for each in said(renewal.look)] == ["certificate_renewed"]

    await until(tried)


def test_unusable_files_at_the_start_are_an_error(pair: Pair) -> None:
    pair.key.unlink()
    with pytest.raises(CertificateError):
        Renewal(pair, clock_ms)


def test_an_end_that_is_near_is_told_once_a_day(pair: Pair) -> None:
    issued = AUTHORITY.issue().write(pair)
    ends_ms = round(issued.certificate.not_valid_after_utc.timestamp() * 1000)
    clock = Clock(ends_ms - WARN_MS)
    renewal = Renewal(pair, clock)
    assert said(renewal.look) == []
    clock.now_ms += 1
    [told] = said(renewal.look)
    assert (told["event"], told["log_level"], told["days"]) == ("certificate_expires_soon", "warning", 13)
    clock.now_ms += DAY_MS - 1
    assert said(renewal.look) == []
    clock.now_ms += 1
    [told] = said(renewal.look)
    assert told["days"] == 12
    clock.now_ms = ends_ms
    [told] = said(renewal.look)
    assert (told["event"], told["log_level"]) == ("certificate_expired", "error")
    assert said(renewal.look) == []


def test_a_renewed_certificate_is_judged_at_once(pair: Pair) -> None:
    # Half days: what they are rounded down to is the same all through the test, however long it takes.
    AUTHORITY.issue(days=3.5).write(pair)
    renewal = Renewal(pair, Clock(clock_ms()))
    assert [each["event"] for each in said(renewal.look)] == ["certificate_expires_soon"]
    AUTHORITY.issue(days=5.5).write(pair)
    told = said(renewal.look)
    assert [each["event"] for each in told] == ["certificate_renewed", "certificate_expires_soon"]
    assert told[1]["days"] == 5


def test_a_certificate_that_has_not_begun_is_used_and_told(pair: Pair) -> None:
    renewal = Renewal(pair, Clock(clock_ms() - 2 * DAY_MS))
    assert [each["event"] for each in said(renewal.look)] == ["certificate_not_yet_valid"]


async def test_the_watch_looks_again_and_again(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.renewal.LOOK_S", 0.01)
    renewal = Renewal(pair, clock_ms)
    watching = asyncio.create_task(renewal.watch())
    try:
        for _ in range(2):
            serial = AUTHORITY.issue().write(pair).serial
            await until(lambda expected=serial: served(renewal.context, tmp_path) == expected)
    finally:
        watching.cancel()
        await asyncio.wait([watching])
