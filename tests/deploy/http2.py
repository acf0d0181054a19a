"""One POST over TLS, with HTTP/2."""

import socket
import ssl
from dataclasses import dataclass, field
from pathlib import Path

import h2.connection
import h2.events

TIMEOUT_S = 30.0


@dataclass
class Answer:
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    is_complete: bool = False

    @property
    def status(self) -> int:
        return int(self.headers[":status"])


def post(
    port: int, ca: Path, path: str, body: bytes = b"{}", headers: dict[str, str] | None = None
) -> Answer:
    """The answer of a server on this machine whose certificate this CA has signed."""
    tls = ssl.create_default_context(cafile=ca)
    tls.set_alpn_protocols(["h2"])
    with (
        socket.create_connection(("127.0.0.1", port), TIMEOUT_S) as plain,
        tls.wrap_socket(plain, server_hostname="localhost") as wire,
    ):
        assert wire.selected_alpn_protocol() == "h2"
        connection = h2.connection.H2Connection()
        connection.initiate_connection()
        stream = connection.get_next_available_stream_id()
        start = {":method": "POST", ":path": path, ":authority": "localhost", ":scheme": "https"}
        length = {"content-length": str(len(body))}
        connection.send_headers(stream, list((start | length | (headers or {})).items()))
        answer = Answer()
        while not answer.is_complete:
            body = _send(connection, stream, body, answer)
            wire.sendall(connection.data_to_send())
            if not body or not connection.local_flow_control_window(stream):
                _receive(connection, wire.recv(65536), answer)
        return answer


def _send(connection: h2.connection.H2Connection, stream: int, body: bytes, answer: Answer) -> bytes:
    """What is left of the body after as much of it as the window lets through."""
    if not body or answer.is_complete:
        return body
    size = min(connection.local_flow_control_window(stream), connection.max_outbound_frame_size, len(body))
    if size:
        connection.send_data(stream, body[:size], end_stream=size == len(body))
    return body[size:]


def _receive(connection: h2.connection.H2Connection, received: bytes, answer: Answer) -> None:
    assert received, "the server hung up"
    for event in connection.receive_data(received):
        match event:
            case h2.events.ResponseReceived():
                answer.headers = {_text(name): _text(value) for name, value in event.headers}
            case h2.events.DataReceived():
                answer.body += event.data
                connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            case h2.events.StreamEnded() | h2.events.StreamReset():
                answer.is_complete = True
            case _:
                pass


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
