"""Whether a service in this container is well: `python -m cli.health NAME`, for container health checks.

Asked every few seconds, so doors are asked with the standard library alone: loading the command line would
cost more than all the rest.
"""

import http.client
import importlib
import os
import ssl
import sys
from typing import Final

_TIMEOUT_S: Final = 4.0
_PORTS: Final = {"ingress": 8080, "relay": 8081}


def is_well(name: str) -> bool:
    """Whether a service is ready to work.

    Args:
        name: `ingress`, `relay`, `events` or `deliveries` (a worker of that queue), `sweeper`.
    """
    if name in _PORTS:
        return _door_answers(name)
    presence = importlib.import_module("cli.presence")
    return presence.is_here(name)


def _door_answers(name: str) -> bool:
    port = int(os.environ.get(f"FLEET_{name.upper()}_PORT") or _PORTS[name])
    connection = _connection(name, port)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _connection(name: str, port: int) -> http.client.HTTPConnection:
    if not os.environ.get(f"FLEET_{name.upper()}_TLS_CERT"):
        return http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_S)
    context = ssl.create_default_context()
    # We ask ourselves, under an address that no certificate names.
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection("127.0.0.1", port, timeout=_TIMEOUT_S, context=context)


if __name__ == "__main__":
    sys.exit(0 if is_well(sys.argv[1]) else 1)
