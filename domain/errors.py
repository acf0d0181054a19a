"""Everything that can go wrong on purpose. Errors carry facts; the doors map them to HTTP statuses."""


class FleetError(Exception):
    """The base of every error we raise ourselves. Its text is a sentence for the owner, free of payload."""


class InvalidInputError(FleetError):
    """A value from outside breaks a rule; `field` names it."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


class UnknownThingError(FleetError):
    """Nothing of that kind and id belongs to this gateway. Foreign things are unknown things."""

    def __init__(self, kind: str, name: str, within: str = "in this gateway") -> None:
        super().__init__(f"There is no {kind} {name!r} {within}.")
        self.kind = kind
        self.name = name


class NameTakenError(FleetError):
    """The gateway already has a thing of that kind with that name."""

    def __init__(self, kind: str, name: str) -> None:
        # Gateways stay for ever; what a revoked one lacks is a token.
        hint = f"renew it with 'fleet gateways renew {name}'" if kind == "gateway" else "delete it first"
        super().__init__(f"A {kind} named {name!r} exists already; choose another name or {hint}.")
        self.kind = kind
        self.name = name


class SealBrokenError(FleetError):
    """A sealed value cannot be opened: it was altered, moved to another place, or its key is gone."""


class KeyNotInRingError(SealBrokenError):
    """The value may be whole: its key is not here. Another process may have it."""


class RedisUnsuitableError(FleetError):
    """This Redis would lose what it was given; we refuse to start on it."""


class OverloadedError(FleetError):
    """We cannot keep another event now; the sender is asked to come again after `retry_after` seconds."""

    def __init__(self, sentence: str, retry_after: int) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after
