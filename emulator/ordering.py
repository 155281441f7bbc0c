"""Ordering ids that the service gives itself (docs.coveo.com/en/147). Imports: stdlib only."""

from __future__ import annotations


class OrderingIds:
    """The ids of one source or security provider for operations that came without one."""

    __slots__ = ("last",)

    def __init__(self, last: int | None = None) -> None:
        """Go on behind `last`, the newest id that was given."""
        self.last = last

    def assign(self, now_ms: int, *, monotonic: bool) -> int:
        """Return the clock's milliseconds; with `monotonic`, never the same value again."""
        value = now_ms if self.last is None or not monotonic else max(now_ms, self.last + 1)
        self.last = value
        return value
