"""Serving a world over a socket. Imports: uvicorn, app, web.protocol."""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
from typing import TYPE_CHECKING, Self

import uvicorn
from uvicorn.config import LOGGING_CONFIG

from emulator.app import create_app
from emulator.settings import Settings
from emulator.web.protocol import EmulatorProtocol
from emulator.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType, TracebackType

    from emulator.clock import Clock

_BACKLOG = 512
_START_SECONDS = 10.0


class EmulatorServer(uvicorn.Server):
    """A server that says when it is ready and that stops at once."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        """Call `on_ready` once requests are answered."""
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then report."""
        await super().startup(sockets)
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Cut what is open: a request held by a fault would otherwise never end."""
        for connection in list(self.server_state.connections):
            if connection.transport is not None:
                connection.transport.abort()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Let SIGINT and SIGTERM end the server without ending the process a second time."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        signals = (signal.SIGINT, signal.SIGTERM)
        former = {number: signal.signal(number, self._stop) for number in signals}
        try:
            yield
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.should_exit = True


def bind(host: str, port: int) -> socket.socket:
    """Bind a listening address; port 0 takes a free one. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio turns Nagle's algorithm off; else each answer takes 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


def url_of(listener: socket.socket) -> str:
    """Return the base address under which the listener is reached."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def build_server(
    world: World, on_ready: Callable[[], None], log_level: str | None = None
) -> EmulatorServer:
    """Build a server for this world; run it with a listener from `bind`.

    Without a log level it leaves the logging of the process alone.
    """
    config = uvicorn.Config(
        create_app(world),
        http=EmulatorProtocol,
        ws="none",
        log_config=None if log_level is None else LOGGING_CONFIG,
        log_level=log_level,
        access_log=False,
        # The application sends both from its own clock and name.
        date_header=False,
        server_header=False,
        backlog=_BACKLOG,
        timeout_graceful_shutdown=2,
    )
    return EmulatorServer(config, on_ready)


class RunningEmulator:
    """An emulator on a loopback socket, served by a thread, for use in a `with` statement.

    `base_url` has no trailing slash; `world` may be used directly, under its lock.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        clock: Clock | None = None,
        *,
        world: World | None = None,
        port: int = 0,
    ) -> None:
        """Prepare a world of these settings, or take one that exists; `start` serves it."""
        self.world = world or World(settings or Settings(), clock)
        self._port = port
        self._ready = threading.Event()
        self._server = build_server(self.world, self._ready.set)
        self._thread: threading.Thread | None = None
        self.base_url = ""

    def start(self) -> Self:
        """Listen and serve; returns when requests are answered."""
        listener = bind("127.0.0.1", self._port)
        self.base_url = url_of(listener)
        self._thread = threading.Thread(
            target=self._server.run, args=([listener],), name="emulator", daemon=True
        )
        self._thread.start()
        if not self._ready.wait(_START_SECONDS):
            message = "the emulator did not start"
            raise RuntimeError(message)
        return self

    def stop(self) -> None:
        """Cut all connections and end the thread."""
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(_START_SECONDS)
            self._thread = None

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self.stop()
