"""The certificate of a door and its key: what is wrong with the files is told, and what is in them is not."""

import os
import ssl
from pathlib import Path

import pytest

from cli.certificate import CertificateError, Pair, load
from tests.certificates import Authority, Issued, ec_key, files, key_pem, rsa_key
from tests.owner_door import clock_ms


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return files(tmp_path)


@pytest.fixture
def issued(pair: Pair) -> Issued:
    return Authority().issue().write(pair)


def refusal(pair: Pair) -> str:
    with pytest.raises(CertificateError) as refused:
        load(pair, clock_ms())
    return str(refused.value)


def test_a_good_pair_serves_modern_tls_only(pair: Pair, issued: Issued) -> None:
    certificate = load(pair, clock_ms())
    assert certificate.serial == f"{issued.serial:x}"
    assert certificate.begins_ms < clock_ms() < certificate.expires_ms
    assert certificate.context.minimum_version is ssl.TLSVersion.TLSv1_2
    suites = [suite["name"] for suite in certificate.context.get_ciphers()]
    assert suites
    assert all(name.startswith("TLS_") or ("ECDHE" in name and "SHA1" not in name) for name in suites)
    assert all("GCM" in name or "POLY1305" in name for name in suites)


def test_a_chain_and_an_rsa_key_are_fine(pair: Pair) -> None:
    authority = Authority(key=rsa_key())
    authority.issue(key=rsa_key()).write(pair)
    chain = authority.write(pair.cert.with_name("ca.pem")).read_bytes()
    pair.cert.write_bytes(pair.cert.read_bytes() + chain)
    assert load(pair, clock_ms()).context.cert_store_stats()["x509"] == 0


@pytest.mark.parametrize(("part", "name"), [("cert", "CERT"), ("key", "KEY")])
def test_a_file_that_is_not_there_is_named(pair: Pair, issued: Issued, part: str, name: str) -> None:
    assert issued.serial
    file: Path = getattr(pair, part)
    file.unlink()
    said = f"FLEET_INGRESS_TLS_{name} is {file}; it cannot be read: No such file or directory."
    assert refusal(pair) == said
    file.mkdir()
    assert refusal(pair).endswith("it is not a regular file.")
    file.rmdir()
    os.mkfifo(file)  # nobody writes: it would be waited for
    assert refusal(pair).endswith("it is not a regular file.")
    file.unlink()
    file.symlink_to("/dev/zero")
    assert refusal(pair).endswith("it is not a regular file.")


@pytest.mark.usefixtures("issued")
def test_files_that_hold_something_else_are_told_apart(pair: Pair) -> None:
    good_cert, good_key = pair.cert.read_bytes(), pair.key.read_bytes()
    for wrong in (b"", b"\xff\xfe", good_key, good_cert[: len(good_cert) // 2]):
        pair.cert.write_bytes(wrong)
        assert refusal(pair) == f"FLEET_INGRESS_TLS_CERT is {pair.cert}; it holds no certificate in PEM form."
    pair.cert.write_bytes(good_cert)
    for wrong in (b"", b"\xff\xfe", good_cert, good_key[: len(good_key) // 2]):
        pair.key.write_bytes(wrong)
        assert refusal(pair) == f"FLEET_INGRESS_TLS_KEY is {pair.key}; it holds no private key in PEM form."


@pytest.mark.parametrize("other", [ec_key, rsa_key])
def test_the_key_of_another_certificate_is_refused(pair: Pair, issued: Issued, other) -> None:
    assert issued.serial
    pair.key.write_bytes(key_pem(other()))
    assert f"it is not the key of the certificate in {pair.cert}" in refusal(pair)


def test_an_encrypted_key_is_refused_and_nobody_is_asked(pair: Pair, issued: Issued) -> None:
    pair.key.write_bytes(key_pem(issued.key, b"correct horse"))
    assert "FLEET_INGRESS_TLS_KEY" in refusal(pair)
    assert "it is encrypted; write it without a passphrase" in refusal(pair)


def test_an_expired_certificate_is_refused_with_its_day(pair: Pair) -> None:
    issued = Authority().issue(days=-1).write(pair)
    day = f"{issued.certificate.not_valid_after_utc:%Y-%m-%d}"
    assert refusal(pair) == f"FLEET_INGRESS_TLS_CERT is {pair.cert}; it expired on {day}; renew it."


def test_it_expires_in_the_millisecond_that_it_says(pair: Pair, issued: Issued) -> None:
    ends_ms = round(issued.certificate.not_valid_after_utc.timestamp() * 1000)
    assert load(pair, ends_ms - 1).expires_ms == ends_ms
    with pytest.raises(CertificateError):
        load(pair, ends_ms)


def test_a_key_that_is_too_weak_for_tls_is_refused(pair: Pair) -> None:
    Authority().issue(key=rsa_key(1024)).write(pair)
    assert refusal(pair).endswith("TLS refuses it: ee key too small.")


def test_no_sentence_holds_what_is_in_a_key(pair: Pair, issued: Issued) -> None:
    pem = pair.key.read_text()
    pair.key.write_text(pem.replace("-----END", "garbage-----END"))
    said = refusal(pair)
    assert issued.serial
    assert not any(line in said for line in pem.splitlines())
