"""An aiohttp request whose head leaves byte for byte as the sender wrote it."""

from typing import TYPE_CHECKING, Any

from aiohttp import ClientRequest
from aiohttp.abc import AbstractStreamWriter

if TYPE_CHECKING:
    from aiohttp.connector import Connection


def as_text(raw: bytes) -> str:
    """Bytes of a head as the text that `ExactRequest` turns into the same bytes again."""
    return raw.decode(errors="surrogateescape")


class ExactRequest(ClientRequest):
    """Carries header values that are not UTF-8.

    aiohttp takes header values as text and writes them as UTF-8; surrogates (see `as_text`), which stand
    for single bytes, it leaves out. HTTP allows such bytes (obs-text in RFC 9110, section 5.5).
    """

    async def write_bytes(
        self, writer: AbstractStreamWriter, conn: "Connection", content_length: int | None = None
    ) -> None:
        """Write the body; the head still waits in the writer's buffer and is corrected first."""
        stream: Any = writer
        if any(not value.isascii() for value in self.headers.values()):
            start_line, _, _ = stream._headers_buf.partition(b"\r\n")  # noqa: SLF001 - no public way; tested
            lines = [start_line, *(_line(name, value) for name, value in self.headers.items()), b"", b""]
            stream._headers_buf = b"\r\n".join(lines)  # noqa: SLF001 - likewise
        await super().write_bytes(writer, conn, content_length)


def _line(name: str, value: str) -> bytes:
    return f"{name}: {value}".encode(errors="surrogateescape")
