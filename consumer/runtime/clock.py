"""The real clock."""

from __future__ import annotations

import time


class SystemClock:
    """Implements the loop's `Clock` with the machine's clocks."""

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        return time.monotonic()

    def wall_ms(self) -> int:
        """Return UTC milliseconds since 1970."""
        return time.time_ns() // 1_000_000
