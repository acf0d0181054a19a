"""The settings themselves, by the part of the gateway that reads them.

A class is a section of the reference page: its docstring is the heading and what stands below it. A field is
a setting: its name, bounds and description (which says the unit) are all there is to know; `config.reference`
renders them.
"""

from pydantic_settings import BaseSettings

from config.sections.doors import Ingress, Relay
from config.sections.general import General
from config.sections.private_side import Connector, Vault
from config.sections.tenants import Gateways
from config.sections.upkeep import EmbeddedRedis, Watching
from config.sections.work import Git, Workers

__all__ = [
    "SECTIONS",
    "Connector",
    "EmbeddedRedis",
    "Gateways",
    "General",
    "Git",
    "Ingress",
    "Relay",
    "Vault",
    "Watching",
    "Workers",
]

SECTIONS: tuple[type[BaseSettings], ...] = (
    General,
    Ingress,
    Workers,
    Git,
    Gateways,
    Relay,
    Connector,
    Vault,
    Watching,
    EmbeddedRedis,
)
"""In the order of the reference page. A default may be derived from settings further up only."""
