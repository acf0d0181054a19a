"""What owners may send: models that say which field is wrong and what to do, in the words of the domain."""

from collections.abc import Callable, Mapping
from typing import Annotated, Final, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from domain.allowed import checked_entries
from domain.errors import InvalidInputError
from domain.expression.language import checked_expression
from domain.ids import Kind, is_id
from domain.secret import DEFAULT_GRACE_S, MAX_GRACE_S
from domain.senders import SENDERS
from domain.senders.likeness import likely
from domain.senders.samples import MAX_EVENT_CHARS
from domain.subscription import (
    DEFAULT_TIMEOUT_S,
    MAX_FILTERS,
    MAX_LINGER_S,
    MAX_TIMEOUT_S,
    checked_event_types,
)
from domain.webhook import GIT, MAX_DESCRIPTION_CHARS, MAX_HOURLY_LIMIT, VerifyAt, checked_name
from store.failures import MAX_CHANGES
from store.queues import MAX_SUSPENSION_S

MAX_WEBHOOKS: Final = 100
"""How many webhooks one subscription may listen to."""

MAX_FILTER_CHARS: Final = 200
"""More no name, event type, moment or cursor has."""

_MAX_PARAMETERS: Final = 30

T = TypeVar("T")


def _ruled(check: Callable[[T], T]) -> AfterValidator:
    """A rule of the domain as a validator of pydantic."""

    def validate(value: T) -> T:
        try:
            return check(value)
        except InvalidInputError as error:
            # The sentence is a value in the context: braces in it mean nothing.
            raise PydanticCustomError("rule", "{sentence}", {"sentence": str(error)}) from None

    return AfterValidator(validate)


def _name(kind: Kind) -> Callable[[str], str]:
    def check(name: str) -> str:
        if is_id(kind, name):
            raise InvalidInputError("name", f"{name!r} looks like an id; choose another name.")
        return checked_name("name", name)

    return check


def _description(text: str) -> str:
    if not text.isprintable():
        raise InvalidInputError("description", "A description is one line without control characters.")
    return text


def _sender(key: str) -> str:
    if key not in SENDERS:
        said = f"There is no sender {key[:64]!r}."
        raise InvalidInputError(
            "sender",
            " ".join(filter(None, [said, likely(key), "'fleet senders' shows all; any other is custom."])),
        )
    return key


def _new_sender(key: str) -> str:
    return key if key == GIT else _sender(key)


def _changed_sender(key: str) -> str:
    if key == GIT:
        raise InvalidInputError(
            "sender",
            "A webhook cannot become the one for Git; 'fleet webhooks create NAME --sender git' makes that.",
        )
    return _sender(key)


def _event_types(globs: tuple[str, ...]) -> tuple[str, ...]:
    if not all(glob.isprintable() for glob in globs):
        raise InvalidInputError("events", "An event filter has no control characters.")
    return checked_event_types(globs)


def _senders(keys: tuple[str, ...]) -> tuple[str, ...]:
    if len(keys) > MAX_FILTERS:
        raise InvalidInputError("senders", f"At most {MAX_FILTERS} senders are allowed.")
    return tuple(dict.fromkeys(map(_new_sender, keys)))


Sender = Annotated[str, _ruled(_sender)]
Description = Annotated[str, Field(max_length=MAX_DESCRIPTION_CHARS), _ruled(_description)]
HourlyLimit = Annotated[int, Field(ge=1, le=MAX_HOURLY_LIMIT)]
AllowIps = Annotated[tuple[str, ...], _ruled(checked_entries)]
# What they may be depends on the sender: see `domain.senders.tailored`.
Parameters = Annotated[Mapping[str, str | None], Field(max_length=_MAX_PARAMETERS, repr=False)]


Filtered = Annotated[str, Field(max_length=MAX_FILTER_CHARS)]
DeliveryId = Annotated[str, Field(max_length=100)]


class _Input(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True, frozen=True)


class NewWebhook(_Input):
    """A webhook to be made."""

    name: Annotated[str, _ruled(_name("whk"))]
    sender: Annotated[str, _ruled(_new_sender)] = "custom"
    description: Description = ""
    require_signature: bool = False
    hourly_limit: HourlyLimit | None = None
    https_only: bool = False
    allow_ips: AllowIps = ()
    verify: VerifyAt | None = None
    parameters: Parameters = {}
    hold_secret: bool = False


class WebhookChange(_Input):
    """What is to be different at a webhook; what is left out stays as it is."""

    description: Description | None = None
    paused: bool | None = None
    sender: Annotated[str, _ruled(_changed_sender)] | None = None
    require_signature: bool | None = None
    https_only: bool | None = None
    allow_ips: AllowIps | None = None
    hourly_limit: HourlyLimit | None = None
    verify: VerifyAt | None = None
    parameters: Parameters = {}


class NewSecret(_Input):
    """A signing secret, as the sender shows it."""

    secret: Annotated[str, Field(repr=False)]
    exact: bool = False


class Rotation(_Input):
    """A signing secret that takes the place of the others, at once or after a grace time; None: made here."""

    secret: Annotated[str | None, Field(repr=False)] = None
    grace_s: Annotated[int, Field(ge=0, le=MAX_GRACE_S)] = DEFAULT_GRACE_S
    exact: bool = False
    hold: bool = False


class NewSample(_Input):
    """A request to be made up as the webhook's sender would send it; or as a forger would."""

    event: Annotated[str, Field(min_length=1, max_length=MAX_EVENT_CHARS)]
    sender: Sender | None = None
    bad_signature: bool = False
    replay: bool = False
    trial_key: bool = False


class Pause(_Input):
    """For how long workers are to begin no jobs; None: until they are told to."""

    for_s: Annotated[int, Field(ge=1, le=MAX_SUSPENSION_S)] | None = None


class FailureFilter(_Input):
    """Which deliveries are meant; what is left out, or empty, leaves out none."""

    webhook: Filtered = ""
    subscription: Filtered = ""
    type: Filtered = ""
    since: Filtered = ""
    until: Filtered = ""


class BulkChange(_Input):
    """Dead deliveries to be retried or discarded: these, or some of those that a filter leaves."""

    deliveries: Annotated[tuple[DeliveryId, ...], Field(min_length=1, max_length=MAX_CHANGES)] | None = None
    filter: FailureFilter | None = None
    limit: Annotated[int, Field(ge=1, le=MAX_CHANGES)] = MAX_CHANGES
    cursor: Filtered | None = None
    until: Filtered | None = None


class NewTest(_Input):
    """An event to be sent to a webhook at once, as its sender would; None: one that is wanted."""

    event: Annotated[str, Field(min_length=1, max_length=MAX_EVENT_CHARS)] | None = None


class NewSubscription(_Input):
    """A subscription to be made; webhooks by name or id, an event type has to match one of the globs."""

    name: Annotated[str, _ruled(_name("sub"))]
    webhooks: Annotated[tuple[str, ...], Field(min_length=1, max_length=MAX_WEBHOOKS)]
    events: Annotated[tuple[str, ...], _ruled(_event_types)] = ()
    senders: Annotated[tuple[str, ...], _ruled(_senders)] = ()
    expression: Annotated[str, _ruled(checked_expression)] = ""
    timeout_s: Annotated[int, Field(ge=1, le=MAX_TIMEOUT_S)] = DEFAULT_TIMEOUT_S
    linger_s: Annotated[int, Field(ge=0, le=MAX_LINGER_S)] = 0
