"""The description of the control API: one for its document, its tests and whoever makes a client of it.

`python -m relay.server.api.openapi --write` renders `docs/openapi.json`; `--check` exits 1 and says so when
that file is not what stands here. A relay serves the same at `/api/v1/openapi.json`.
"""

from relay.server.api.openapi.document import document, rendered

__all__ = ["document", "rendered"]
