"""The part of Git's protocol version 2 that lists refs, which big hosts speak and dulwich's server does not.

Source: gitprotocol-v2, "Capability Advertisement" and "ls-refs"; gitprotocol-http, "Smart Server Response".
"""

from collections.abc import Iterator

from dulwich.protocol import pkt_line
from dulwich.repo import Repo

DELIMITER = b"0001"
FLUSH = b"0000"


def advertisement(*, over_http: bool) -> bytes:
    """What such a server says first."""
    lines = [b"version 2\n", b"agent=git/test\n", b"ls-refs=unborn\n", b"object-format=sha1\n"]
    first = pkt_line(b"# service=git-upload-pack\n") + FLUSH if over_http else b""
    return first + b"".join(map(pkt_line, lines)) + FLUSH


def arguments(request: bytes) -> list[bytes]:
    """The arguments of an ls-refs command."""
    lines, rest = [], request
    while rest:
        length = int(rest[:4], 16)
        lines.append(rest[4:length].rstrip(b"\n") if length > 3 else b"")
        rest = rest[max(length, 4) :]
    assert lines[0] == b"command=ls-refs", lines
    return [line for line in lines[lines.index(b"") :] if line]


def ls_refs(repo: Repo, request: bytes) -> bytes:
    """The answer to an ls-refs command."""
    asked = arguments(request)
    prefixes = tuple(line.removeprefix(b"ref-prefix ") for line in asked if line.startswith(b"ref-prefix "))
    return b"".join(map(pkt_line, _lines(repo, prefixes, asked))) + FLUSH


def _lines(repo: Repo, prefixes: tuple[bytes, ...], asked: list[bytes]) -> Iterator[bytes]:
    refs, symrefs = repo.refs.as_dict(), repo.refs.get_symrefs()
    if b"HEAD" in symrefs and b"HEAD" not in refs and b"unborn" in asked:
        yield b"unborn HEAD symref-target:" + symrefs[b"HEAD"] + b"\n"
    for name in sorted(refs):
        if prefixes and not name.startswith(prefixes):
            continue
        line = refs[name] + b" " + name
        if name in symrefs:
            line += b" symref-target:" + symrefs[name]
        peeled = repo.get_peeled(name)
        if peeled != refs[name]:
            line += b" peeled:" + peeled
        yield line + b"\n"
