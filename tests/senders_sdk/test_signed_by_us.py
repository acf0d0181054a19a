"""What we sign in a sender's name is believed by the sender's own library."""

import time

from domain.event import Request
from domain.senders import SENDERS, Site, sign
from tests.senders_sdk.libraries import Library, Message


def test_the_library_believes_what_we_sign_and_with_this_secret_only(library: Library) -> None:
    query = f"?{library.query}" if library.query else ""
    address = "https://hooks.example.org/t/token"
    message = Message(address + query, library.body, int(time.time()))
    headers = ((b"content-type", library.content_type.encode()),)
    unsigned = Request("POST", b"", library.query.encode(), headers, message.body.encode())
    sender, secret = SENDERS[library.sender], library.secret.encode()
    signed = sign(sender, unsigned, secret, message.at * 1000, Site(address)).headers
    told = {name.decode(): value.decode() for name, value in signed}
    assert library.accepts(message, library.secret, told)
    assert not library.accepts(message, library.other_secret, told)
