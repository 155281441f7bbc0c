"""The API key on the way out: asked for at every call, shown nowhere. Imports domain and httpx."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator

import httpx

from consumer.domain.errors import ConfigError

_KEY = re.compile(r"[!-~]+", re.ASCII)


class BearerAuth(httpx.Auth):
    """Adds `Authorization: Bearer …` (docs/78); given only to calls of the Push API itself.

    `secret` is asked at every request, so a key that was exchanged on disk counts at once.
    """

    def __init__(self, secret: Callable[[], str]) -> None:
        """Keep where the key comes from, not the key."""
        self._secret = secret

    def __repr__(self) -> str:
        """Return nothing that could help anyone."""
        return "BearerAuth(***)"

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the header. Raises ConfigError if there is no usable key."""
        key = self._secret().strip()
        if not _KEY.fullmatch(key):
            # Otherwise the HTTP library refuses the header, and quotes it in its exception.
            msg = "the API key is empty or has characters that no key has: check the key file"
            raise ConfigError(msg)
        request.headers["Authorization"] = f"Bearer {key}"
        yield request
