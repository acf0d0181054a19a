"""Jira's Connect apps: a JSON Web Token in the header Authorization, bound to method, path and query.

Sources: https://developer.atlassian.com/cloud/jira/platform/understanding-jwt-for-connect-apps/ and, for the
canonical request, Atlassian's own libraries (atlassian-jwt-js, com.atlassian.jwt.JwtConstants).

Doubts: the token does not cover the body. The calls that install and remove an app are signed in another way
(RS256, with a key of Atlassian's) and are refused. The values of a repeated parameter are sorted encoded, as
Atlassian's text says; its JavaScript library sorts them first.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import quote, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, hmac

from domain.event import Rejection
from domain.senders.content import Content
from domain.senders.hook import Rule, Wanted
from domain.senders.hooks.jwt import LEEWAY_S, Token, fault_of_dates, token_of
from domain.senders.source import Header

AUTHORIZATION: Final = Header("Authorization")
_PREFIX: Final = re.compile(rb"JWT +", re.IGNORECASE)  # a scheme's name is read in any case (RFC 9110, 11.1)
_UNRESERVED: Final = "-._~"


class JiraConnect:
    """Judges by the shared secret that Jira gave the app when it was installed."""

    rule = Rule(
        "HMAC-SHA256",
        "the secret as it is",
        "a JSON Web Token with the hash of method, path and query",
        f"from `iat` to `exp` of the token, give or take {LEEWAY_S} s",
    )
    signs_url = True
    keyless = False

    def usable(self, secret: bytes) -> bool:
        """Whether there is a secret: any text may be one."""
        return bool(secret)

    def judge(
        self, content: Content, keys: Sequence[tuple[int, bytes]], received_at: int
    ) -> int | Wanted | Rejection | None:
        """Whether a secret signed the token, it is for this request, and it holds still."""
        token = _token(content)
        if token is None:
            return Rejection.MALFORMED_SIGNATURE
        index = next((index for index, key in keys if _is_signed(token, key)), None)
        if index is None:
            return Rejection.WRONG_SIGNATURE
        fault = _fault(token, content, received_at)
        return index if fault is None else fault


def _token(content: Content) -> Token | None:
    values = AUTHORIZATION.values(content)
    found = _PREFIX.match(values[0]) if len(values) == 1 else None
    return None if found is None else token_of(values[0][found.end() :], "HS256")


def _is_signed(token: Token, key: bytes) -> bool:
    mac = hmac.HMAC(key, hashes.SHA256())
    mac.update(token.signed)
    try:
        mac.verify(token.signature)
    except InvalidSignature:
        return False
    return True


def _fault(token: Token, content: Content, received_at: int) -> Rejection | None:
    """Why a token that is signed does not fit."""
    claimed = token.claims.get("qsh")
    if not isinstance(claimed, str) or "iat" not in token.claims:
        return Rejection.MISSING_FIELD
    if claimed not in query_hashes(content):
        return Rejection.WRONG_SIGNATURE
    return fault_of_dates(token.claims, received_at)


def query_hashes(content: Content) -> list[str]:
    """The hashes that may stand in the claim `qsh` for a request, in hex; none when its query is unreadable.

    Two, because the path counts from the base URL of the app, and that may or may not hold our address.
    """
    request = content.request
    if content.query is None:
        return []
    path = request.path.decode("ascii", "replace")
    paths = dict.fromkeys((path, urlsplit(content.site.url).path + path))
    query = "&".join(_parameters(content.query))
    texts = [f"{request.method.upper()}&{_canonical(each)}&{query}" for each in paths]
    return [hashlib.sha256(text.encode()).hexdigest() for text in texts]


def _canonical(path: str) -> str:
    return (path.removesuffix("/") or "/").replace("&", "%26")


def _parameters(fields: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Each parameter once, its values joined by commas, in the order of the encoded names."""
    values: dict[str, list[str]] = {}
    for name, value in fields:
        if name != "jwt":
            values.setdefault(quote(name, safe=_UNRESERVED), []).append(quote(value, safe=_UNRESERVED))
    for name in sorted(values):
        yield f"{name}={','.join(sorted(values[name]))}"


JIRA_CONNECT: Final = JiraConnect()
