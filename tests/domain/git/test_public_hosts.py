"""Which provider a well-known host is of, whatever way its address is written."""

import pytest

from domain.git.provider import Provider
from domain.git.public_hosts import provider_of


@pytest.mark.parametrize(
    ("url", "provider"),
    [
        ("https://github.com/o/r", Provider.GITHUB),
        ("https://token@GitHub.com/o/r.git", Provider.GITHUB),
        ("git@github.com:o/r.git", Provider.GITHUB),
        ("ssh://git@ssh.github.com:443/o/r", Provider.GITHUB),
        ("https://gitlab.com/o/group/r", Provider.GITLAB),
        ("git@altssh.bitbucket.org:o/r", Provider.BITBUCKET),
        ("https://o.visualstudio.com/p/_git/r", Provider.AZURE),
        ("git@ssh.dev.azure.com:v3/o/p/r", Provider.AZURE),
        ("https://codeberg.org/o/r", Provider.GITEA),
        ("https://git.example/o/r", None),
        ("https://github.com.evil.example/o/r", None),
        ("https://evil.example/github.com/r", None),
        ("file:///github.com/r", None),
        ("nonsense", None),
    ],
)
def test_a_host_is_known_by_its_name_alone(url: str, provider: Provider | None) -> None:
    assert provider_of(url) is provider
