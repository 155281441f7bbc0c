"""A socket on loopback that plays a written part: it reads a request, then does what it is told."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

Part = Callable[[socket.socket], None]


class RawServer:
    """Keeps every request it read; `url` is where it listens."""

    def __init__(self, listener: socket.socket, parts: list[Part]) -> None:
        """Play one part per request, on one connection or several."""
        self._listener = listener
        self._parts = parts
        self.requests: list[bytes] = []
        self.connections = 0

    @property
    def url(self) -> str:
        """Return the base address."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def serve(self) -> None:
        """Accept until the parts are played."""
        with contextlib.suppress(OSError):
            while self._parts:
                connection, _ = self._listener.accept()
                self.connections += 1
                with connection:
                    self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while self._parts:
                request = read_request(connection)
                if not request:
                    return
                self.requests.append(request)
                self._parts.pop(0)(connection)


def read_request(connection: socket.socket) -> bytes:
    """Read headers and as much body as they announce."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65_536)
        if not more:
            return data
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    while len(body) < length:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


@contextlib.contextmanager
def raw_server(*parts: Part) -> Iterator[RawServer]:
    """Serve the parts on a thread while the block runs."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = RawServer(listener, list(parts))
        thread = threading.Thread(target=server.serve, daemon=True)
        thread.start()
        yield server
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
    thread.join(2.0)


def say(data: bytes) -> Part:
    """Write these bytes and go on with the next request."""

    def part(connection: socket.socket) -> None:
        connection.sendall(data)

    return part


def respond(status: int, body: bytes = b"", *headers: str) -> Part:
    """Write a whole answer."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers]
    return say("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def drip(data: bytes, pause_seconds: float = 0.02) -> Part:
    """Write one byte at a time; the other side hangs up when it has had enough."""

    def part(connection: socket.socket) -> None:
        wait = threading.Event()
        for byte in data:
            connection.sendall(bytes((byte,)))
            wait.wait(pause_seconds)

    return part
