"""httpx's exceptions in our terms, in one place. Imports httpx."""

from __future__ import annotations

import httpx

from consumer.coveo.exchange import FailureKind
from consumer.http.answers import OversizeError

_KINDS: tuple[tuple[type[Exception], FailureKind], ...] = (
    (httpx.ConnectError, FailureKind.CONNECT),
    (httpx.ConnectTimeout, FailureKind.CONNECT),
    # A proxy that refuses the tunnel; the request itself was not written.
    (httpx.ProxyError, FailureKind.CONNECT),
    (httpx.PoolTimeout, FailureKind.POOL),
    (httpx.UnsupportedProtocol, FailureKind.UNSENDABLE),
    (httpx.InvalidURL, FailureKind.UNSENDABLE),
    (httpx.WriteError, FailureKind.WRITE),
    (httpx.WriteTimeout, FailureKind.WRITE),
    (httpx.ReadError, FailureKind.READ),
    (httpx.ReadTimeout, FailureKind.READ),
    (OversizeError, FailureKind.OVERSIZE),
)


def failure_kind(error: Exception) -> FailureKind:
    """Return what `error`, one of `FAILURES`, says about the request.

    A kind nobody thought of is `PROTOCOL`, that is: the request may have taken effect.
    """
    return next((kind for known, kind in _KINDS if isinstance(error, known)), FailureKind.PROTOCOL)
