"""Keyrings as `keyring` knows them, in memory: one that works, and ones that do not."""

from threading import Event

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError


class MemoryRing(KeyringBackend):
    """A keyring that works."""

    priority = 1  # pyright: ignore[reportAssignmentType]

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.entries.pop((service, username), None) is None:
            raise PasswordDeleteError("not there")


class LockedRing(MemoryRing):
    """Its owner has dismissed the question for its password."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked(f"{service} of {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked(f"{service} of {username}: {password}")


class BrokenRing(MemoryRing):
    """Fails with an error of its own, whose text tells everything."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise ConnectionError(f"{service} {username} {password}")


class ShortRing(MemoryRing):
    """Cuts what is too long for it."""

    def set_password(self, service: str, username: str, password: str) -> None:
        super().set_password(service, username, password[:16])


class SilentRing(MemoryRing):
    """Asks its owner, who is not there."""

    def __init__(self) -> None:
        super().__init__()
        self.answered = Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.answered.wait()
        return super().get_password(service, username)
