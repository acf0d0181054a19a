"""Static files: read once, served under an address that names their content, so browsers keep them."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from relay.server.dashboard.headers import guard

PATH: Final = "/dashboard/static"
FOLDER: Final = Path(__file__).parent / "static"
_KINDS: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_YEAR: Final = "public, max-age=31536000, immutable"
_DIGEST_CHARS: Final = 12


@dataclass(frozen=True, slots=True)
class File:
    """A static file.

    Attributes:
        content: its bytes.
        kind: its media type.
        digest: what its address says of its content.
    """

    content: bytes
    kind: str
    digest: str


@cache
def files() -> dict[str, File]:
    """Every file by its path below the folder."""
    return {
        path.relative_to(FOLDER).as_posix(): _read(path)
        for path in sorted(FOLDER.rglob("*"))
        if path.suffix in _KINDS
    }


def address(name: str) -> str:
    """Where a file is found."""
    return f"{PATH}/{name}?{files()[name].digest}"


async def serve(request: Request) -> Response:
    """GET /dashboard/static/..."""
    file = files().get(request.path_params["name"])
    if file is None:
        response = PlainTextResponse("There is no such file.\n", 404)
        guard(response)
        return response
    response = Response(file.content, media_type=file.kind)
    guard(response, _YEAR if request.url.query == file.digest else "no-cache")
    return response


def _read(path: Path) -> File:
    content = path.read_bytes()
    return File(content, _KINDS[path.suffix], hashlib.sha256(content).hexdigest()[:_DIGEST_CHARS])
