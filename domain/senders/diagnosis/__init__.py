"""Diagnosis: why a request is not verified, in words that help its owner."""

from domain.senders.diagnosis.case import Case, Neighbour
from domain.senders.diagnosis.diagnosing import diagnose
from domain.senders.diagnosis.finding import Cause, Finding, read_finding

__all__ = ["Case", "Cause", "Finding", "Neighbour", "diagnose", "read_finding"]
