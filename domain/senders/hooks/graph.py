"""Microsoft Graph's rich notifications: JSON Web Tokens beside the items, and a secret in each item.

Source: https://learn.microsoft.com/en-us/graph/change-notifications-with-resource-data#validating-the-authenticity-of-notifications

Doubts: the tokens do not cover the items; they say that Graph sends something to this app for these tenants.
What a stranger cannot have is the `clientState` of each item, so we ask for both. Tokens of version 2.0,
with `azp` in place of `appid`, are accepted though Microsoft's page shows version 1.0 only. National clouds
have other hosts and are refused. The encrypted content is passed on as it is: its key is the receiver's.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, cast

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import constant_time
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256

from domain.event import Rejection
from domain.senders.content import Content, parsed_json
from domain.senders.hook import Rule, Wanted
from domain.senders.hooks.jwt import LEEWAY_S, Token, decoded, fault_of_dates, token_of

KEYS_URL: Final = "https://login.microsoftonline.com/common/discovery/keys"
"""`jwks_uri` of https://login.microsoftonline.com/common/.well-known/openid-configuration. Microsoft changes
the keys now and then, hence newer ones are wanted when a token names a key that is not there."""

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

    rule = Rule(
        "RSA-SHA256 and the secret itself",
        "Microsoft's keys, which are fetched, and the secret in each item",
        "a JSON Web Token for parameter `app_id` and the tenant of each item",
        f"until `exp` of the token, give or take {LEEWAY_S} s",
    )
    signs_url = False
    keyless = False

    def usable(self, secret: bytes) -> bool:
        """Whether there is a secret: any text may be one."""
        return bool(secret)

    def judge(
        self, content: Content, keys: Sequence[tuple[int, bytes]], received_at: int
    ) -> int | Wanted | Rejection | None:
        """Whether every item has a secret of ours, and Microsoft signed every token, which holds still."""
        app_id = content.site.parameters.get("app_id")
        if not app_id:
            return Rejection.MISSING_FIELD
        items, tokens = _items(content), _tokens(content)
        if not items or not tokens:
            return Rejection.MALFORMED_SIGNATURE
        index = _index_of(items, keys)
        if index is None:
            return Rejection.WRONG_SIGNATURE
        if not _are_meant(tokens, items, app_id):
            return Rejection.UNMET_CONDITION
        document = content.site.documents.get(KEYS_URL)
        if document is None:
            return Wanted(KEYS_URL)
        fault = _fault(tokens, dict(_public_keys(document)), received_at)
        return index if fault is None else fault


def _are_meant(tokens: Sequence[Token], items: Sequence[Item], app_id: str) -> bool:
    """Whether all tokens are for this app, and there is one for the tenant of each item."""
    if not all(_is_meant(token, app_id) for token in tokens):
        return False
    tenants = [token.claims["tid"] for token in tokens]
    return all(item.get("tenantId") in tenants for item in items)


def _fault(
    tokens: Sequence[Token], known: Mapping[str, RSAPublicKey], received_at: int
) -> Wanted | Rejection | None:
    for token in tokens:
        kid = token.header.get("kid")
        key = known.get(kid) if isinstance(kid, str) else None
        if key is None:
            return Wanted(KEYS_URL, Rejection.UNKNOWN_CERTIFICATE)
        if not _is_signed(token, key):
            return Rejection.WRONG_SIGNATURE
        if (fault := fault_of_dates(token.claims, received_at)) is not None:
            return fault
    return None


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


def _index_of(items: Sequence[Item], keys: Sequence[tuple[int, bytes]]) -> int | None:
    """The first item's secret, if every item has one of ours: several subscriptions can share a request."""
    indexes = [_matching(item.get("clientState"), keys) for item in items]
    return None if None in indexes else next(iter(indexes), None)


def _matching(state: object, keys: Sequence[tuple[int, bytes]]) -> int | None:
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
