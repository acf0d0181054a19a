"""Known hosts: whatever stands in the file, a key is believed only for the names beside it."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paramiko.hostkeys import HostKeys

from workers.git.known_hosts import Verdict, judge, keys_of

KEY, OTHER = b"the key", b"another key"
KIND = "ssh-ed25519"


def line(names: str, content: bytes = KEY, kind: str = KIND) -> str:
    return f"{names} {kind} {base64.b64encode(content).decode()}\n"


def verdict(lines: str, content: bytes = KEY, port: int = 22, host: str = "git.example") -> Verdict:
    return judge(keys_of(lines, host, port), KIND, content)


hosts = st.from_regex(r"[a-z][a-z0-9-]{0,8}(\.[a-z]{2,5}){1,2}", fullmatch=True)


@given(host=hosts, other=hosts, port=st.integers(1, 65_535), is_hashed=st.booleans())
def test_a_key_is_that_of_the_names_beside_it(host: str, other: str, port: int, *, is_hashed: bool) -> None:
    place = host if port == 22 else f"[{host}]:{port}"
    known = line(HostKeys.hash_host(place) if is_hashed else place)
    assert verdict(known, host=host, port=port) is Verdict.KNOWN
    assert verdict(known, OTHER, host=host, port=port) is Verdict.CHANGED
    assert verdict(known, host=host, port=port % 65_535 + 1) is Verdict.UNKNOWN or port == 22
    if other != host:
        assert verdict(known, host=other, port=port) is Verdict.UNKNOWN


@given(st.text(max_size=200), st.text(max_size=20))
def test_any_file_and_any_name_end_in_a_verdict(lines: str, host: str) -> None:
    assert verdict(lines, host=host) in Verdict
    assert verdict(f"{lines}\n{line('git.example')}") is not Verdict.UNKNOWN or "@revoked" in lines


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (line("git.example", kind="ssh-rsa"), Verdict.KNOWN),  # it is the key that counts
        (line("git.example", OTHER, kind="ssh-rsa"), Verdict.UNKNOWN),
        (line("git.example", OTHER), Verdict.CHANGED),
        (line("git.example", OTHER) + line("git.example"), Verdict.KNOWN),
        (line("@revoked git.example") + line("git.example"), Verdict.REVOKED),
        (line("@revoked git.example", OTHER) + line("git.example"), Verdict.KNOWN),
        (line("@revoked git.example", OTHER), Verdict.UNKNOWN),
        (line("@cert-authority *"), Verdict.UNKNOWN),
        (line("*.example"), Verdict.KNOWN),
        (line("gi?.example"), Verdict.KNOWN),
        (line("GIT.example"), Verdict.KNOWN),
        (line("[git.example]"), Verdict.UNKNOWN),
        (line("[g]it.example"), Verdict.UNKNOWN),
        (line("*,!git.example"), Verdict.UNKNOWN),
        ("git.example ssh-ed25519\n", Verdict.UNKNOWN),
        ("git.example ssh-ed25519 not!base64\n", Verdict.UNKNOWN),
        ("@revoked\n@revoked git.example\n \n#\n|1|a|b\n", Verdict.UNKNOWN),
    ],
)
def test_lines_mean_what_sshd_says(lines: str, expected: Verdict) -> None:
    assert verdict(lines) is expected


def test_many_stars_cost_no_time() -> None:
    assert verdict(line("*a" * 2000 + "b"), host="a" * 200) is Verdict.UNKNOWN
