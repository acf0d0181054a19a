"""The form of a secret: who makes it, how it looks, and what an owner does with it."""

from base64 import b64encode, urlsafe_b64encode
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MIN_ENTROPY_BYTES: Final = 32
"""What a secret of ours is made of: nobody guesses 256 bits."""


class Look(StrEnum):
    """How a secret that we make looks."""

    HEX = "64 hex digits"
    WHSEC = "whsec_ and 32 bytes in base64"
    BASIC = "user:password"


@dataclass(frozen=True, slots=True)
class SecretForm:
    """The secret of a sender.

    Attributes:
        where: one sentence for the owner: where the secret is found, or where it has to go.
        issued: whether the sender makes it; otherwise we do.
        look: how one that we make looks.
        begins: how the secrets of the sender begin, as its own pages say; "" where they do not.
    """

    where: str
    issued: bool = False
    look: Look = Look.HEX
    begins: str = ""


def new_secret(form: SecretForm, entropy: bytes) -> str:
    """A strong secret as the sender wants it.

    Args:
        form: of the sender's secrets.
        entropy: random bytes, MIN_ENTROPY_BYTES of them.

    Raises:
        ValueError: there is too little entropy.
    """
    if len(entropy) < MIN_ENTROPY_BYTES:
        raise ValueError(f"A secret needs {MIN_ENTROPY_BYTES} random bytes.")
    if form.look is Look.WHSEC:
        return f"whsec_{b64encode(entropy).decode()}"
    if form.look is Look.BASIC:
        return f"fleet:{urlsafe_b64encode(entropy).rstrip(b'=').decode()}"
    return entropy.hex()
