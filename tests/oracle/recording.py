"""An emulator on a loopback socket that keeps every request as it came."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

import uvicorn

from emulator.app import create_app
from emulator.serving import EmulatorServer, bind, url_of
from emulator.web.protocol import EmulatorProtocol
from emulator.world import World
from tests.contract.coveo.emulated import SETTINGS


@dataclass(frozen=True, slots=True)
class Seen:
    """One request on the wire and the status of its answer; header names are in lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    status: int


@dataclass(slots=True)
class Recorded:
    """An emulator with what was asked of it."""

    world: World
    base_url: str = ""
    seen: list[Seen] = field(default_factory=list)


@dataclass(slots=True)
class Recorder:
    """An ASGI application around another one."""

    app: Any
    seen: list[Seen]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass all on, and keep the request when it is answered."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body, statuses = bytearray(), []

        async def reading() -> Any:
            message = await receive()
            body.extend(message.get("body", b""))
            return message

        async def sending(message: Any) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])
                # Before the client can go on: whoever waits for the client finds all of it.
                self.seen.append(_seen(scope, bytes(body), message["status"]))
            await send(message)

        await self.app(scope, reading, sending)


def _seen(scope: Any, body: bytes, status: int) -> Seen:
    query = dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True))
    headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
    path = unquote(scope["raw_path"].decode())
    return Seen(scope["method"], path, query, headers, body, status)


@contextmanager
def recording_emulator() -> Iterator[Recorded]:
    """Serve a fresh world on a free port, by its own clock."""
    recorded = Recorded(World(SETTINGS))
    ready = threading.Event()
    app = Recorder(create_app(recorded.world), recorded.seen)
    config = uvicorn.Config(
        app, http=EmulatorProtocol, ws="none", log_config=None, access_log=False,
        date_header=False, server_header=False, timeout_graceful_shutdown=2,
    )  # fmt: skip
    server, listener = EmulatorServer(config, ready.set), bind("127.0.0.1", 0)
    recorded.base_url = url_of(listener)
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    try:
        assert ready.wait(10)
        yield recorded
    finally:
        server.should_exit = True
        thread.join(10)
