"""A schema registry that knows the recorded schemas: `GET /schemas/ids/{id}` and no more."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

_BY_ID = re.compile(r"/schemas/ids/(\d+)(?:\?.*)?", re.ASCII)
_NOT_FOUND = {"error_code": 40403, "message": "Schema not found"}


class RecordedRegistry:
    """Serves on a free loopback port until the process ends."""

    def __init__(self, schemas: Mapping[int, dict[str, Any]]) -> None:
        """Start; `url` is its address."""
        answers = {number: {"schema": json.dumps(schema)} for number, schema in schemas.items()}

        class Request(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                path = _BY_ID.fullmatch(self.path)
                answer = answers.get(int(path[1])) if path else None
                body = json.dumps(answer or _NOT_FOUND).encode()
                self.send_response(HTTPStatus.OK if answer else HTTPStatus.NOT_FOUND)
                self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Requests are no news here."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Request)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        Thread(target=self._server.serve_forever, name="registry", daemon=True).start()
