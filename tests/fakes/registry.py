"""Two registries: one in memory behind our port, one that speaks HTTP(S) on the loopback."""

from __future__ import annotations

import json
import ssl
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from consumer.domain.errors import CdcError
from consumer.domain.schemas import SchemaRef, WriterSchema
from consumer.registry.errors import UnknownSchemaError


class FakeRegistry:
    """`consumer.registry.remote.Registry` in memory; `failures` are raised first, one per fetch.

    What `refuses` names is refused whenever it is asked for.
    """

    def __init__(self) -> None:
        """Start without schemas."""
        self.schemas: dict[SchemaRef, WriterSchema] = {}
        self.failures: list[CdcError] = []
        self.bugs: list[Exception] = []
        self.refuses: dict[SchemaRef, CdcError] = {}
        self.fetches: defaultdict[SchemaRef, int] = defaultdict(int)

    def add(self, ref: str, schema_type: str = "AVRO", text: str = '"string"') -> WriterSchema:
        """Register a schema."""
        schema = WriterSchema(SchemaRef(ref), schema_type, text)
        self.schemas[schema.ref] = schema
        return schema

    def fetch(self, ref: SchemaRef) -> WriterSchema:
        """Fail as told, or give what is registered."""
        self.fetches[ref] += 1
        for errors in (self.bugs, self.failures):
            if errors:
                raise errors.pop(0)
        if ref in self.refuses:
            raise self.refuses[ref]
        if ref not in self.schemas:
            msg = f"schema {ref}: unknown to the registry"
            raise UnknownSchemaError(msg)
        return self.schemas[ref]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Raw:
    """A body that is not JSON, and what the answer says of it."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


Answer = tuple[int, Any]
UNKNOWN: Answer = (404, {"error_code": 40403, "message": "not found"})


class HttpRegistry:
    """Answers paths with (status, JSON document or Raw); unknown paths with 404, code 40403.

    `gate` is asked first: what it returns is the answer, unless it is None.
    """

    def __init__(self, url: str) -> None:
        """Know no path yet."""
        self.url = url
        self.answers: dict[str, Answer] = {}
        self.gate: Callable[[Asked], Answer | None] = lambda _: None
        self.seen: list[Asked] = []

    @property
    def requests(self) -> list[str]:
        """Return the paths that were asked for, with their queries."""
        return [asked.path for asked in self.seen]

    def answer(self, asked: Asked) -> Answer:
        """Return what a request gets."""
        self.seen.append(asked)
        plain = asked.path.partition("?")[0]
        return self.gate(asked) or self.answers.get(plain, UNKNOWN)


@contextmanager
def http_registry(tls: ssl.SSLContext | None = None) -> Iterator[HttpRegistry]:
    """Serve a registry on a free port of the loopback."""

    class Request(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, self.path, headers, self.rfile.read(length))
            status, document = registry.answer(asked)
            raw = document if isinstance(document, Raw) else Raw(json.dumps(document).encode())
            self.send_response(status)
            for name, value in raw.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(raw.body)))
            self.end_headers()
            self.wfile.write(raw.body)

        do_POST = do_GET  # noqa: N815 - the server looks for this name

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = _Server(("127.0.0.1", 0), Request)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    scheme = "http" if tls is None else "https"
    registry = HttpRegistry(f"{scheme}://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield registry
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    """Says nothing of clients that hang up, which is what some tests are about."""

    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing."""
