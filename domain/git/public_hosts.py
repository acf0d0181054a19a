"""Public hosts: of which provider the well-known ones are. So an owner hears which key a Secret needs."""

from typing import Final

from domain.git.address import repo_key
from domain.git.provider import Provider

_HOSTS: Final = {
    "github.com": Provider.GITHUB,
    "gitlab.com": Provider.GITLAB,
    "bitbucket.org": Provider.BITBUCKET,
    "dev.azure.com": Provider.AZURE,
    "codeberg.org": Provider.GITEA,
    "gitea.com": Provider.GITEA,
}


def provider_of(url: str) -> Provider | None:
    """Who will announce the pushes of a repo, as far as its address tells; None for anybody's own server."""
    host = (repo_key(url) or "").partition("/")[0]
    return _HOSTS.get(host)
