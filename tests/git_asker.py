"""Asking where a repository stands, as a poll does."""

import io
from dataclasses import dataclass

import paramiko
import pytest

from domain.git.address import read_address
from domain.git.repo import RepoSpec
from workers.git.credentials import Credentials
from workers.git.failure import PollFailedError
from workers.git.heads import Head, resolve
from workers.git.targets import Target
from workers.git.way import GitWay

LOOPBACK = frozenset({Target.LOOPBACK})


@dataclass
class Asker:
    """Asks where repositories stand."""

    way: GitWay
    timeout_s: float = 20.0

    def head(self, url: str, credentials: Credentials | None = None, **spec) -> Head:
        return resolve(read_address(url), RepoSpec(url, **spec), credentials, self.way, self.timeout_s)

    def commit(self, url: str, credentials: Credentials | None = None, **spec) -> str:
        return self.head(url, credentials, **spec).commit

    def failure(self, url: str, credentials: Credentials | None = None, **spec) -> PollFailedError:
        """Why it is not known."""
        with pytest.raises(PollFailedError) as failed:
            self.head(url, credentials, **spec)
        return failed.value


def written(key: paramiko.PKey, password: str | None = None) -> bytes:
    """A private key as its file has it."""
    file = io.StringIO()
    key.write_private_key(file, password)
    return file.getvalue().encode()


def holder(key: paramiko.PKey, known_hosts: str = "") -> Credentials:
    return Credentials("Secret infra/key", private_key=written(key), known_hosts=known_hosts)
