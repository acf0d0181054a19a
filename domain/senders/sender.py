"""A sender: who calls us, described as data."""

from collections.abc import Callable
from dataclasses import dataclass, field

from domain.senders.content import Content
from domain.senders.handshake import Handshake
from domain.senders.hint import NO_MARKS, Hint
from domain.senders.scheme import Scheme
from domain.senders.secret_form import SecretForm
from domain.senders.source import JsonField, Source
from domain.webhook import VerifyAt


@dataclass(frozen=True, slots=True)
class Parameter:
    """A setting of a webhook that only some senders have.

    Attributes:
        name: what it is called in commands.
        meaning: one sentence for the owner.
        is_required: whether nothing can be verified without it.
        is_secret: whether it is never shown.
        choices: the values it may have; empty: any text.
    """

    name: str
    meaning: str
    is_required: bool = False
    is_secret: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Everything we know about one kind of sender.

    Attributes:
        key: its name in our settings and commands.
        title: its name for people.
        docs_url: where it documents its signatures; None when there is no such page.
        adding_url: where it documents how a webhook is added, if not there; None when we know no such page.
        secret: who makes the secret, and where it is found or has to go.
        schemes: how it signs. Strongest first: the first header that is there decides (see `verify`).
        event_type: where its label for an event stands; the first source with a usable value counts.
        event_id: where its own id of an event stands, likewise; empty when it has none.
        dedup: whether it sends an event again by itself, under the same id, so that a second one is a
            duplicate. False where the same id can mean that a person asked for the event again.
        items: the list in a body that brings several events at once.
        parameters: what else a webhook of this sender can be told.
        handshakes: the questions by which it checks our address.
        confirmation: the URL by which a request that was verified wants to be confirmed; "" when it names one
            that is not the sender's, None when it does not ask. It is called only where the parameter
            `confirm_subscriptions` is "true".
        hint: by what its requests are recognised.
        uncovered: one sentence on what its signature does not protect; "" when it protects all that counts.
        is_own: whether it is a program of the owner's, who can describe by parameters how it signs.
        doubt: one sentence on what could not be confirmed from its documents; "" when nothing is in doubt.
        verify_at: where signatures are checked unless the owner says otherwise.
    """

    key: str
    title: str
    docs_url: str | None
    secret: SecretForm
    schemes: tuple[Scheme, ...]
    event_type: tuple[Source, ...] = ()
    event_id: tuple[Source, ...] = ()
    dedup: bool = False
    items: JsonField | None = None
    parameters: tuple[Parameter, ...] = ()
    handshakes: tuple[Handshake, ...] = ()
    confirmation: Callable[[Content], str | None] | None = None
    hint: Hint = NO_MARKS
    uncovered: str = ""
    doubt: str = ""
    adding_url: str | None = None
    is_own: bool = False
    verify_at: VerifyAt = "workers"
    counting: tuple[Scheme, ...] = field(init=False, repr=False, compare=False)
    readers: tuple[tuple[Source, tuple[Scheme, ...]], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # The weak ones count only when the owner pins one; then it is the only scheme.
        strong = tuple(scheme for scheme in self.schemes if not scheme.is_weak)
        object.__setattr__(self, "counting", strong or self.schemes)
        # Sorted out once, not for each request: which schemes read a source, in the order of the sources.
        readers: dict[Source, tuple[Scheme, ...]] = {}
        for scheme in self.counting:
            source = scheme.signature.source
            readers[source] = (*readers.get(source, ()), scheme)
        object.__setattr__(self, "readers", tuple(readers.items()))

    @property
    def is_keyless(self) -> bool:
        """Whether its requests can be verified without a secret of the webhook."""
        return any(scheme.is_keyless for scheme in self.counting)

    def must_verify(self, *, is_required: bool, has_secret: bool) -> bool:
        """Whether a webhook takes verified requests only. Otherwise it is open: whatever comes is taken.

        Args:
            is_required: whether its owner demands signatures.
            has_secret: whether it has a secret, be it one that has ended: an end opens nothing.
        """
        return is_required or has_secret or self.is_keyless

    @property
    def signs_url(self) -> bool:
        """Whether the address that was called is part of what is signed."""
        return any(scheme.signs_url for scheme in self.counting)
