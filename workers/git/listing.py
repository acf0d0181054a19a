"""Listing refs: asks a Git server where some refs stand, and reads its answer as far as those.

Servers with protocol version 2 are asked for these only. Others send all that they have, before being asked.
Source: gitprotocol-pack, "Reference Discovery"; gitprotocol-v2, "ls-refs".
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from typing import Protocol as Interface

from dulwich.client import (
    build_ls_refs_request_v2,
    extract_object_format_from_capabilities,
    read_pkt_refs_v1,
    read_pkt_refs_v2,
    read_server_capabilities,
)
from dulwich.protocol import CAPABILITY_SYMREF, PEELED_TAG_SUFFIX, Protocol, parse_capability, pkt_line
from dulwich.refs import Ref

MAX_BYTES: Final = 32 * 1024 * 1024
"""An answer with more bytes is not read to its end. 300,000 refs fit."""

_MOST_CAPABILITIES: Final = 1000
_COMMIT: Final = re.compile(b"[0-9a-f]{40}|[0-9a-f]{64}")
_DELIMITER: Final = b"0001"
_FLUSH: Final = b"0000"


class TooLargeError(Exception):
    """The answer has more than MAX_BYTES."""


class NotGitError(Exception):
    """The answer is none of a Git server."""


class CannotServeError(Exception):
    """The server says that it cannot serve the repository; the text is its own."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a server has of the refs that it was asked for.

    Attributes:
        refs: what each names, in hexadecimal.
        peeled: the commit behind each annotated tag.
        symrefs: what each symbolic one stands for.
        moved_to: where the server says that the repository is now; "" when it says nothing of the kind.
    """

    refs: dict[bytes, str]
    peeled: dict[bytes, str]
    symrefs: dict[bytes, bytes]
    moved_to: str = ""


class Conversation(Interface):
    """Talking with a server's upload-pack about one repository."""

    def opening(self) -> Protocol:
        """What the server says first."""
        ...

    def asked(self, request: bytes) -> Protocol:
        """What it says to a request."""
        ...


def list_refs(conversation: Conversation, wanted: Sequence[bytes]) -> Listing:
    """Where refs stand.

    Args:
        conversation: with the server; it has just begun.
        wanted: whole names of refs, or HEAD.

    Raises:
        NotGitError: the answer is none of a Git server.
        CannotServeError: the server says so.
        dulwich.errors.GitProtocolError: it ends the conversation, or says what is no Git.
    """
    said = conversation.opening()
    try:
        first = said.read_pkt_line()
        if first is not None and first.rstrip() == b"# service=git-upload-pack":
            said.read_pkt_line()  # a flush
            first = said.read_pkt_line()
        if first is not None and first.rstrip() == b"version 2":
            return _by_version_2(conversation, said, wanted)
        if first is None or first.rstrip() != b"version 1":
            said.unread_pkt_line(first)
        return _by_version_0(said, wanted)
    except (ValueError, IndexError, AssertionError):
        raise NotGitError from None


def _by_version_2(conversation: Conversation, said: Protocol, wanted: Sequence[bytes]) -> Listing:
    capabilities = read_server_capabilities(_few(said.read_pkt_seq()))
    if b"ls-refs" not in {capability.strip().partition(b"=")[0] for capability in capabilities}:
        raise NotGitError
    object_format = extract_object_format_from_capabilities(capabilities)
    commands, arguments = build_ls_refs_request_v2(capabilities, object_format, wanted)
    request = b"".join([*map(pkt_line, commands), _DELIMITER, *map(pkt_line, arguments), _FLUSH])
    lines = conversation.asked(request).read_pkt_seq()
    refs, symrefs, peeled = read_pkt_refs_v2(_of_these(lines, wanted))
    return Listing(
        {name: _commit(named) for name, named in refs.items() if named is not None},
        {name: _commit(named) for name, named in peeled.items()},
        {**symrefs},
    )


def _by_version_0(said: Protocol, wanted: Sequence[bytes]) -> Listing:
    names = {*wanted, *(name + PEELED_TAG_SUFFIX for name in wanted)}
    refs, capabilities = read_pkt_refs_v1(_of_these(said.read_pkt_seq(), names, and_first=True))
    named = {name: _commit(commit) for name, commit in refs.items()}
    return Listing(
        {name: named[name] for name in map(Ref, wanted) if name in named},
        {name: named[peeled] for name in wanted if (peeled := Ref(name + PEELED_TAG_SUFFIX)) in named},
        dict(_symrefs(capabilities)),
    )


def _symrefs(capabilities: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
    for capability in capabilities:
        name, value = parse_capability(capability)
        if name == CAPABILITY_SYMREF and value is not None:
            source, _, target = value.partition(b":")
            yield source, target


def _of_these(lines: Iterable[bytes], names: Iterable[bytes], *, and_first: bool = False) -> Iterator[bytes]:
    """The lines about some refs. All others are forgotten as they come: a repository may have a million."""
    wanted = frozenset(names)
    for number, line in enumerate(lines):
        if line.startswith(b"ERR "):
            raise CannotServeError(line[4:].decode(errors="replace"))
        if line.split(b" ", 2)[1].rstrip(b"\n") in wanted or (and_first and number == 0):
            yield line


def _few(lines: Iterable[bytes]) -> Iterator[bytes]:
    yield from itertools.islice(lines, _MOST_CAPABILITIES)
    for _ in lines:
        raise NotGitError


def _commit(text: bytes) -> str:
    if not _COMMIT.fullmatch(text) or not text.strip(b"0"):
        raise NotGitError
    return text.decode()
