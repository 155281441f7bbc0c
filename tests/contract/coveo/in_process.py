"""The emulator's ASGI application as a transport: no socket, no thread of its own."""

from __future__ import annotations

import asyncio

import httpx
from starlette.types import ASGIApp


class InProcessTransport(httpx.BaseTransport):
    """Runs one request after the other; a connection that the emulator cuts is a protocol error."""

    def __init__(self, app: ASGIApp) -> None:
        """Speak to this application."""
        self._asgi = httpx.ASGITransport(app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer whole."""
        try:
            return asyncio.run(self._answer(request))
        except ConnectionAbortedError as error:
            name = "RemoteProtocolError"
            raise httpx.RemoteProtocolError(name) from error

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        answered = await self._asgi.handle_async_request(request)
        body = await answered.aread()
        stream = httpx.ByteStream(body)
        return httpx.Response(answered.status_code, headers=answered.headers.raw, stream=stream)
