"""Keys: how the secret that an owner stores becomes the key that signs.

The looks of a secret say little: the whole of Stripe's "whsec_..." is the key, while of Svix' it is what the
part after the prefix stands for in base64.
"""

from dataclasses import dataclass
from html import unescape
from typing import Final

from domain.senders.encoding import Encoding, decode


@dataclass(frozen=True, slots=True)
class TextKey:
    """The secret itself, byte for byte.

    Attributes:
        unescaped: with the HTML entities in it replaced, as WooCommerce stores what was typed.
    """

    unescaped: bool = False

    def read(self, secret: bytes) -> bytes | None:
        """The key, None when the secret can be none."""
        if not self.unescaped:
            return secret or None
        try:
            return unescape(str(secret, "utf-8")).encode() or None
        except UnicodeDecodeError:
            return None


@dataclass(frozen=True, slots=True)
class Base64Key:
    """What the secret stands for in base64, with or without padding.

    Attributes:
        prefix: may stand before it, and is no part of it.
        demands_prefix: whether a secret without the prefix is no key of this kind.
        bare_is_text: whether a secret without the prefix is the key itself.
    """

    prefix: bytes = b""
    demands_prefix: bool = False
    bare_is_text: bool = False

    def read(self, secret: bytes) -> bytes | None:
        """The key, None when the secret can be none."""
        if not secret.startswith(self.prefix):
            if self.demands_prefix:
                return None
            if self.bare_is_text:
                return secret or None
        text = secret.removeprefix(self.prefix).rstrip(b"=")
        return decode(Encoding.BASE64, text + b"=" * (-len(text) % 4)) or None


@dataclass(frozen=True, slots=True)
class HexKey:
    """What the secret stands for in hex."""

    def read(self, secret: bytes) -> bytes | None:
        """The key, None when the secret can be none."""
        return decode(Encoding.HEX, secret) or None


KeyForm = TextKey | Base64Key | HexKey

TEXT_KEY: Final = TextKey()
