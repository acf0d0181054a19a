"""A finding: what is wrong with a request's signature, or that nothing is. Free of payload and of secrets."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Facts = Mapping[str, str | int]


class Cause(StrEnum):
    """Why a request is not verified."""

    FINE = "fine"
    CLOCK = "clock"
    OLD_SECRET = "old_secret"  # noqa: S105 - a cause, not a secret
    SECRET_ELSEWHERE = "secret_of_another_webhook"  # noqa: S105
    SECRET_SPELLING = "secret_spelling"  # noqa: S105
    SECRET_FORM = "secret_form"  # noqa: S105
    ANOTHER_SENDER = "another_sender"
    SIGNATURE_FORM = "signature_form"
    WEAK_SCHEME = "weak_scheme"
    PINNED_SCHEME = "pinned_scheme"
    PARAMETERS = "parameters"
    ANOTHER_URL = "another_url"
    CHANGED_BODY = "changed_body"
    NO_SECRET = "no_secret"  # noqa: S105
    UNFIT_SECRET = "unfit_secret"  # noqa: S105
    NOT_SIGNED = "not_signed"
    UNREADABLE_SIGNATURE = "unreadable_signature"
    INCOMPLETE = "incomplete"
    CERTIFICATE = "certificate"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """What an examination found.

    Attributes:
        cause: for programs.
        sentence: for the owner: what it is, and what to do.
        facts: what is particular to it, such as the name of the other webhook.
    """

    cause: Cause
    sentence: str
    facts: Facts = field(default_factory=dict[str, str | int])

    @property
    def content(self) -> dict[str, Any]:
        """The finding as JSON has it."""
        return {"cause": self.cause.value, "sentence": self.sentence, "facts": dict(self.facts)}

    def written(self) -> str:
        """The finding as a text, see `read_finding`."""
        return json.dumps(self.content)


def read_finding(text: str) -> Finding | None:
    """The finding that was written; None for an empty text."""
    if not text:
        return None
    found = json.loads(text)
    return Finding(Cause(found["cause"]), found["sentence"], found["facts"])
