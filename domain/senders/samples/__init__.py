"""Samples: events as every sender would send them, to try a webhook out. Data, and what is new each time."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from domain.senders.samples.atlassian import ATLASSIAN
from domain.senders.samples.blanks import ENTROPY_BYTES, Blanks
from domain.senders.samples.builds import BUILDS
from domain.senders.samples.chat import CHAT
from domain.senders.samples.git_hosts import GIT_HOSTS
from domain.senders.samples.imitation import MAX_EVENT_CHARS, closest, imitation
from domain.senders.samples.mail import MAIL
from domain.senders.samples.payments import PAYMENTS
from domain.senders.samples.platforms import PLATFORMS
from domain.senders.samples.sample import Sample
from domain.senders.samples.work import WORK

__all__ = ["ENTROPY_BYTES", "MAX_EVENT_CHARS", "SAMPLES", "Blanks", "Sample", "closest", "imitation"]

SAMPLES: Final[Mapping[str, tuple[Sample, ...]]] = MappingProxyType(
    {
        sender: samples
        for area in (GIT_HOSTS, ATLASSIAN, PAYMENTS, CHAT, MAIL, BUILDS, WORK, PLATFORMS)
        for sender, samples in area.items()
    }
)
"""The samples of every sender by its key; the first of each stands in for events we have no sample of."""
