"""A Git server over http or https on loopback: dulwich's, behind a server that keeps connections open."""

import base64
import contextlib
import http.server
import io
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from dulwich.errors import NotGitRepository
from dulwich.hooks import Hook
from dulwich.repo import Repo
from dulwich.server import DictBackend
from dulwich.web import make_wsgi_chain

from cli.certificate import Pair
from tests import git_v2

Update = tuple[str, str, str]
"""What a push did to a ref: the commit before, the commit now, the whole name of the ref."""

Answer = tuple[int, dict[str, str], bytes]


@dataclass(frozen=True)
class Asked:
    """A request."""

    method: str
    path: str
    headers: dict[str, str]  # names in lower case
    body: bytes


@dataclass
class GitHttpServer:
    """Serves the bare repositories of a folder: `root/app.git` is at `url/app.git`.

    Attributes:
        users: passwords by name; with any, nobody else is served.
        post_receive: called with the path of the repository and what was pushed, before the push returns.
        versions: of the protocol that it speaks; dulwich itself has no version 2.
        instead: answers instead, when it returns something.
        asked: what it was asked, so far.
        connections: how many it had, so far.
        open_sockets: those that are open.
    """

    root: Path
    url: str = ""
    port: int = 0
    users: dict[str, str] = field(default_factory=dict)
    post_receive: Callable[[str, list[Update]], None] | None = None
    versions: frozenset[int] = frozenset({0, 2})
    instead: Callable[[Asked], Answer | None] = lambda _: None
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    open_sockets: set[socket.socket] = field(default_factory=set)

    def hang_up(self) -> None:
        """Close all connections."""
        for connection in list(self.open_sockets):
            with contextlib.suppress(OSError):  # gone
                connection.shutdown(socket.SHUT_RDWR)

    def answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        if (found := self.instead(asked)) is not None:
            return found
        if self.users and not self._is_known(asked.headers.get("authorization", "")):
            return 401, {"WWW-Authenticate": 'Basic realm="git"'}, b""
        path = asked.path.partition("?")[0]
        where = next((path[: -len(end)] for end in _ENDS if path.endswith(end)), path)
        with ExitStack() as opened:
            try:
                repo = opened.enter_context(Repo(str(self.root / where.strip("/"))))
            except NotGitRepository:
                return 404, {}, b""
            if self.post_receive is not None:
                repo.hooks["post-receive"] = _PostReceive(where.strip("/"), self.post_receive)
            if 2 in self.versions and asked.headers.get("git-protocol") == "version=2":
                if path.endswith("/git-upload-pack"):
                    return 200, _kind("result"), git_v2.ls_refs(repo, asked.body)
                return 200, _kind("advertisement"), git_v2.advertisement(over_http=True)
            return _through_dulwich(repo, where, asked)

    def _is_known(self, authorization: str) -> bool:
        known = (f"{name}:{password}".encode() for name, password in self.users.items())
        return authorization in {f"Basic {base64.b64encode(each).decode()}" for each in known}


_ENDS = ("/info/refs", "/git-upload-pack", "/git-receive-pack")


def _kind(what: str) -> dict[str, str]:
    return {"Content-Type": f"application/x-git-upload-pack-{what}"}


class _PostReceive(Hook):
    def __init__(self, path: str, call: Callable[[str, list[Update]], None]) -> None:
        self._path = path
        self._call = call

    def execute(self, refs) -> None:
        self._call(self._path, [tuple(part.decode() for part in update) for update in refs])


def _through_dulwich(repo: Repo, where: str, asked: Asked) -> Answer:
    said = io.BytesIO()
    heads: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], *_: object):
        heads.append((status, headers))
        return said.write

    path, _, query = asked.path.partition("?")
    environ = {
        "REQUEST_METHOD": asked.method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_TYPE": asked.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(asked.body)),
        "HTTP_CONTENT_ENCODING": asked.headers.get("content-encoding", ""),
        "wsgi.input": io.BytesIO(asked.body),
    }
    for part in make_wsgi_chain(DictBackend({where: repo}))(environ, start_response):
        said.write(part)
    status, headers = heads[-1]
    return int(status.split()[0]), dict(headers), said.getvalue()


@contextmanager
def git_http_server(root: Path, tls: Pair | None = None) -> Iterator[GitHttpServer]:
    """A server for the length of the block.

    Args:
        root: the folder of the repositories.
        tls: its certificate and key, made for localhost and 127.0.0.1; without, it speaks http.
    """
    made = GitHttpServer(root)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 60
        disable_nagle_algorithm = True  # head and body are written one after the other

        def setup(self) -> None:
            made.connections += 1
            super().setup()
            made.open_sockets.add(self.connection)

        def finish(self) -> None:
            made.open_sockets.discard(self.connection)
            super().finish()

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", 0)))
            status, answered, said = made.answer(Asked(self.command, self.path, headers, body))
            self.send_response(status)
            for name, value in {**answered, "Content-Length": str(len(said))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said)

        do_POST = do_GET  # noqa: N815 - as the base wants it

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in the base
            """Nothing."""

    class Server(http.server.ThreadingHTTPServer):
        request_queue_size = 128
        daemon_threads = False  # waited for, so that no connection is left open

        def handle_error(self, request: object, client_address: object) -> None:
            """Nothing: a client may leave at any time."""

    with Server(("127.0.0.1", 0), Handler) as server:
        made.port = server.server_address[1]
        made.url = f"http://127.0.0.1:{made.port}"
        if tls is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(tls.cert, tls.key)
            # In the thread of the request, or one client that stalls would stop the server.
            server.socket = context.wrap_socket(
                server.socket, server_side=True, do_handshake_on_connect=False
            )
            made.url = f"https://localhost:{made.port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()
            made.hang_up()
