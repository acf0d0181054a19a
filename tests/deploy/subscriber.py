"""Runs in a container: answers 200 and writes the ids of what arrived to a file, a line each."""

import http.server
from pathlib import Path

SEEN = Path("/tmp/seen")  # noqa: S108 - the container's own


class Subscriber(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        size = len(self.rfile.read(int(self.headers["content-length"])))
        with SEEN.open("a", encoding="ascii") as seen:
            seen.write(f"{self.headers['fleet-event']} {size}\n")
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    SEEN.touch()
    http.server.ThreadingHTTPServer(("", 3000), Subscriber).serve_forever()
