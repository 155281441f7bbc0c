"""An ASGI application as a transport of httpx's, for many calls: one event loop for all of them."""

from __future__ import annotations

import asyncio

import httpx
from starlette.types import ASGIApp


class AsgiTransport(httpx.BaseTransport):
    """Answers in this process, one call after the other."""

    def __init__(self, app: ASGIApp) -> None:
        """Speak to this application."""
        self._asgi = httpx.ASGITransport(app)
        self._runner = asyncio.Runner()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer whole."""
        return self._runner.run(self._answer(request))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        answered = await self._asgi.handle_async_request(request)
        stream = httpx.ByteStream(await answered.aread())
        return httpx.Response(answered.status_code, headers=answered.headers.raw, stream=stream)

    def close(self) -> None:
        """End the event loop."""
        self._runner.close()
