"""Putting answers on the wire, whole or broken. Imports: starlette, calls."""

from __future__ import annotations

import asyncio
from email.utils import formatdate
from typing import TYPE_CHECKING, Any, cast

from starlette.responses import Response

from emulator.calls import request_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Receive, Scope, Send

    from emulator.calls import Reply

# Set by the protocol class of `serving`: closes the connection without a word.
ABORT_EXTENSION = "emulator.abort"


class Line:
    """One request's connection to the client."""

    __slots__ = ("_receive", "_request_number", "_scope", "_send")

    def __init__(self, scope: Scope, receive: Receive, send: Send, request_number: int) -> None:
        """Take over the connection of one request."""
        self._scope = scope
        self._receive = receive
        self._send = send
        self._request_number = request_number

    async def reply(self, reply: Reply, now_ms: int) -> None:
        """Send a whole answer."""
        response = Response(reply.body, reply.status, self._headers(reply, now_ms))
        await response(self._scope, self._receive, self._send)

    async def reply_halfway(self, reply: Reply, now_ms: int) -> None:
        """Send the head and half of the body, then close the connection."""
        # An empty body could not be cut, so one byte is promised that never comes.
        promised = max(1, len(reply.body))
        await self._start(reply, now_ms, promised)
        await self._chunk(reply.body[: len(reply.body) // 2], more=True)
        await self.abort()

    async def drip(self, reply: Reply, now_ms: int, seconds: float, size: int) -> None:
        """Send the body byte by byte; spaces at its end leave JSON what it is."""
        body = reply.body.ljust(size)
        await self._start(reply, now_ms, len(body))
        for position in range(len(body)):
            await self._chunk(body[position : position + 1], more=True)
            await asyncio.sleep(seconds)
        await self._chunk(b"", more=False)

    async def abort(self) -> None:
        """Close the connection; without a socket (in-process transports) raise instead."""
        abort = cast("Any", self._scope).get("extensions", {}).get(ABORT_EXTENSION)
        if abort is None:
            message = "the emulator dropped the connection"
            raise ConnectionAbortedError(message)
        cast("Callable[[], None]", abort)()
        await self.hold()

    async def hold(self) -> None:
        """Send nothing until the client is gone."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _start(self, reply: Reply, now_ms: int, size: int) -> None:
        headers = {**self._headers(reply, now_ms), "content-length": str(size)}
        raw = [(key.lower().encode(), value.encode()) for key, value in headers.items()]
        await self._send({"type": "http.response.start", "status": reply.status, "headers": raw})

    async def _chunk(self, body: bytes, *, more: bool) -> None:
        await self._send({"type": "http.response.body", "body": body, "more_body": more})

    def _headers(self, reply: Reply, now_ms: int) -> dict[str, str]:
        # Date follows the emulator's clock: clients may take the time of the service from it.
        headers = {
            "Date": formatdate(now_ms / 1000, usegmt=True),
            "X-Content-Type-Options": "nosniff",
            "X-Request-ID": request_id(self._request_number),
        }
        if reply.media_type is not None:
            headers["Content-Type"] = reply.media_type
        return headers | dict(reply.headers)
