"""Whether a service is well: `python -m cli.health NAME`, for the health checks of containers.

Asked every few seconds, so doors are asked with the standard library alone: loading the command line would
cost more than all the rest.
"""

import http.client
import importlib
import os
import ssl
import sys
from typing import Final

_TIMEOUT_S: Final = 2.0
_REACHABLE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - asked, not bound
_PORTS: Final = {"ingress": 8080, "relay": 8081}


def is_well(name: str) -> bool:
    """Whether a service is ready to work.

    Args:
        name: `ingress`, `relay`, `events`, `deliveries` or `git` (a worker of that queue), `sweeper`,
            `connector`, `canary`.
    """
    if name not in _PORTS and (metrics := os.environ.get("FLEET_METRICS_PORT")):
        host = os.environ.get("FLEET_METRICS_HOST") or "127.0.0.1"
        return door_is_ready(host, int(metrics), tls=False)
    if name in _PORTS:
        port = int(os.environ.get(f"FLEET_{name.upper()}_PORT") or _PORTS[name])
        return door_is_ready("127.0.0.1", port, tls=bool(os.environ.get(f"FLEET_{name.upper()}_TLS_CERT")))
    presence = importlib.import_module("cli.presence")
    return presence.is_here(name)


def door_is_ready(host: str, port: int, *, tls: bool) -> bool:
    """Whether a door of this machine says that it is ready.

    Args:
        host: address that it listens on.
        port: TCP port.
        tls: whether it speaks TLS.
    """
    connection = _connection(_REACHABLE.get(host, host), port, tls=tls)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _connection(host: str, port: int, *, tls: bool) -> http.client.HTTPConnection:
    if not tls:
        return http.client.HTTPConnection(host, port, timeout=_TIMEOUT_S)
    # We ask ourselves whether we are there, over loopback, and tell nothing. The certificate is in the name
    # that others use, and its CA may be unknown here.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection(host, port, timeout=_TIMEOUT_S, context=context)


if __name__ == "__main__":
    sys.exit(0 if is_well(sys.argv[1]) else 1)
