"""Time by hand."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class ManualClock:
    """Time that stands still until it is moved."""

    now: float = 1_000.0

    def monotonic(self) -> float:
        """Return the time."""
        return self.now

    def wall_ms(self) -> int:
        """Return the same in milliseconds."""
        return int(self.now * 1000)
