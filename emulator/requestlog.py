"""Which requests came and how they ended. Imports: stdlib; calls for types.

It has a lock of its own, since it is used on the event loop, which must not wait for the world's.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.calls import Endpoint


@dataclass(slots=True)
class RequestRecord:
    """One request; `status` stays None while it is open or if it never got an answer.

    It never holds the token or the query string, which carries a signature on uploads.
    """

    number: int
    at_ms: int
    method: str
    path: str
    endpoint: Endpoint
    source: str | None
    file_id: str | None
    size: int = 0
    status: int | None = None
    milliseconds: float | None = None
    fault: str | None = None


class RequestLog:
    """The newest requests, and how many there were by endpoint and status."""

    __slots__ = ("_lock", "_numbers", "_records", "_responses")

    def __init__(self, bound: int) -> None:
        """Start empty; at most `bound` requests are kept."""
        self._lock = Lock()
        self._numbers = 0
        self._records: deque[RequestRecord] = deque(maxlen=bound)
        self._responses: Counter[tuple[str, str]] = Counter()

    def next_number(self) -> int:
        """Return the number of the next request, from 1."""
        with self._lock:
            self._numbers += 1
            return self._numbers

    @property
    def last_number(self) -> int:
        """The number of the newest request."""
        with self._lock:
            return self._numbers

    def go_on_behind(self, number: int) -> None:
        """Give no number up to this one again."""
        with self._lock:
            self._numbers = max(self._numbers, number)

    def open(self, record: RequestRecord) -> None:
        """Keep a request from the moment it is seen."""
        with self._lock:
            self._records.append(record)

    def close(self, record: RequestRecord, status: int | None, milliseconds: float) -> None:
        """Note how a request ended; None if the client got no status."""
        with self._lock:
            record.status, record.milliseconds = status, milliseconds
            self._responses[str(record.endpoint), "none" if status is None else str(status)] += 1

    def behind(self, number: int, limit: int) -> list[RequestRecord]:
        """List the requests behind a number, oldest first."""
        with self._lock:
            return [one for one in self._records if one.number > number][:limit]

    def responses(self) -> Mapping[str, Mapping[str, int]]:
        """Count ended requests by endpoint and status; `none` is a request without an answer."""
        with self._lock:
            counts = sorted(self._responses.items())
        result: dict[str, dict[str, int]] = {}
        for (endpoint, status), count in counts:
            result.setdefault(endpoint, {})[status] = count
        return result
