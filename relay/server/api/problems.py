"""Problems: every refusal of the control API in the form of RFC 9457, and the table that leads to them."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final

import structlog
from redis.exceptions import RedisError
from starlette.responses import JSONResponse

from domain.errors import (
    FleetError,
    InvalidInputError,
    NameTakenError,
    SealBrokenError,
    UnknownThingError,
)
from domain.secret import OnlySecretError, TooManySecretsError
from domain.vault import NothingHeldError
from relay.server.api.at_home import HasSecretsError, VerifiedAtHomeError
from relay.server.ingress_door import IngressUnreachableError
from store.answers import KeyReusedError, StillUnderWayError, TooManyKeysError
from store.events import NotSetAsideError
from store.owned import LimitReachedError
from store.repo_secrets import TooManyRepoSecretsError
from store.repos import RepoChangedError
from store.sign_in import TooManyLinksError
from store.webhook_change import WebhookChangedError
from store.webhooks import GitReceiverExistsError

RETRY_AFTER_S: Final = 5
"""When to come back while Redis is away."""

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class InvalidBodyError(InvalidInputError):
    """Several things are wrong with a body.

    Attributes:
        mistakes: names of fields ("" for the body as a whole) and a sentence about each.
    """

    def __init__(self, mistakes: Sequence[tuple[str, str]]) -> None:
        field, _ = mistakes[0]
        super().__init__(field, " ".join(sentence for _, sentence in mistakes))
        self.mistakes = tuple(mistakes)


class UnreadableBodyError(FleetError):
    """A body that was not read to its end: too large, or too slow."""

    def __init__(self, status: HTTPStatus, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.code = code


class NothingToRevealError(FleetError):
    """No secret of the webhook waits to be shown; `remedy` is a sentence on what to do if it is lost."""

    def __init__(self, remedy: str) -> None:
        super().__init__(
            "There is no secret to be shown: only one that came in the sender's handshake is, and only once."
            f" {remedy}"
        )


class OperatorOnlyError(FleetError):
    """What all gateways share is for those who run the server."""

    def __init__(self) -> None:
        super().__init__(
            "This is about the whole server, and so for the gateways of operators;"
            " 'fleet gateways operator NAME' on the server makes yours one."
        )


class DeliveryNotDeadError(FleetError):
    """Only what is dead can be retried or discarded."""

    def __init__(self, delivery: str, state: str) -> None:
        super().__init__(f"{delivery} is {state}, not dead; there is nothing to retry or discard.")


class NothingToRetryError(FleetError):
    """The body of a dead delivery is gone."""

    def __init__(self, delivery: str) -> None:
        super().__init__(
            f"The body of {delivery} is gone: its retention has ended. Let the sender send the event again."
        )


class BodyGoneError(FleetError):
    """The request of an event is not there any more."""

    def __init__(self, event: str) -> None:
        super().__init__(
            f"The body of {event} is gone: it is deleted as soon as an event is done. Let the sender send it"
            " again while 'fleet doctor signature NAME' waits for it."
        )


class ReceiverNameTakenError(FleetError):
    """The Git receiver cannot be made by itself: another webhook has its name."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Repos need a webhook for their Git hosts, and the name {name!r} is taken by another webhook."
            " Make it under a name of yours, then try again: 'fleet webhooks create NAME --sender git'."
        )


class Problem(JSONResponse):
    """A refusal: status, a stable code for programs, a sentence for people."""

    media_type = "application/problem+json"

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        detail: str,
        *,
        mistakes: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        content: dict[str, object] = {
            "type": "about:blank",
            "title": status.phrase,
            "status": status.value,
            "code": code,
            "detail": detail,
        }
        if mistakes:
            content["errors"] = [{"field": field, "detail": sentence} for field, sentence in mistakes]
        super().__init__(content, status.value, headers=headers)
        self.code = code


def unauthorized() -> Problem:
    """No token, a wrong one and a revoked one are answered alike."""
    return Problem(
        HTTPStatus.UNAUTHORIZED,
        "no_access",
        "Send the access token of a gateway as 'Authorization: Bearer fleet_...';"
        " 'fleet gateways create' on the server makes one.",
        headers={"www-authenticate": "Bearer"},
    )


def stopping() -> Problem:
    """No tunnel begins at a relay that is about to end."""
    return Problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "stopping",
        "This relay is stopping; connect again.",
        headers={"retry-after": "1"},
    )


def no_such_resource() -> Problem:
    """The path means nothing."""
    return Problem(HTTPStatus.NOT_FOUND, "no_such_resource", "The control API has nothing at this path.")


def method_not_allowed(allowed: Sequence[str]) -> Problem:
    """The path exists, the method does not."""
    return Problem(
        HTTPStatus.METHOD_NOT_ALLOWED,
        "method_not_allowed",
        f"This resource takes {', '.join(allowed)}.",
        headers={"allow": ", ".join(allowed)},
    )


def of_error(error: FleetError | RedisError) -> Problem:
    """The refusal that an error means."""
    for kind, (status, code) in _MEANINGS.items():
        if isinstance(error, kind):
            return Problem(status, code, str(error), mistakes=_mistakes(error))
    if isinstance(error, UnreadableBodyError):
        # What is left of the body is not read, so the connection cannot be used again.
        return Problem(error.status, error.code, str(error), headers={"connection": "close"})
    return _unavailable(error) if isinstance(error, RedisError) else _broken(error)


_MEANINGS: Final[Mapping[type[FleetError], tuple[HTTPStatus, str]]] = {
    InvalidInputError: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_input"),
    UnknownThingError: (HTTPStatus.NOT_FOUND, "not_found"),
    NameTakenError: (HTTPStatus.CONFLICT, "name_taken"),
    ReceiverNameTakenError: (HTTPStatus.CONFLICT, "name_taken"),
    OperatorOnlyError: (HTTPStatus.FORBIDDEN, "operator_only"),
    LimitReachedError: (HTTPStatus.CONFLICT, "limit_reached"),
    NotSetAsideError: (HTTPStatus.CONFLICT, "not_set_aside"),
    TooManySecretsError: (HTTPStatus.CONFLICT, "too_many_secrets"),
    OnlySecretError: (HTTPStatus.CONFLICT, "only_secret"),
    NothingToRevealError: (HTTPStatus.CONFLICT, "nothing_to_reveal"),
    VerifiedAtHomeError: (HTTPStatus.CONFLICT, "verified_at_home"),
    HasSecretsError: (HTTPStatus.CONFLICT, "has_secrets"),
    NothingHeldError: (HTTPStatus.CONFLICT, "nothing_held"),
    DeliveryNotDeadError: (HTTPStatus.CONFLICT, "not_dead"),
    NothingToRetryError: (HTTPStatus.CONFLICT, "body_gone"),
    BodyGoneError: (HTTPStatus.CONFLICT, "body_gone"),
    WebhookChangedError: (HTTPStatus.CONFLICT, "changed_meanwhile"),
    RepoChangedError: (HTTPStatus.CONFLICT, "changed_meanwhile"),
    GitReceiverExistsError: (HTTPStatus.CONFLICT, "git_receiver_exists"),
    TooManyRepoSecretsError: (HTTPStatus.CONFLICT, "limit_reached"),
    KeyReusedError: (HTTPStatus.UNPROCESSABLE_ENTITY, "idempotency_key_reused"),
    StillUnderWayError: (HTTPStatus.CONFLICT, "still_under_way"),
    TooManyLinksError: (HTTPStatus.CONFLICT, "too_many_links"),
    TooManyKeysError: (HTTPStatus.CONFLICT, "too_many_idempotency_keys"),
    IngressUnreachableError: (HTTPStatus.BAD_GATEWAY, "ingress_unreachable"),
}


def _mistakes(error: FleetError | RedisError) -> Sequence[tuple[str, str]]:
    match error:
        case InvalidBodyError():
            return error.mistakes
        case InvalidInputError():
            return [(error.field, str(error))]
        case _:
            return ()


def _unavailable(error: RedisError) -> Problem:
    _log.warning("redis_unavailable", error=type(error).__name__)
    return Problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "redis_unavailable",
        f"The gateway's Redis does not answer now; try again in {RETRY_AFTER_S} seconds.",
        headers={"retry-after": str(RETRY_AFTER_S)},
    )


def _broken(error: FleetError) -> Problem:
    _log.error("request_failed", error=type(error).__name__, detail=str(error))
    detail = "The gateway cannot answer this; its log says why."
    if isinstance(error, SealBrokenError):
        detail = "The gateway cannot read what it sealed; its operator finds the reason in the relay's log."
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "gateway_broken", detail)
