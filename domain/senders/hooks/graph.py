"""Microsoft Graph's rich notifications: JSON Web Tokens beside the items, and a secret in each item.

Source: https://learn.microsoft.com/en-us/graph/change-notifications-with-resource-data#validating-the-authenticity-of-notifications

Doubts: the tokens do not cover the items; they say that Graph sends something to this app for these tenants.
What a stranger cannot have is the `clientState` of each item, so we ask for both. Tokens of version 2.0,
with `azp` in place of `appid`, are accepted though Microsoft's page shows version 1.0 only. National clouds
have other hosts and are refused. The encrypted content is passed on as it is: its key is the receiver's.
"""

from collections.abc import Iterator, Sequence
from typing import Final, cast

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import constant_time
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256

from domain.event import Rejection
from domain.senders.content import Content, parsed_json
from domain.senders.hooks.hook import Finding, Key
from domain.senders.hooks.jwt import Token, decoded, fault_of_dates, token_of
from domain.senders.site import Site

KEYS_URL: Final = "https://login.microsoftonline.com/common/discovery/keys"
"""`jwks_uri` of https://login.microsoftonline.com/common/.well-known/openid-configuration. Microsoft changes
the keys now and then, hence `wanted` of a finding on a key that is not there."""

_PUBLISHER: Final = "0bf30f3b-4a52-48df-9a82-234910c4a086"
"""The app "Microsoft Graph Change Tracking", which sends notifications."""

_MAX_TOKENS: Final = 32
_MAX_ITEMS: Final = 1000
_MAX_KEYS: Final = 100
_MIN_BYTES: Final = 256
_MAX_BYTES: Final = 1024
"""Of the modulus of a key: 2048 to 8192 bits."""

Item = dict[str, object]


class GraphRich:
    """Judges by Microsoft's keys, the parameter `app_id`, and the secrets as `clientState`."""

    needs_secret = True

    def carried(self, content: Content) -> bool:
        """Whether there are tokens, or content that must not come without."""
        items = _items(content) or []
        return "validationTokens" in _top(content) or any("encryptedContent" in item for item in items)

    def wanted(self, content: Content, site: Site, keys: Sequence[Key]) -> str | Rejection | None:
        """Microsoft's keys, once everything else has been found in order."""
        if not site.parameters.get("app_id"):
            return Rejection.MISSING_FIELD
        items, tokens = _items(content), _tokens(content)
        if not items or not tokens:
            return Rejection.MALFORMED_SIGNATURE
        if _index_of(items, keys) is None:
            return Rejection.WRONG_SIGNATURE
        if not all(_is_meant(token, site.parameters["app_id"]) for token in tokens):
            return Rejection.UNMET_CONDITION
        tenants = {token.claims["tid"] for token in tokens}
        return (
            KEYS_URL if all(item.get("tenantId") in tenants for item in items) else Rejection.UNMET_CONDITION
        )

    def judge(
        self, content: Content, site: Site, keys: Sequence[Key], document: bytes | None, received_at: int
    ) -> Finding:
        """Whether Microsoft signed every token, and each holds still."""
        del site
        index, tokens = _index_of(_items(content) or (), keys), _tokens(content)
        if index is None or not tokens:
            return Finding(Rejection.MALFORMED_SIGNATURE)
        known = dict(_public_keys(document or b""))
        for token in tokens:
            kid = token.header.get("kid")
            key = known.get(kid) if isinstance(kid, str) else None
            if key is None:
                return Finding(Rejection.UNKNOWN_CERTIFICATE, wanted=KEYS_URL)
            if not _is_signed(token, key):
                return Finding(Rejection.WRONG_SIGNATURE)
            if (fault := fault_of_dates(token.claims, received_at)) is not None:
                return Finding(fault)
        return Finding(secret_index=index)


def _top(content: Content) -> Item:
    return cast("Item", content.json) if isinstance(content.json, dict) else {}


def _items(content: Content) -> list[Item] | None:
    """The notifications; None when the body is not made like that, or has too many."""
    found = _top(content).get("value")
    if not isinstance(found, list):
        return None
    items = cast("list[object]", found)
    if len(items) > _MAX_ITEMS or not all(isinstance(item, dict) for item in items):
        return None
    return cast("list[Item]", items)


def _tokens(content: Content) -> list[Token] | None:
    """The tokens; None when one of them is none, or there are too many."""
    found = _top(content).get("validationTokens")
    if not isinstance(found, list):
        return None
    texts = cast("list[object]", found)
    if len(texts) > _MAX_TOKENS:
        return None
    made = [token_of(text.encode("ascii", "replace"), "RS256") for text in texts if isinstance(text, str)]
    tokens = [token for token in made if token is not None]
    return tokens if len(tokens) == len(texts) else None


def _index_of(items: Sequence[Item], keys: Sequence[Key]) -> int | None:
    """The first item's secret, if every item has one of ours: several subscriptions can share a request."""
    indexes = [_matching(item.get("clientState"), keys) for item in items]
    return None if None in indexes else next(iter(indexes), None)


def _matching(state: object, keys: Sequence[Key]) -> int | None:
    given = state.encode("utf-8", "surrogatepass") if isinstance(state, str) else b""
    return next((index for index, key in keys if constant_time.bytes_eq(given, key)), None)


def _is_meant(token: Token, app_id: str) -> bool:
    """Whether a token says that Graph got it, from Microsoft, for this app."""
    claims = token.claims
    tenant = claims.get("tid")
    issuers = (f"https://sts.windows.net/{tenant}/", f"https://login.microsoftonline.com/{tenant}/v2.0")
    publisher = claims.get("appid", claims.get("azp"))
    return (
        isinstance(tenant, str)
        and claims.get("iss") in issuers
        and claims.get("aud") == app_id
        and publisher == _PUBLISHER
    )


def _is_signed(token: Token, key: RSAPublicKey) -> bool:
    try:
        key.verify(token.signature, token.signed, padding.PKCS1v15(), SHA256())
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def _public_keys(document: bytes) -> Iterator[tuple[str, RSAPublicKey]]:
    """The keys of a key set (RFC 7517) that may sign, by their ids."""
    top = parsed_json(document)
    found = cast("Item", top).get("keys") if isinstance(top, dict) else None
    for each in cast("list[object]", found)[:_MAX_KEYS] if isinstance(found, list) else ():
        if not isinstance(each, dict):
            continue
        key = cast("Item", each)
        kid, made = key.get("kid"), _public_key(key)
        if isinstance(kid, str) and made is not None:
            yield kid, made


def _public_key(key: Item) -> RSAPublicKey | None:
    """A key of a key set (RFC 7518, section 6.3.1); None when it is not of the kind that we want."""
    modulus, exponent = key.get("n"), key.get("e")
    if key.get("kty") != "RSA" or key.get("use", "sig") != "sig":
        return None
    if not isinstance(modulus, str) or not isinstance(exponent, str):
        return None
    n, e = decoded(modulus), decoded(exponent)
    if n is None or e is None or not _MIN_BYTES <= len(n) <= _MAX_BYTES or len(e) > 4:  # noqa: PLR2004 - e is 65537
        return None
    try:
        return RSAPublicNumbers(int.from_bytes(e), int.from_bytes(n)).public_key()
    except ValueError:
        return None


GRAPH_RICH: Final = GraphRich()
