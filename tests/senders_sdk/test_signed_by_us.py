"""What we sign in a sender's name is believed by the sender's own library."""

import time

from domain.event import Request
from domain.senders import SENDERS, sign
from tests.senders_sdk.libraries import Library, Message


def test_the_library_believes_what_we_sign_and_with_this_secret_only(library: Library) -> None:
    message = Message("https://hooks.example.org/t/token", library.body, int(time.time()))
    unsigned = Request("POST", b"", library.query.encode(), (), message.body.encode())
    signed = sign(SENDERS[library.sender], unsigned, library.secret.encode(), message.at * 1000)
    headers = {name.decode(): value.decode() for name, value in signed}
    assert library.accepts(message, library.secret, headers)
    assert not library.accepts(message, library.other_secret, headers)
