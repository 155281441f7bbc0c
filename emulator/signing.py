"""Presigned upload addresses: a HMAC over what must not change. Imports: errors.

The shape follows S3's query-string signatures (date, life time, signed headers, signature). The
algorithm is the emulator's own; a client must treat the address as opaque.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from emulator.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Mapping

# Clients seen on the wire send exactly these two, one of them without looking at the answer.
REQUIRED_HEADERS = {
    "x-amz-server-side-encryption": "AES256",
    "Content-Type": "application/octet-stream",
}
_SIGNED = ";".join(sorted(name.lower() for name in REQUIRED_HEADERS))


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs and checks upload addresses with one secret."""

    secret: bytes

    def query(self, path: str, now_ms: int, lifetime_seconds: int) -> str:
        """Return the query string that lets a client PUT to `path` until the life time is over."""
        date, expires = str(now_ms // 1000), str(lifetime_seconds)
        return urlencode(
            {
                "X-Amz-Date": date,
                "X-Amz-Expires": expires,
                "X-Amz-SignedHeaders": _SIGNED,
                "X-Amz-Signature": self._signature(path, date, expires),
            }
        )

    def check(
        self, path: str, query: Mapping[str, str], headers: Mapping[str, str], now_ms: int
    ) -> None:
        """Raise StorageError unless the address is ours, still valid, and the headers fit."""
        if "authorization" in headers:
            message = "Only one auth mechanism allowed: the signature in the query string."
            raise StorageError(400, "InvalidArgument", message)
        date, expires = query.get("X-Amz-Date", ""), query.get("X-Amz-Expires", "")
        given = query.get("X-Amz-Signature", "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, self._signature(path, date, expires).encode()):
            message = "The request signature does not match the signature you provided."
            raise StorageError(403, "SignatureDoesNotMatch", message)
        if now_ms >= (int(date) + int(expires)) * 1000:
            raise StorageError(403, "AccessDenied", "Request has expired")
        _check_headers(headers)

    def _signature(self, path: str, date: str, expires: str) -> str:
        text = f"PUT\n{path}\n{date}\n{expires}\n{_SIGNED}"
        return hmac.new(self.secret, text.encode(), hashlib.sha256).hexdigest()


def _check_headers(headers: Mapping[str, str]) -> None:
    for name, value in REQUIRED_HEADERS.items():
        if headers.get(name.lower()) != value:
            message = f"The signed header {name.lower()} is missing or has another value."
            raise StorageError(403, "AccessDenied", message)
    signed = _SIGNED.split(";")
    for name in headers:
        if name.startswith("x-amz-") and name not in signed:
            message = f"The header {name} was not signed."
            raise StorageError(403, "AccessDenied", message)
