"""The hosts that workers may call, and no others: those where the senders keep certificates and keys."""

import re
from typing import Final
from urllib.parse import urlsplit

REGION: Final = (
    r"[a-z]{2}(?:-gov)?-(?:north|south|east|west|central|northeast|northwest|southeast|southwest)-[0-9]{1,2}"
)
"""A region of AWS. Nothing else may stand in its place: `sns.s3-us-west-2.amazonaws.com` is a bucket, which
anybody could own."""

SNS: Final = rf"sns\.{REGION}\.amazonaws\.com(?:\.cn)?"
PAYPAL: Final = r"api(?:-m)?(?:\.sandbox)?\.paypal\.com"
"""Both are names of PayPal's API: https://developer.paypal.com/api/rest/requests/."""

MICROSOFT: Final = r"login\.microsoftonline\.com"

_HOSTS: Final = re.compile(f"{SNS}|{PAYPAL}|{MICROSOFT}", re.ASCII)
_MAX_CHARS: Final = 2000


def host_of(url: str) -> str | None:
    """The host of a URL that a worker may call; None for any other: no user, no port, nothing but https."""
    if len(url) > _MAX_CHARS or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    host = parts.netloc
    return host if parts.scheme == "https" and not parts.fragment and _HOSTS.fullmatch(host) else None
