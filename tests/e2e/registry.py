"""A schema registry that can be switched off, drips, hangs, and learns schemas while it runs."""

from __future__ import annotations

import base64
import json
import re
import threading
import time
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_BY_ID = re.compile(r"/schemas/ids/(\d+)(?:\?.*)?", re.ASCII)
_NOT_FOUND = {"error_code": 40403, "message": "Schema not found"}
_UNAUTHORIZED = {"error_code": 401, "message": "Unauthorized"}
_HANGS_SECONDS = 60.0
_SHUTDOWN_POLL_SECONDS = 0.02


class Registry:
    """Serves `GET /schemas/ids/{id}` on one loopback port, whenever it is up."""

    def __init__(self) -> None:
        """Start empty and up."""
        self._answers: dict[int, dict[str, str]] = {}
        self._server: ThreadingHTTPServer | None = None
        self._port = 0
        self.asked: list[int] = []
        """Ids that were asked for, in order."""
        self.seconds_per_byte = 0.0
        self.password: str | None = None
        """Of the only user, `e2e`; without one everybody may ask."""
        self._talks = threading.Event()
        self._talks.set()
        self.up()

    @property
    def url(self) -> str:
        """Return its address, the same for as long as it lives."""
        return f"http://127.0.0.1:{self._port}"

    def add(self, schema: Mapping[str, Any]) -> int:
        """Register a schema and return its id."""
        return self._add({"schema": json.dumps(schema)})

    def add_text(self, text: str, schema_type: str) -> int:
        """Register a schema of another kind and return its id."""
        return self._add({"schema": text, "schemaType": schema_type})

    def _add(self, answer: dict[str, str]) -> int:
        number = len(self._answers) + 1
        self._answers[number] = answer
        return number

    def add_as(self, known: int) -> int:
        """Register a known schema once more; return the new id."""
        number = len(self._answers) + 1
        self._answers[number] = self._answers[known]
        return number

    def replace(self, known: int, schema: Mapping[str, Any]) -> None:
        """Give a known id to another schema, as a registry does that was set up anew."""
        self._answers[known] = {"schema": json.dumps(schema)}

    def next_id(self) -> int:
        """Return the id that the next schema gets: unknown until then."""
        return len(self._answers) + 1

    def hang(self) -> None:
        """Take connections and requests from now on, and never answer."""
        self._talks.clear()

    def up(self) -> None:
        """Answer from now on."""
        self._talks.set()
        if self._server is None:
            self._server = ThreadingHTTPServer(("127.0.0.1", self._port), self._request_class())
            self._server.daemon_threads = True
            self._port = int(self._server.server_address[1])
            serve = self._server.serve_forever
            threading.Thread(target=serve, args=(_SHUTDOWN_POLL_SECONDS,), daemon=True).start()

    def down(self) -> None:
        """Refuse connections from now on."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def _answer(self, path: str, authorization: str | None) -> tuple[HTTPStatus, bytes]:
        self._talks.wait(_HANGS_SECONDS)
        if self.password is not None and authorization != _basic(self.password):
            return HTTPStatus.UNAUTHORIZED, json.dumps(_UNAUTHORIZED).encode()
        found = _BY_ID.fullmatch(path)
        number = int(found[1]) if found else 0
        self.asked.append(number)
        answer = self._answers.get(number)
        status = HTTPStatus.NOT_FOUND if answer is None else HTTPStatus.OK
        return status, json.dumps(answer or _NOT_FOUND).encode()

    def _request_class(self) -> type[BaseHTTPRequestHandler]:
        registry = self

        class Request(BaseHTTPRequestHandler):
            # HTTP/1.0, so that no connection outlives `down`.
            def do_GET(self) -> None:
                status, body = registry._answer(self.path, self.headers["Authorization"])
                self.send_response(status)
                self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                for at in range(0, len(body), 64):
                    self.wfile.write(body[at : at + 64])
                    time.sleep(min(registry.seconds_per_byte, 0.05))

            def log_message(self, *_: object) -> None:
                """Requests are no news here."""

        return Request


def _basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"e2e:{password}".encode()).decode()
