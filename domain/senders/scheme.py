"""A scheme: a sender's signing rule, as data."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from domain.event import Rejection
from domain.senders.condition import Condition
from domain.senders.content import Content
from domain.senders.encoding import Encoding, decode
from domain.senders.hook import Hook
from domain.senders.key import TEXT_KEY, KeyForm
from domain.senders.label import label
from domain.senders.method import HMAC_SHA256, Method
from domain.senders.places import PLACES
from domain.senders.source import OPTIONAL_WHITESPACE, HeaderFamily, Source
from domain.senders.template import BODY, NOTHING, SECRET, TIMESTAMP, Matter, Template
from domain.senders.timestamp import Timestamp

MAX_ENTRIES: Final = 32
"""So many entries of a signature header are looked at. A rolled secret needs two; more only costs us time."""

MAX_VARIABLE_CHARS: Final = 500


@dataclass(frozen=True, slots=True)
class Signature:
    """Where a signature stands, and how what stands there is taken apart.

    Attributes:
        source: where. A source that may have several values tells `every` or is a family of headers.
        encoding: in which a signature is written.
        prefix: what stands before it. Entries that begin otherwise belong to somebody else, which is also
            how the right names are taken out of a list like "t=1,v1=aa,v0=bb".
        prefix_optional: whether a signature without the prefix counts.
        prefix_in_any_case: whether the prefix may be written in small or capital letters.
        separator: what stands between several entries; None: the value is one entry.
        every: whether each of the values has to be right (each item of a batch brings the token). Otherwise
            one suffices: a sender that rolls its secret signs with both.
    """

    source: Source
    encoding: Encoding = Encoding.HEX
    prefix: bytes = b""
    prefix_optional: bool = False
    prefix_in_any_case: bool = False
    separator: bytes | None = None
    every: bool = False

    @property
    def may_repeat(self) -> bool:
        """Whether several values are no contradiction."""
        return self.every or isinstance(self.source, HeaderFamily)

    def entries(self, values: Sequence[bytes]) -> list[bytes]:
        """The entries of the values, at most MAX_ENTRIES; none when the values contradict each other."""
        if len(values) > 1:
            distinct = list(dict.fromkeys(values)) if self.may_repeat else []
            return distinct if len(distinct) <= MAX_ENTRIES else []
        if self.separator is None:
            return list(values)
        pieces = values[0].split(self.separator, MAX_ENTRIES)[:MAX_ENTRIES]
        return [piece.strip(OPTIONAL_WHITESPACE) for piece in pieces]

    def candidates(self, entries: Sequence[bytes], size: int | None) -> list[bytes]:
        """The signatures of this scheme among the entries: decoded, and of the right size in bytes."""
        fitting: list[bytes] = []
        for entry in entries:
            one = self._decoded(entry)
            if one and (size is None or len(one) == size):
                fitting.append(one)
        # Where each value has to be right, one that cannot be read is one that is wrong.
        return [] if self.every and len(fitting) < len(entries) else fitting

    def _decoded(self, entry: bytes) -> bytes | None:
        start, rest = entry[: len(self.prefix)], entry[len(self.prefix) :]
        if start == self.prefix or (self.prefix_in_any_case and start.lower() == self.prefix.lower()):
            return decode(self.encoding, rest)
        return decode(self.encoding, entry) if self.prefix_optional else None


@dataclass(frozen=True, slots=True)
class Scheme:
    """A signing rule.

    Attributes:
        id: its name, shown in verdicts.
        signature: where the signature is, and in which form.
        signed: the text that is signed; or the texts, where a sender is not consistent: any may be meant.
        method: how it is signed.
        key: what the stored secret says of the key.
        timestamp: the moment of signing, if the sender tells it.
        variables: other values that are signed, by their names in the text. None may contain `splitter`.
        splitter: what stands between such values in the text; with it in a value the text could be read in
            two ways.
        conditions: what must be true of the request.
        applies: a request for which this is not true is none of this scheme's business.
        is_weak: it counts only when the owner pins it.
        hook: judges instead of the engine.

    Raises:
        ValueError: the signed text has a place that nothing fills.
    """

    id: str
    signature: Signature
    signed: Template | tuple[Template, ...] = ()
    method: Method = HMAC_SHA256
    key: KeyForm = TEXT_KEY
    timestamp: Timestamp | None = None
    variables: tuple[tuple[str, Source], ...] = ()
    splitter: bytes = b""
    conditions: tuple[Condition, ...] = ()
    applies: Condition | None = None
    is_weak: bool = False
    hook: Hook | None = None
    texts: tuple[Template, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        texts = (self.signed,) if isinstance(self.signed, Template) else self.signed or (NOTHING,)
        object.__setattr__(self, "texts", texts)
        known = {BODY, SECRET, *PLACES, *(name for name, _ in self.variables)}
        if self.timestamp is not None:
            known.add(TIMESTAMP)
        for text in texts:
            if unknown := sorted(text.names - known):
                raise ValueError(f"Scheme {self.id} signs {{{unknown[0]}}}; say where it stands.")

    @property
    def is_keyless(self) -> bool:
        """Whether it needs no secret of the webhook."""
        return self.hook is not None and self.hook.keyless

    def parts(self, matter: Matter, key: bytes) -> Iterator[Sequence[bytes]]:
        """Each of the texts that may have been signed, in parts; one without parts where none is signed."""
        for text in self.texts:
            parts = text.parts(matter, key)
            if parts is not None:
                yield parts

    @property
    def signs_url(self) -> bool:
        """Whether the address that was called is part of what is signed."""
        if self.hook is not None:
            return self.hook.signs_url
        return any(name.startswith("url") for text in self.texts for name in text.names)

    @property
    def covers_body(self) -> bool:
        """Whether the signature changes with the body."""
        bodies = {BODY, "payload", "form_sorted", "body_box_escaped"}
        return any(text.names & bodies for text in self.texts)

    def matter(self, content: Content, entries: Sequence[bytes]) -> Matter | Rejection:
        """What the signed text is filled with, or why this request cannot have been signed like this.

        Args:
            content: the request.
            entries: the entries of its signature.
        """
        timestamp = b"" if self.timestamp is None else self.timestamp.read(content, entries)
        if isinstance(timestamp, Rejection):
            return timestamp
        for condition in self.conditions:
            if not condition.holds(content):
                return Rejection.UNMET_CONDITION
        if not self.variables:
            return Matter(content, timestamp)
        found: dict[str, bytes] = {}
        for name, source in self.variables:
            text = label(source.values(content), MAX_VARIABLE_CHARS)
            if text is None or (self.splitter and self.splitter in text.encode()):
                return Rejection.MISSING_FIELD
            found[name] = text.encode()
        return Matter(content, timestamp, found)
