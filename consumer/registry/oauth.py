"""Tokens by client credentials (RFC 6749 §4.4): fetched when needed, kept while valid.

Imports httpx. Neither tokens, nor the secret, nor what the token endpoint says is ever shown.
"""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote, urlencode

import httpx

from consumer.domain.errors import CdcError
from consumer.http.answers import FAILURES, describe, open_client, read_bounded
from consumer.http.deadline import Deadline
from consumer.http.transport import DeadlineTransport
from consumer.registry import tls
from consumer.registry.errors import NoAccessError, NoAnswerError
from consumer.registry.settings import OAuth, Tls

_MAX_ANSWER_BYTES: Final = 256 * 1024
_TOKEN: Final = re.compile(r"[!-~]+", re.ASCII)
_UNSAID_SECONDS: Final = 60.0
"""How long a token is used whose end is not said; `expires_in` is recommended, no more."""
_SHARE: Final = 0.8
"""Part of its time that a token is used for: a clock may be slow, a request under way."""
_KNOWN_ERRORS: Final = frozenset(
    {
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
    }
)
"""The words of RFC 6749 §5.2; any other text stays unsaid."""


class Tokens:
    """The token of one client, and when to ask for the next one."""

    def __init__(self, settings: OAuth, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Ask for nothing yet. Raises ConfigError: its `ca_file` cannot be used."""
        self._settings = settings
        self._monotonic = monotonic
        self._http = open_client(DeadlineTransport(1, tls.context(Tls(ca_file=settings.ca_file))))
        self._token: str | None = None
        self._until = 0.0

    def close(self) -> None:
        """Close every connection."""
        self._http.close()

    def forget(self) -> bool:
        """Let the next call ask anew; return whether there was a token to forget."""
        had, self._token = self._token is not None, None
        return had

    def token(self, deadline: Deadline) -> str:
        """Return a valid token. Raises NoAccessError or NoAnswerError."""
        if self._token is None or self._monotonic() >= self._until:
            asked = self._monotonic()
            self._token, seconds = self._fetched(deadline)
            self._until = asked + seconds * _SHARE
        return self._token

    def _fetched(self, deadline: Deadline) -> tuple[str, float]:
        try:
            status, body = self._exchanged(deadline)
        except FAILURES as error:
            msg = f"schema_registry.oauth: no token: {describe(error)}"
            raise NoAnswerError(msg) from None
        document = _document(body)
        if status != httpx.codes.OK:
            raise _refused(status, document)
        return _granted(document)

    def _exchanged(self, deadline: Deadline) -> tuple[int, bytes]:
        form = {"grant_type": "client_credentials"}
        if self._settings.scope:
            form["scope"] = self._settings.scope
        request = httpx.Request(
            "POST",
            self._settings.token_url,
            headers={
                "Accept": "application/json",
                "Accept-Encoding": "identity",
                "Authorization": self._client(),
                "Content-Type": "application/x-www-form-urlencoded",
            },
            content=urlencode(form).encode("ascii"),
            extensions={"deadline": deadline},
        )
        response = self._http.send(request, stream=True, follow_redirects=False)
        try:
            return response.status_code, read_bounded(response, _MAX_ANSWER_BYTES)
        finally:
            response.close()

    def _client(self) -> str:
        """Return id and secret, form-encoded, as Basic credentials (RFC 6749 §2.3.1)."""
        parts = (self._settings.client_id, self._settings.client_secret().strip())
        pair = ":".join(quote(part, safe="") for part in parts)
        return f"Basic {base64.b64encode(pair.encode('ascii')).decode('ascii')}"


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _refused(status: int, document: dict[str, Any]) -> CdcError:
    if status >= 500 or status in {408, 429}:
        return NoAnswerError(f"schema_registry.oauth: the token endpoint answered {status}")
    word = document.get("error")
    why = f", {word}" if word in _KNOWN_ERRORS else ""
    return NoAccessError(
        f"schema_registry.oauth: the token endpoint answered {status}{why}: check token_url,"
        " client_id, client_secret_file and scope"
    )


def _granted(document: dict[str, Any]) -> tuple[str, float]:
    token, kind = document.get("access_token"), document.get("token_type", "bearer")
    sound = isinstance(token, str) and _TOKEN.fullmatch(token)
    if not (isinstance(token, str) and sound) or str(kind).lower() != "bearer":
        msg = "schema_registry.oauth: the answer holds no bearer token: check token_url"
        raise NoAccessError(msg)
    seconds = document.get("expires_in")
    if isinstance(seconds, int | float) and 0 < seconds < 1e9:
        return token, float(seconds)
    return token, _UNSAID_SECONDS
