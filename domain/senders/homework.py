"""Homework: which senders can be verified on the private side alone, with no secret at the gateway."""

from domain.senders.handshake import Proof
from domain.senders.method import Token
from domain.senders.sender import Sender


def obstacle(sender: Sender) -> str:
    """Why the signatures of a sender cannot be left to the private side, in a sentence; "" when they can.

    Its first request, by which it checks the address, is answered by the gateway at once. Where that takes
    the secret, the gateway has to have it.
    """
    if not sender.schemes:
        return f"{sender.title} signs nothing, so there is nothing to be verified at home."
    if sender.is_keyless:
        return (
            f"{sender.title} signs with keys of its own and needs no secret of yours, so there is nothing to"
            " be kept from the gateway."
        )
    for each in sender.handshakes:
        if each.captures is not None:
            return f"{sender.title} tells its secret to the gateway when it checks the address ({each.name})."
        if each.proof is Proof.SIGNATURE:
            return (
                f"{sender.title} checks the address by a request ({each.name}) that only somebody with the"
                " secret can answer, and the gateway has to answer it at once."
            )
    return ""


def is_secret_sent(sender: Sender) -> bool:
    """Whether every request brings the secret itself, so that whoever passes it on sees it all the same."""
    return bool(sender.counting) and all(isinstance(each.method, Token) for each in sender.counting)
