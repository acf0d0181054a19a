"""The catalogue: every sender we know, as data, each from its own documentation."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from domain.senders.catalogue.builders import BUILDERS
from domain.senders.catalogue.certified import CERTIFIED
from domain.senders.catalogue.chat import CHAT
from domain.senders.catalogue.clouds import CLOUDS
from domain.senders.catalogue.custom import CUSTOM
from domain.senders.catalogue.git_hosts import GIT_HOSTS
from domain.senders.catalogue.mail import MAIL
from domain.senders.catalogue.payments import PAYMENTS
from domain.senders.catalogue.standard import STANDARD
from domain.senders.catalogue.work import WORK
from domain.senders.sender import Sender

SENDERS: Final[Mapping[str, Sender]] = MappingProxyType(
    {
        sender.key: sender
        for sender in (
            *GIT_HOSTS,
            *PAYMENTS,
            *CHAT,
            *MAIL,
            *BUILDERS,
            *WORK,
            *CLOUDS,
            *CERTIFIED,
            *STANDARD,
            CUSTOM,
        )
    }
)
"""Every sender by its key."""
