"""Two registries: one in memory behind our port, one that speaks HTTP on the loopback."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from consumer.domain.errors import CdcError
from consumer.domain.schemas import SchemaRef, WriterSchema
from consumer.kafka.registry import UnknownSchemaError


class FakeRegistry:
    """`consumer.kafka.registry.Registry` in memory; `failures` are raised first, one per fetch."""

    def __init__(self) -> None:
        """Start without schemas."""
        self.schemas: dict[SchemaRef, WriterSchema] = {}
        self.failures: list[CdcError] = []
        self.fetches: defaultdict[SchemaRef, int] = defaultdict(int)

    def add(self, ref: str, schema_type: str = "AVRO", text: str = '"string"') -> WriterSchema:
        """Register a schema."""
        schema = WriterSchema(SchemaRef(ref), schema_type, text)
        self.schemas[schema.ref] = schema
        return schema

    def fetch(self, ref: SchemaRef) -> WriterSchema:
        """Fail as told, or give what is registered."""
        self.fetches[ref] += 1
        if self.failures:
            raise self.failures.pop(0)
        if ref not in self.schemas:
            msg = f"schema {ref}: unknown to the registry"
            raise UnknownSchemaError(msg)
        return self.schemas[ref]


class HttpRegistry:
    """Answers `GET` paths with (status, JSON document); unknown paths with 404, code 40403."""

    def __init__(self, url: str) -> None:
        """Know no path yet."""
        self.url = url
        self.answers: dict[str, tuple[int, Any]] = {}
        self.requests: list[str] = []

    def answer(self, path: str) -> tuple[int, Any]:
        """Return what a request for `path` gets."""
        self.requests.append(path)
        plain = path.partition("?")[0]
        return self.answers.get(plain, (404, {"error_code": 40403, "message": "not found"}))


@contextmanager
def http_registry() -> Iterator[HttpRegistry]:
    """Serve a registry on a free port of the loopback."""

    class Request(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, document = registry.answer(self.path)
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Request)
    registry = HttpRegistry(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield registry
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
