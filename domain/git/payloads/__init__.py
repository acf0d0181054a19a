"""Payloads: what each kind of Git host says of a push, one module a family, read into the same few words."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from domain.git.payloads.azure import AZURE
from domain.git.payloads.bitbucket import BITBUCKET
from domain.git.payloads.bitbucket_server import BITBUCKET_SERVER
from domain.git.payloads.github import GITEA, GITHUB, GOGS
from domain.git.payloads.gitlab import GITLAB
from domain.git.payloads.shape import Shape
from domain.git.provider import Provider

SHAPES: Final[Mapping[Provider, Shape]] = MappingProxyType(
    {
        Provider.GITHUB: GITHUB,
        Provider.GOGS: GOGS,
        Provider.GITEA: GITEA,
        Provider.GITLAB: GITLAB,
        Provider.BITBUCKET: BITBUCKET,
        Provider.BITBUCKET_SERVER: BITBUCKET_SERVER,
        Provider.AZURE: AZURE,
    }
)

__all__ = ["SHAPES", "Shape"]
