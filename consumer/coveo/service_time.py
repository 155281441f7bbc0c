"""The service's own clock, as its answers tell it. Pure. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, NewType

ServiceTime = NewType("ServiceTime", int)
"""Epoch milliseconds by the service's own clock, as an answer's `Date` said; only read here."""

_EARLIEST: Final = datetime(2015, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)
"""What lies outside is no clock's time: a barrier years ahead cannot be undone (docs/147)."""


def service_time(headers: Mapping[str, str]) -> ServiceTime | None:
    """Return what the service's clock said when it answered; `None` if that cannot be told.

    `headers` has lower-case names. An answer out of a cache (`Age`) is older than it looks.
    """
    moment = moment_of(headers.get("date", ""))
    if moment is None or "age" in headers or not _EARLIEST <= moment <= _LATEST:
        return None
    return ServiceTime(int(moment.timestamp()) * 1000)


def moment_of(text: str) -> datetime | None:
    """Return the moment that a date of HTTP (RFC 9110 §5.6.7) says, `None` if it says none."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
