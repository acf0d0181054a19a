"""The document of the control API, described by itself."""

from typing import Final

from relay.server.api.openapi.operation import Operation, Part

PART: Final = Part(
    "openapi",
    "This document.",
    (
        Operation(
            "GET",
            "/openapi.json",
            "show_openapi",
            "Shows this document to everybody.",
            {200: "OpenApi"},
            is_open=True,
        ),
    ),
    {
        "OpenApi": {
            "type": "object",
            "required": ["openapi", "info", "paths"],
            "additionalProperties": True,
            "description": "A document of OpenAPI 3.1.",
        }
    },
)
