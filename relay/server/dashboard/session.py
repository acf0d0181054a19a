"""Sessions: a sealed cookie that names the access token in whose name somebody is signed in.

Nothing of a session stands in Redis. The token is looked up anew at every request, so a session ends with
it: when it is revoked, renewed, or runs out.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives.constant_time import bytes_eq
from starlette.requests import HTTPConnection
from starlette.responses import Response

from domain.errors import SealBrokenError
from relay.server.access import caller
from relay.server.context import RelayContext

COOKIE: Final = "fleet_session"
PATH: Final = "/dashboard"
LIFE_S: Final = 12 * 3600
NONCE_BYTES: Final = 18

_MAX_COOKIE_CHARS: Final = 3000
_PLACE: Final = b"session"


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in.

    Attributes:
        token_hash: SHA-256 of the access token in whose name.
        nonce: what every form of ours bears, and no page of a stranger knows.
        ends_at: Unix ms.
    """

    token_hash: str
    nonce: str
    ends_at: int

    def bears(self, nonce: str) -> bool:
        """Whether a form is one that this session was shown; in constant time."""
        return bytes_eq(self.nonce.encode(), nonce.encode(errors="replace"))


def begun(context: RelayContext, token_hash: str) -> Session:
    """A new session."""
    nonce = urlsafe_b64encode(context.entropy(NONCE_BYTES)).decode()
    return Session(token_hash, nonce, context.clock_ms() + LIFE_S * 1000)


def session_of(connection: HTTPConnection) -> Session | None:
    """The session of a request, None when it has none that lasts. Whether its token opens is not asked."""
    context: RelayContext = connection.app.state.context
    found = unsealed(context, connection.cookies.get(COOKIE, ""), _PLACE)
    if found is None:
        return None
    session = Session(found["token_hash"], found["nonce"], found["ends_at"])
    return session if context.clock_ms() < session.ends_at else None


def keep(response: Response, connection: HTTPConnection, session: Session) -> None:
    """Let the browser keep a session."""
    context: RelayContext = connection.app.state.context
    facts = {"token_hash": session.token_hash, "nonce": session.nonce, "ends_at": session.ends_at}
    set_cookie(response, connection, COOKIE, sealed(context, facts, _PLACE), LIFE_S)


def forget(response: Response, connection: HTTPConnection) -> None:
    """Let the browser forget its session."""
    set_cookie(response, connection, COOKIE, "", 0)


def set_cookie(response: Response, connection: HTTPConnection, name: str, value: str, life_s: int) -> None:
    """A cookie that no script reads and no other site sends along; over https it never leaves that."""
    response.set_cookie(
        name,
        value,
        max_age=life_s,
        path=PATH,
        secure=caller(connection).is_secure,
        httponly=True,
        samesite="strict",
    )


def sealed(context: RelayContext, facts: dict[str, Any], place: bytes) -> str:
    """Facts that a browser keeps for us, and can neither read nor change."""
    raw = context.sealer.seal(json.dumps(facts, ensure_ascii=False).encode(), place, context.clock_ms())
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def unsealed(context: RelayContext, value: str, place: bytes) -> dict[str, Any] | None:
    """The facts in a value of `sealed`, None when it is none."""
    if not 0 < len(value) <= _MAX_COOKIE_CHARS:
        return None
    try:
        raw = urlsafe_b64decode(value + "=" * (-len(value) % 4))
        return json.loads(context.sealer.open(raw, place))
    except (ValueError, SealBrokenError):
        return None
