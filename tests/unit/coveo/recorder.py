"""A transport that keeps what the client asks and answers everything alike."""

from __future__ import annotations

import httpx

from consumer.coveo.calls import Told
from consumer.coveo.client import ClientSettings, CoveoClient
from tests.unit.coveo.builders import KB

KEY = "xx-s3cret-key"


class Recorder:
    """Answers everything alike and keeps what was asked."""

    def __init__(self, status: int = 202, body: bytes = b"null", **headers: str) -> None:
        """Choose the answer."""
        self.requests: list[httpx.Request] = []
        self._status = status
        self._body = body
        self._headers = {"X-Request-Id": "r-1", "Location": "https://elsewhere.invalid/", **headers}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Keep and answer."""
        self.requests.append(request)
        stream = httpx.ByteStream(self._body)
        return httpx.Response(self._status, headers=self._headers, stream=stream)

    def client(
        self, base_url: str = "https://api.invalid/", told: Told | None = None
    ) -> CoveoClient:
        """Return a client that talks to this."""
        platform = "https://platform.invalid"
        settings = ClientSettings("my org", base_url, {KB: "src/1"}, platform_url=platform)
        return CoveoClient(settings, lambda: KEY, httpx.MockTransport(self), told)
