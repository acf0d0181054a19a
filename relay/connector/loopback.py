"""localhost: this machine by both of its loopback addresses, whatever a resolver says.

Programs listen on one of the two, often without knowing which: Node.js takes the first that its resolver
names. Asked as aiohttp asks, a resolver leaves ::1 out on a machine without a way to the IPv6 internet
(AI_ADDRCONFIG, RFC 3493, section 6.1). That the name stays on this machine is RFC 6761, section 6.3.
"""

import socket
from functools import cache
from typing import Final

from aiohttp.abc import ResolveResult
from aiohttp.resolver import ThreadedResolver

LOCALHOST: Final = "localhost"
_FAMILIES: Final = {"127.0.0.1": socket.AF_INET, "::1": socket.AF_INET6}


@cache
def addresses() -> tuple[str, ...]:
    """The loopback addresses that this machine has; containers often have no ::1."""
    return tuple(address for address, family in _FAMILIES.items() if _is_ours(address, family))


def _is_ours(address: str, family: socket.AddressFamily) -> bool:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as trial:
            trial.bind((address, 0))
    except OSError:
        return False
    return True


class LoopbackResolver(ThreadedResolver):
    """Knows localhost by itself and asks the system for everything else."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a host. Those of localhost are tried one after the other.

        Raises:
            OSError: it has none.
        """
        if host != LOCALHOST:
            return await super().resolve(host, port, family)
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=_FAMILIES[address],
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for address in addresses()
        ]
