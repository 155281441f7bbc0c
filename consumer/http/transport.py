"""A transport for httpx on which one deadline bounds a whole exchange. Imports httpx, httpcore.

httpx's time-outs bound each read and write, not their sum: against a peer that drips, one second
becomes minutes, in the headers as in the body. So the connection asks the deadline before every
read and write. httpx takes no network backend; its engine, httpcore, does, hence this file.
"""

from __future__ import annotations

import contextlib
import ssl
import threading
from collections.abc import Iterable, Iterator
from typing import Any, Final

import httpcore
import httpx

from consumer.http.deadline import Deadline
from consumer.http.lookup import Resolve, look_up, system_addresses

KEEPALIVE_SECONDS: Final = 5.0
"""Long enough for the calls of one attempt, shorter than any server's own idle time: a request
written onto a connection that is just being closed would end as one that may have taken effect."""

_CONNECT_SECONDS: Final = 10.0
"""For one address of a host, so that the next one gets its chance."""

_SLICE_BYTES: Final = 64 * 1024
"""A write is bounded by the deadline after each slice, so a slow reader cannot stretch it."""


class _Current(threading.local):
    """The deadline of the request that this thread is at."""

    deadline: Deadline

    def seconds(self, timed_out: type[Exception]) -> float:
        """Return the seconds left; raises `timed_out` if there are none."""
        seconds = self.deadline.remaining_seconds()
        if seconds <= 0:
            raise timed_out
        return seconds


class _Stream(httpcore.NetworkStream):
    """A connection whose every operation gets what is left, whatever time-out it is given."""

    def __init__(self, inner: httpcore.NetworkStream, current: _Current) -> None:
        self._inner = inner
        self._current = current
        self.is_unheard = False
        """Something was written, and nothing was read since."""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        self.is_unheard = False
        return self._inner.read(max_bytes, self._current.seconds(httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self.is_unheard = True
        view = memoryview(buffer)
        for start in range(0, len(view), _SLICE_BYTES):
            seconds = self._current.seconds(httpcore.WriteTimeout)
            self._inner.write(bytes(view[start : start + _SLICE_BYTES]), seconds)

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        seconds = self._current.seconds(httpcore.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, seconds), self._current)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)

    def close(self) -> None:
        self._inner.close()


class _Backend(httpcore.NetworkBackend):
    """Looks up and connects within the deadline."""

    def __init__(self, current: _Current, resolve: Resolve) -> None:
        self._inner = httpcore.SyncBackend()
        self._resolve = resolve
        self._current = current

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failed: Exception | None = None
        for address in self._addresses(host, port):
            seconds = min(self._current.seconds(httpcore.ConnectTimeout), _CONNECT_SECONDS)
            try:
                stream = self._inner.connect_tcp(
                    address, port, seconds, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
            else:
                return _Stream(stream, self._current)
        raise failed or httpcore.ConnectError

    def _addresses(self, host: str, port: int) -> list[str]:
        try:
            seconds = self._current.seconds(httpcore.ConnectTimeout)
            return look_up(host, port, seconds, self._resolve)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout from error
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError from error


class _Body(httpx.SyncByteStream):
    """The answer's body, still on the wire."""

    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx_errors():
            yield from self._response.iter_stream()

    def close(self) -> None:
        self._response.close()


class DeadlineTransport(httpx.BaseTransport):
    """HTTP/1.1 over a pool, one connection per thread at work.

    Every request has to carry the extension `deadline`, a `Deadline`. Raises httpx's exceptions,
    whose texts are nothing but their names.
    """

    def __init__(
        self,
        max_connections: int,
        ssl_context: ssl.SSLContext | None = None,
        resolve: Resolve = system_addresses,
    ) -> None:
        """Open nothing yet. Without a context, certifi's or `SSL_CERT_FILE`'s authorities hold."""
        self._current = _Current()
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl_context or httpx.create_ssl_context(),
            max_connections=max_connections,
            max_keepalive_connections=max_connections,
            keepalive_expiry=KEEPALIVE_SECONDS,
            network_backend=_Backend(self._current, resolve),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send; the answer's body is left to be read, within the same deadline."""
        self._current.deadline = request.extensions["deadline"]
        url = request.url
        asked = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions={"timeout": {"pool": self._current.deadline.remaining_seconds()}},
        )
        with _as_httpx_errors():
            answer = self._pool.handle_request(asked)
            _refuse_stray(answer)
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()


def _refuse_stray(answer: httpcore.Response) -> None:
    """Raise RemoteProtocolError if an answer came with the one before it: it is not this request's.

    Whoever sent it lost count; taken for an answer it would tell another schema, or a batch that
    nobody has read to be accepted.
    """
    stream = answer.extensions.get("network_stream")
    if isinstance(stream, _Stream) and stream.is_unheard:
        answer.close()
        raise httpcore.RemoteProtocolError


@contextlib.contextmanager
def _as_httpx_errors() -> Iterator[None]:
    try:
        yield
    except (
        httpcore.TimeoutException,
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.ProxyError,
        httpcore.UnsupportedProtocol,
    ) as error:
        name = type(error).__name__  # both libraries use the same names
        raise getattr(httpx, name)(name) from error
