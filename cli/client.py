"""The client of the control API: one question, one answer, and a sentence that helps when it goes wrong."""

import contextlib
import json
import ssl
from collections.abc import Mapping
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any, Final, NoReturn
from urllib.parse import quote, urlencode, urlsplit

from cli import logins
from cli.api_errors import ApiError, AwayError, RefusedError, TokenUnknownError
from cli.vault import open_vault
from config.settings import Settings
from domain.reach import is_loopback
from relay.connector.trust import distrust, trusting

PREFIX: Final = "/api/v1"
_TIMEOUT_S: Final = 30.0
_MAX_ANSWER_BYTES: Final = 64 * 1024 * 1024

# JSON; what stands in it is agreed with `relay.server.api.views`.
Json = dict[str, Any]


class _Answer(dict[str, Any]):
    """An answer, or a part of one: what it lacks is no mistake of ours."""

    def __missing__(self, name: str) -> NoReturn:
        raise ApiError(
            f"The relay gave an answer without {name!r}: it is none of ours, or of another release than this"
            " program; check FLEET_API_URL."
        )


class ControlApi:
    """Asks the control API of a relay.

    It goes to that address only: no proxy, and no redirect, ever gets the access token.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        insecure: bool = False,
        ca_file: Path | None = None,
        timeout_s: float = _TIMEOUT_S,
    ) -> None:
        """A client. That it may not send the token in the clear is its own rule: no command can forget it.

        Args:
            url: where the relay is.
            token: access token of a gateway.
            insecure: send the token over plain http:// to another machine.
            ca_file: PEM file of CAs to trust besides those of the system.
            timeout_s: seconds that each step of a question may take.

        Raises:
            ApiError: the token would travel in the clear.
        """
        keep_private(url, insecure=insecure)
        self._timeout_s = timeout_s
        self._url = url
        self._ca_file = ca_file
        self._token = token

    @property
    def url(self) -> str:
        """Where the relay is."""
        return self._url

    def ask(
        self,
        method: str,
        *path: str,
        body: Json | None = None,
        query: Mapping[str, str] | None = None,
        once: str | None = None,
    ) -> Json:
        """The answer to one question; {} when it is empty.

        Args:
            method: the HTTP method.
            path: its segments below the prefix, not yet quoted.
            body: what is sent along, as JSON.
            query: parameters behind the path.
            once: idempotency key; asked again under it, the answer is the same.

        Raises:
            ApiError: the relay was not reached, or it refused.
            CaFileError: the file of CAs cannot be used.
        """
        target = urlsplit(self._url).path + "/".join([PREFIX, *(quote(part, safe="") for part in path)])
        if query:
            target += f"?{urlencode(query)}"
        content = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        if once is not None:
            headers["Idempotency-Key"] = once
        connection = self._connection()
        try:
            # A server that refuses a body may hang up before it has all of it, and has answered then.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.request(method, target, content, headers)
            response = connection.getresponse()
            raw = response.read(_MAX_ANSWER_BYTES)
        except ssl.SSLCertVerificationError as error:
            raise ApiError(distrust(self._url, "FLEET_API_URL", error)) from None
        except ssl.SSLError:
            raise ApiError(f"{self._url} speaks no TLS, or not ours; check FLEET_API_URL.") from None
        except TimeoutError:
            raise AwayError(
                f"{self._url} did not answer within {self._timeout_s:g} seconds; try again."
            ) from None
        except ConnectionResetError:
            raise AwayError(self._hung_up()) from None
        except OSError:
            raise AwayError(
                f"Nothing answers at {self._url}; start it with 'fleet up' or set FLEET_API_URL."
            ) from None
        except HTTPException:
            raise self._no_relay() from None
        finally:
            connection.close()
        return self._read(response.status, raw)

    def _connection(self) -> HTTPConnection:
        parts = urlsplit(self._url)
        host = parts.hostname or ""
        if parts.scheme == "https":
            context = trusting(self._ca_file)
            return HTTPSConnection(host, parts.port, timeout=self._timeout_s, context=context)
        return HTTPConnection(host, parts.port, timeout=self._timeout_s)

    def _read(self, status: int, raw: bytes) -> Json:
        if status == HTTPStatus.NO_CONTENT:
            return {}
        try:
            answer = json.loads(raw, object_hook=_Answer)
        except (ValueError, RecursionError):
            raise self._no_relay() from None
        if not isinstance(answer, dict):
            raise self._no_relay()
        known: Json = answer  # pyright: ignore[reportUnknownVariableType]
        if status == HTTPStatus.UNAUTHORIZED:
            raise TokenUnknownError(
                f"{self._url} does not know this access token; it may be revoked."
                " 'fleet gateways create NAME' on the server makes a new one, and 'fleet login' keeps it."
            )
        if status >= HTTPStatus.MULTIPLE_CHOICES:
            if "detail" not in known:
                raise self._no_relay()
            if status == HTTPStatus.SERVICE_UNAVAILABLE:
                raise AwayError(str(known["detail"]))
            raise RefusedError(str(known["detail"]), str(known.get("code", "")))
        return known

    def _hung_up(self) -> str:
        sentence = f"{self._url} hung up without an answer"
        if self._url.startswith("http://"):
            return f"{sentence}; if it speaks TLS, FLEET_API_URL has to begin with https://."
        return f"{sentence}; try again."

    def _no_relay(self) -> ApiError:
        return ApiError(f"What answers at {self._url} is no Fleet Gateway relay; check FLEET_API_URL.")


def logged_in(settings: Settings) -> Settings:
    """The settings with the relay of the latest login as the address, when they name none.

    A login counts whole or not at all: a token from the environment or the state folder never goes to an
    address that somebody has logged in at with another one.

    Raises:
        VaultError: the file with the logins is damaged, or others can write to it.
    """
    if settings.token is not None or "api_url" in settings.model_fields_set:
        return settings
    current = logins.read(settings).current
    return settings if current is None else settings.model_copy(update={"api_url": current})


def control_api(settings: Settings, *, insecure: bool) -> ControlApi:
    """The control API that the settings, or the latest login, point to.

    Raises:
        ApiError: there is no token, or it would travel in the clear.
        VaultError: the token is in the vault, which cannot be read.
    """
    settings = logged_in(settings)
    token = access_token(settings, insecure=insecure)
    return ControlApi(settings.api_url, token, insecure=insecure, ca_file=settings.ca_file)


def has_token(settings: Settings) -> bool:
    """Whether there is an access token for the address in the settings.

    Raises:
        VaultError: the file with the logins is damaged, or others can write to it.
    """
    return settings.token is not None or settings.api_url in logins.read(settings).relays


def access_token(settings: Settings, *, insecure: bool) -> str:
    """The access token for the address in the settings, see `logged_in`, when it may be sent there.

    Raises:
        ApiError: there is no token, or it would travel in the clear.
        VaultError: the token is in the vault, which cannot be read.
    """
    keep_private(settings.api_url, insecure=insecure)
    if settings.token is not None:
        return settings.token.get_secret_value()
    if has_token(settings):
        return _token_in_vault(settings)
    raise ApiError(
        f"There is no access token for {settings.api_url}. 'fleet login' keeps one in this machine's vault;"
        f" FLEET_TOKEN or the file {settings.secrets_dir / 'token'} can hold one, too."
        " On the server, 'fleet up' makes it: wait until it says that it is up."
        " 'fleet gateways create NAME' there makes another gateway with one."
    )


def _token_in_vault(settings: Settings) -> str:
    vault = open_vault(settings)
    token = vault.get(logins.token_name(settings.api_url))
    if token is None:
        raise ApiError(
            f"There was a login at {settings.api_url}, but its access token is not in {vault.place};"
            f" 'fleet login {settings.api_url}' puts it there."
        )
    return token


def keep_private(url: str, *, insecure: bool) -> None:
    """Let no token go to an address that is neither on this machine nor has TLS.

    Raises:
        ApiError: it would, and nobody said that it may.
    """
    if not insecure and not is_private(url):
        raise ApiError(
            f"{url} is on another machine and has no TLS, so the access token could be read on"
            " the way; use https://, or --insecure if the network is yours alone."
        )


def is_private(url: str) -> bool:
    """Whether nobody on the way can read what is sent to a URL: it has TLS, or stays on this machine."""
    parts = urlsplit(url)
    return parts.scheme in {"https", "wss"} or is_loopback(parts.hostname or "")
