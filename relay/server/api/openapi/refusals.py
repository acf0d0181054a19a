"""The refusals of the control API as its document tells them: each code, its status and its meaning."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Final, NamedTuple

from relay.server.api.openapi.schemas import Schema, many, record, ref, text, whole, word

PROBLEM_TYPE: Final = "application/problem+json"
"""The media type of every refusal (RFC 9457)."""


class Refusal(NamedTuple):
    """What a code means, and with which status it comes."""

    status: int
    meaning: str


REFUSALS: Final[Mapping[str, Refusal]] = {
    "body_cut_off": Refusal(400, "The connection ended within the body."),
    "no_access": Refusal(401, "There is no token, or one that is unknown, expired or revoked."),
    "operator_only": Refusal(403, "This is about the whole server; the gateway is not an operator's."),
    "not_found": Refusal(404, "The gateway has nothing of that name or id."),
    "no_such_resource": Refusal(404, "The path means nothing."),
    "method_not_allowed": Refusal(405, "The resource has no such method; `Allow` names those that it has."),
    "body_too_slow": Refusal(408, "A body has 10 seconds to arrive."),
    "name_taken": Refusal(409, "Another one has that name."),
    "git_receiver_exists": Refusal(409, "A gateway has one webhook with the sender `git`."),
    "limit_reached": Refusal(409, "The gateway has as many of them as it may have."),
    "too_many_secrets": Refusal(409, "The webhook has 5 live secrets."),
    "only_secret": Refusal(409, "No other secret of the webhook counts."),
    "nothing_to_reveal": Refusal(409, "No secret came in a handshake, or it was shown already."),
    "nothing_held": Refusal(409, "No secret was made to be held, or it was pulled already."),
    "verified_at_home": Refusal(409, "The gateway keeps no secret for the webhook, and checks none."),
    "has_secrets": Refusal(409, "The gateway keeps secrets for the webhook, and is to keep none."),
    "changed_meanwhile": Refusal(409, "Others change it all the time; look at it, then try again."),
    "body_gone": Refusal(409, "The sealed body that this needs was deleted."),
    "not_set_aside": Refusal(409, "The event is not set aside, or its body is gone."),
    "not_dead": Refusal(409, "The delivery is not dead."),
    "still_under_way": Refusal(409, "A request with this idempotency key is being answered."),
    "too_many_links": Refusal(409, "The access token has had 100 links made within 5 minutes."),
    "too_many_idempotency_keys": Refusal(409, "The gateway has used all idempotency keys of a day."),
    "body_too_large": Refusal(413, "The body has more bytes than are read here."),
    "idempotency_key_reused": Refusal(422, "The key was sent with another request before."),
    "invalid_input": Refusal(422, "Something that was sent cannot be meant; `errors` says what."),
    "gateway_broken": Refusal(500, "The gateway cannot answer; the log of the relay says why."),
    "ingress_unreachable": Refusal(502, "The relay cannot reach the public door."),
    "redis_unavailable": Refusal(503, "Redis does not answer; `Retry-After` says when to come back."),
}

EVERYWHERE: Final = ("no_access", "gateway_broken", "redis_unavailable")
"""What every request may be refused with."""

WITH_BODY: Final = ("body_cut_off", "body_too_slow", "body_too_large", "invalid_input")
"""What is said of bodies."""

ONCE: Final = ("still_under_way", "too_many_idempotency_keys", "idempotency_key_reused")
"""What is said of idempotency keys."""

_HEADERS: Final[Mapping[int, tuple[str, str]]] = {
    401: ("WWW-Authenticate", "How to show a token: `Bearer`."),
    503: ("Retry-After", "Seconds until it is worth to ask again."),
}


def problem() -> Schema:
    """The schema of all refusals."""
    mistake = record(
        "What is wrong with one field.",
        {
            "field": text("Its name, dotted where it is within another; empty for the body as a whole."),
            "detail": text("A sentence for people."),
        },
    )
    fields: dict[str, Schema] = {
        "type": text("Always `about:blank`: the code says more.", const="about:blank"),
        "title": text("The words for the status."),
        "status": whole("The status of the answer.", 400, maximum=599),
        "code": word("What happened, for programs; it stays. " + _told(REFUSALS), REFUSALS),
        "detail": text("A sentence for people: what happened, and what to do."),
        "errors": many("With `invalid_input`: what is wrong where.", mistake),
    }
    return record("A refusal (RFC 9457).", fields, optional=("errors",))


class Group(NamedTuple):
    """Codes that come with the same status, and may all come at the same place."""

    status: int
    codes: tuple[str, ...]


def grouped(codes: Iterable[str]) -> list[Group]:
    """Codes, by their status, the lowest first."""
    found: dict[int, dict[str, None]] = {}
    for code in codes:
        found.setdefault(REFUSALS[code].status, {})[code] = None
    return [Group(status, tuple(found[status])) for status in sorted(found)]


def name_of(group: Group) -> str:
    """What a group is called among the responses: `NameTakenOrLimitReached`."""
    return "Or".join(code.title().replace("_", "") for code in group.codes)


def ref_of(group: Group) -> Schema:
    """The response to these refusals, by its name."""
    return {"$ref": f"#/components/responses/{name_of(group)}"}


def response(group: Group) -> Schema:
    """The response to these refusals."""
    status, codes = group
    fields: Schema = {"status": {"const": status}, "code": {"enum": list(codes)}}
    answer: Schema = {
        "description": f"{HTTPStatus(status).phrase}. {_told(codes)}",
        "content": {PROBLEM_TYPE: {"schema": {**ref("Problem"), "properties": fields}}},
    }
    if status in _HEADERS:
        name, meaning = _HEADERS[status]
        answer["headers"] = {name: {"description": meaning, "schema": {"type": "string"}}}
    return answer


def _told(codes: Iterable[str]) -> str:
    return " ".join(f"`{code}`: {REFUSALS[code].meaning}" for code in codes)
