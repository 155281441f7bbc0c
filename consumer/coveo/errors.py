"""httpx's exceptions in our terms, in one place. Imports domain and httpx."""

from __future__ import annotations

import errno
import socket
import ssl

import httpx

from consumer.coveo.exchange import FailureKind


class OversizeError(Exception):
    """An answer went past the bound; never leaves this package."""


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

TRANSLATED = (httpx.HTTPError, httpx.InvalidURL, OversizeError, UnicodeError)
"""What a call may raise because of the other side; anything else is our own fault. A host name in
an answer, in `Location` too, that cannot be encoded is a UnicodeError in the libraries."""


def failure_kind(error: Exception) -> FailureKind:
    """Return what `error`, one of `TRANSLATED`, says about the request.

    A kind nobody thought of is `PROTOCOL`, that is: the request may have taken effect.
    """
    return next((kind for known, kind in _KINDS if isinstance(error, known)), FailureKind.PROTOCOL)


def describe(error: Exception) -> str:
    """Return the exception's name and the operating system's word for it, but not its text.

    The text of an exception may quote an URL, a header or what the other side sent.
    """
    circumstance = _circumstance(error)
    name = type(error).__name__
    return f"{name} ({circumstance})" if circumstance else name


def _circumstance(error: BaseException) -> str | None:
    cause: BaseException | None = error
    for _ in range(8):  # chains are short; a bound, because they may be circular
        match cause:
            case None:
                return None
            case ssl.SSLCertVerificationError():
                return "the certificate is not trusted"
            case socket.gaierror():
                return "the host name is not known"
            case TimeoutError():
                return "time-out"
            case OSError(errno=int(number)) if number in errno.errorcode:
                return errno.errorcode[number]
        cause = cause.__cause__ or cause.__context__
    return None
