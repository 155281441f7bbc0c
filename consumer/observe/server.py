"""`/livez`, `/readyz`, `/metrics`, `/status`: read-only, from what was published.

Never asks the consumer: since confluent-kafka 2.16 a call from another thread blocks until `poll`
returns. Standard library's HTTP server; imports prometheus_client for the exposition format.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from consumer.observe.encoding import to_json
from consumer.observe.published import Published
from consumer.observe.status import status_document

_SLOWEST_CLIENT_SECONDS: Final = 5.0
_STOP_SECONDS: Final = 0.05
"""How long `stop` may wait for the serving thread to notice."""
_TEXT: Final = "text/plain; charset=utf-8"
_JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Where to listen (port 0: any free one) and how old a turn may be before we count as dead.

    `max_turn_age_seconds` must exceed the longest time a turn may block by design (a revoke's
    deadline) and stay below `max.poll.interval.ms`. A batch that is on the wire for longer than
    `max_in_flight_seconds`, well beyond a request's deadline, is shown as stuck.
    """

    host: str
    port: int
    max_turn_age_seconds: float
    max_in_flight_seconds: float


@dataclass(frozen=True, slots=True)
class Reply:
    """What a path answers."""

    status: HTTPStatus
    content_type: str
    body: bytes


class StatusServer:
    """Serves until stopped, each request on a thread of its own."""

    def __init__(
        self, settings: ServerSettings, published: Published, registry: CollectorRegistry
    ) -> None:
        """Bind at once, so that a port in use is an error of the start. Raises OSError.

        Also for a host that no name could be: the socket's own error for that is a TypeError.
        """
        self._settings = settings
        self._published = published
        self._registry = registry
        self._server = _server((settings.host, settings.port), self.reply)
        self._thread = Thread(
            target=self._server.serve_forever,
            args=(_STOP_SECONDS,),
            name="status",
            daemon=True,
        )

    @property
    def port(self) -> int:
        """Return the port that is listened on."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and free the port."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def reply(self, path: str, accept: str) -> Reply:
        """Return what `path` answers now."""
        match path:
            case "/livez":
                return self._alive()
            case "/readyz":
                return _probe(
                    self._published.is_ready(), "not a member of the group yet, or draining"
                )
            case "/metrics":
                encode, content_type = choose_encoder(accept)
                return Reply(HTTPStatus.OK, content_type, encode(self._registry))
            case "/status":
                return self._status()
            case _:
                paths = b"one of /livez /readyz /metrics /status\n"
                return Reply(HTTPStatus.NOT_FOUND, _TEXT, paths)

    def _alive(self) -> Reply:
        limit = self._settings.max_turn_age_seconds
        alive = self._published.is_alive(limit)
        return _probe(alive, f"the loop has not turned for more than {limit:g} s")

    def _status(self) -> Reply:
        document = status_document(self._published, self._settings.max_in_flight_seconds)
        body = to_json(document, orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        return Reply(HTTPStatus.OK, _JSON, body)


def _probe(good: bool, why_not: str) -> Reply:  # noqa: FBT001 - a probe is its one answer
    if good:
        return Reply(HTTPStatus.OK, _TEXT, b"ok\n")
    return Reply(HTTPStatus.SERVICE_UNAVAILABLE, _TEXT, f"{why_not}\n".encode())


def _server(address: tuple[str, int], reply: Callable[[str, str], Reply]) -> ThreadingHTTPServer:
    class Request(BaseHTTPRequestHandler):
        timeout = _SLOWEST_CLIENT_SECONDS
        server_version = "coveo-cdc"
        sys_version = ""

        def do_GET(self) -> None:
            said = reply(urlsplit(self.path).path, self.headers.get("Accept", ""))
            self.send_response(said.status)
            self.send_header("Content-Type", said.content_type)
            self.send_header("Content-Length", str(len(said.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(said.body)

        do_HEAD = do_GET  # noqa: N815 - the base class calls it by this name

        def log_message(self, *_: Any) -> None:
            """Probes and scrapes are no news."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            """Say nothing: a client that went away is no news either."""

    try:
        return Server(address, Request)
    except TypeError:
        raise OSError(errno.EINVAL, "no host can have this name") from None
