"""Links that open the dashboard, described."""

from typing import Final

from relay.server.api.openapi.operation import Operation, Part
from relay.server.api.openapi.schemas import moment, record, text

PART: Final = Part(
    "sign-in links",
    "The way into the dashboard without showing it the access token.",
    (
        Operation(
            "POST",
            "/sign-in-links",
            "create_sign_in_link",
            "Makes a link that opens the dashboard once.",
            {201: "SignInLink"},
            refusals=("too_many_links",),
        ),
    ),
    {
        "SignInLink": record(
            "A link that opens the dashboard once.",
            {
                "url": text("Where to go; as good as a password until it was used."),
                "expires_at": moment("When it ends."),
            },
        )
    },
)
