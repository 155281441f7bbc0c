"""An httpx client that adds nothing of its own; answers within a bound; failures in few words."""

from __future__ import annotations

import errno
import logging
import socket
import ssl
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final

import httpx


class OversizeError(Exception):
    """An answer went past the bound."""


FAILURES: Final = (httpx.HTTPError, httpx.InvalidURL, OversizeError, UnicodeError)
"""What an exchange may raise because of the other side; anything else is our own fault. A host name
in an answer, in `Location` too, that cannot be encoded is a UnicodeError in the libraries."""


def open_client(transport: httpx.BaseTransport) -> httpx.Client:
    """Return a client over `transport` that reads no environment and logs no address."""
    # httpx logs every URL at INFO, and some of them are credentials. The filter sits on the very
    # logger it uses, so no later configuration of levels brings those lines back.
    logging.getLogger("httpx").addFilter(_refuse)
    # Cookies are neither sent nor kept: a peer that gives a new one with each answer would fill us.
    no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=()))
    return httpx.Client(transport=transport, trust_env=False, cookies=no_cookies)


def _refuse(_: logging.LogRecord) -> bool:
    return False


def read_bounded(response: httpx.Response, max_bytes: int) -> bytes:
    """Return the body as it came. Raises OversizeError, without reading on."""
    parts: list[bytes] = []
    size_bytes = 0
    for part in response.iter_raw():
        size_bytes += len(part)
        if size_bytes > max_bytes:
            raise OversizeError
        parts.append(part)
    return b"".join(parts)


def describe(error: Exception) -> str:
    """Return the exception's name and the operating system's word for it, but not its text.

    The text of an exception may quote an URL, a header or what the other side sent.
    """
    circumstance = _circumstance(error)
    name = type(error).__name__
    return f"{name} ({circumstance})" if circumstance else name


def _circumstance(error: BaseException) -> str | None:
    for cause in causes(error):
        match cause:
            case ssl.SSLCertVerificationError():
                return "the certificate is not trusted"
            case socket.gaierror():
                return "the host name is not known"
            case TimeoutError():
                return "time-out"
            case OSError(errno=int(number)) if number in errno.errorcode:
                return errno.errorcode[number]
    return None


def causes(error: BaseException) -> list[BaseException]:
    """Return an exception and what caused it, the last first."""
    found: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and len(found) < 8:  # chains are short, but may be circular
        found.append(cause)
        cause = cause.__cause__ or cause.__context__
    return found
