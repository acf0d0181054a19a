"""Imitations for tests: the request of a sample, and a secret of the kind that its sender has."""

import os

from domain.event import Request
from domain.senders import Sender, Site, new_secret
from domain.senders.method import Ecdsa, Ed25519
from domain.senders.samples import Blanks, Sample, imitation
from domain.senders.scheme import Scheme
from domain.senders.trial import Trial, new_trial

NOW = 1_800_000_000_123
SITE = Site("https://hooks.example.org/t/V2hhdCBhcmUgeW91IGxvb2tpbmcgZm9y")


def request_of(sender: Sender, sample: Sample, at: int = NOW) -> Request:
    return imitation(sender, sample, sample.event, Blanks.at(at, os.urandom(16)), SITE)


def fresh(sender: Sender) -> Trial:
    """A secret that the sender could have, with the private key to it where it is a public one."""
    secret = Trial(new_secret(sender.secret, os.urandom(32)).encode())
    scheme = next(each for each in sender.counting if each.hook is None)
    if isinstance(scheme.method, (Ed25519, Ecdsa)):
        return new_trial(sender, example_key(scheme), os.urandom(32))
    return secret


def example_key(scheme: Scheme) -> bytes:
    """A public key as its owner stores it; nobody has the private one."""
    keys = {
        "discord-ed25519": b"3b" * 32,
        "sendgrid-ecdsa": b"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpV"
        b"KS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==",
    }
    return keys.get(scheme.id, b"whpk_" + b"A" * 43 + b"=")
