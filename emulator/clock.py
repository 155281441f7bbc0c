"""Where the emulator gets its time from. Imports: stdlib only."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Protocol

DAY_MS = 86_400_000


class Clock(Protocol):
    """Wall time in epoch milliseconds (UTC), which an operator may move forward."""

    def now_ms(self) -> int:
        """Milliseconds since the epoch."""
        ...

    def advance(self, milliseconds: int) -> None:
        """Move the clock forward; it never goes back."""
        ...


class SystemClock:
    """The machine's clock plus whatever it was advanced by."""

    __slots__ = ("_ahead_ms",)

    def __init__(self) -> None:
        """Start level with the machine's clock."""
        self._ahead_ms = 0

    def now_ms(self) -> int:
        """Milliseconds since the epoch."""
        return time.time_ns() // 1_000_000 + self._ahead_ms

    def advance(self, milliseconds: int) -> None:
        """Move the clock forward; raises ValueError for a negative step."""
        self._ahead_ms += _forward(milliseconds)


class ManualClock:
    """A clock that stands still until it is advanced."""

    __slots__ = ("_lock", "_now_ms")

    def __init__(self, now_ms: int = 1_700_000_000_000) -> None:
        """Stand at the given time, by default in November 2023."""
        self._now_ms = now_ms
        self._lock = threading.Lock()

    def now_ms(self) -> int:
        """Milliseconds since the epoch."""
        return self._now_ms

    def advance(self, milliseconds: int) -> None:
        """Move the clock forward; raises ValueError for a negative step."""
        with self._lock:
            self._now_ms += _forward(milliseconds)


class HeldClock:
    """A clock that stands still for whoever holds it, so that a request has one moment.

    One thread may hold it at a time (take the world's lock); for the others it goes on.
    """

    __slots__ = ("_held_ms", "_holder", "inner")

    def __init__(self, inner: Clock) -> None:
        """Go as another clock goes."""
        self.inner = inner
        self._held_ms: int | None = None
        self._holder: int | None = None

    def now_ms(self) -> int:
        """Milliseconds since the epoch."""
        held_ms = self._held_ms
        if held_ms is None or self._holder != threading.get_ident():
            return self.inner.now_ms()
        return held_ms

    def advance(self, milliseconds: int) -> None:
        """Move the clock forward, also one that is held."""
        self.inner.advance(milliseconds)
        if self._held_ms is not None:
            self._held_ms += milliseconds

    @contextmanager
    def held(self) -> Iterator[int]:
        """Stand still for the length of the block; inside another one nothing changes."""
        former = self._held_ms
        self._held_ms = self.now_ms()
        self._holder = threading.get_ident()
        try:
            yield self._held_ms
        finally:
            self._held_ms = former


def iso(milliseconds: int) -> str:
    """Format epoch milliseconds as `2024-01-31T12:00:00.000Z`."""
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _forward(milliseconds: int) -> int:
    if milliseconds < 0:
        message = f"a clock only moves forward, not by {milliseconds} ms"
        raise ValueError(message)
    return milliseconds
