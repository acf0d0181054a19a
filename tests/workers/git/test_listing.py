"""Reading what a server says of its refs: whatever the bytes are, it ends in refs or in a failure."""

import io
from collections.abc import Sequence

import pytest
from dulwich.errors import GitProtocolError
from dulwich.protocol import Protocol, pkt_line
from hypothesis import given
from hypothesis import strategies as st

from workers.git.listing import CannotServeError, Listing, NotGitError, list_refs

ONE, TWO = "1" * 40, "2" * 40
MAIN = b"refs/heads/main"
CAPABILITIES = pkt_line(b"version 2\n") + pkt_line(b"ls-refs=unborn\n") + b"0000"
FAILURES = (NotGitError, CannotServeError, GitProtocolError)


class Canned:
    """A server whose answers are known in advance."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.requests: list[bytes] = []

    def opening(self) -> Protocol:
        return Protocol(io.BytesIO(self.answers.pop(0)).read, lambda _: None)

    def asked(self, request: bytes) -> Protocol:
        self.requests.append(request)
        return self.opening()

    def recall(self) -> None:
        return None

    def learn(self, capabilities: set[bytes] | None) -> None:
        assert capabilities


def lines(*each: str) -> bytes:
    return b"".join(pkt_line(line.encode()) for line in each) + b"0000"


def test_version_0_and_1_list_everything_and_one_ref_is_kept() -> None:
    refs = lines(
        f"{ONE} HEAD\0multi_ack symref=HEAD:{MAIN.decode()} symref=X:y agent=git/2\n",
        f"{TWO} refs/heads/other\n",
        f"{ONE} {MAIN.decode()}\n",
        f"{TWO} refs/tags/v1\n",
        f"{ONE} refs/tags/v1^{{}}\n",
    )
    for opening in (b"", pkt_line(b"version 1\n"), pkt_line(b"# service=git-upload-pack\n") + b"0000"):
        found = list_refs(Canned(opening + refs), [MAIN])
        assert found == Listing({MAIN: ONE}, {}, {b"HEAD": MAIN, b"X": b"y"})
    found = list_refs(Canned(refs), [b"refs/tags/v1", b"refs/heads/v1"])
    assert (found.refs, found.peeled) == ({b"refs/tags/v1": TWO}, {b"refs/tags/v1": ONE})
    assert list_refs(Canned(refs), [b"HEAD"]).refs == {b"HEAD": ONE}


@pytest.mark.parametrize("nothing", [b"0000", lines(f"{'0' * 40} capabilities^{{}}\0agent=x\n")])
def test_an_empty_repository_has_no_refs(nothing: bytes) -> None:
    assert list_refs(Canned(nothing), [b"HEAD"]).refs == {}


def test_version_2_is_asked_for_what_is_wanted() -> None:
    server = Canned(
        CAPABILITIES,
        lines(
            f"{ONE} HEAD symref-target:{MAIN.decode()}\n",
            f"{ONE} {MAIN.decode()} peeled:{TWO}\n",
            f"{TWO} {MAIN.decode()}2\n",
        ),
    )
    assert list_refs(server, [MAIN]) == Listing({MAIN: ONE}, {MAIN: TWO}, {})
    assert pkt_line(b"ref-prefix refs/heads/main") in server.requests[0]
    unborn = Canned(CAPABILITIES, lines("unborn HEAD symref-target:refs/heads/trunk\n"))
    assert list_refs(unborn, [b"HEAD"]) == Listing({}, {}, {b"HEAD": b"refs/heads/trunk"})


def test_what_a_server_says_instead_is_handed_on() -> None:
    for server in (Canned(lines("ERR go away\n")), Canned(CAPABILITIES, lines("ERR go away"))):
        with pytest.raises(CannotServeError, match="go away"):
            list_refs(server, [MAIN])


packets = st.one_of(
    st.binary(max_size=40).map(pkt_line),
    st.binary(max_size=20),
    st.sampled_from([b"0000", b"0001", b"0002", b"fff0", CAPABILITIES]),
    st.builds(
        lambda start, name, end: pkt_line(start + b" " + name + end),
        st.sampled_from([ONE.encode(), b"unborn", b"ERR", b"0" * 40, b""]),
        st.sampled_from([MAIN, b"HEAD", b"", b"\0", b"refs/heads/main^{}"]),
        st.sampled_from([b"", b"\n", b"\0a=b", b" peeled:", b" symref-target:x", b" peeled:" + TWO.encode()]),
    ),
)


@given(st.lists(st.lists(packets, max_size=6).map(b"".join), min_size=2, max_size=2))
def test_any_bytes_end_in_refs_or_in_a_failure(answers: Sequence[bytes]) -> None:
    try:
        found = list_refs(Canned(*answers), [MAIN, b"HEAD"])
    except FAILURES:
        return
    assert set(found.refs) | set(found.peeled) <= {MAIN, b"HEAD"}
    assert all(len(commit) == 40 for commit in (*found.refs.values(), *found.peeled.values()))
