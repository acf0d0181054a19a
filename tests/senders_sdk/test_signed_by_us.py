"""What we sign in a sender's name is believed by the sender's own library."""

import time

from domain.event import Request
from domain.senders import SENDERS, sign
from domain.senders.site import Site
from tests.senders_sdk.libraries import Library, Message

URL = "https://hooks.example.org/t/token"


def test_the_library_believes_what_we_sign_and_with_this_secret_only(library: Library) -> None:
    headers = ((b"content-type", library.content_type.encode()),)
    unsigned = Request("POST", b"", library.query.encode(), headers, library.body.encode())
    moment = int(time.time())
    signed = sign(SENDERS[library.sender], unsigned, library.secret.encode(), moment * 1000, Site(URL))
    query = f"?{signed.query.decode()}" if signed.query else ""
    message = Message(URL + query, signed.body.decode(), moment)
    found = {name.decode(): value.decode() for name, value in signed.headers}
    assert library.accepts(message, library.secret, found)
    assert not library.accepts(message, library.other_secret, found)
