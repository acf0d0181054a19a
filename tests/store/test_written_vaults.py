"""The written form of a vault: read back as it was."""

import pytest

from domain.secret import SigningSecret
from domain.vault import Vault
from store import vaults

NOW = 1_700_000_000_000
SECRETS = (
    SigningSecret("sec_2", b"\xff any bytes", NOW),
    SigningSecret("sec_1", b"before", NOW - 9, NOW + 9, is_trial=True),
)
HELD = Vault(SECRETS, {"header": "x-own"}, "sec_1").holding()


@pytest.mark.parametrize("vault", [Vault(), Vault(SECRETS), HELD, HELD.pulled("digest", NOW)])
def test_a_vault_is_read_as_it_was_written(vault: Vault) -> None:
    assert vaults.read(vaults.written(vault)) == vault
