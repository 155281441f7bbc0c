"""One point in time that a whole attempt has to respect. Imports the standard library only."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deadline:
    """A point on a monotonic clock, passed down instead of time-outs that add up."""

    at: float
    monotonic: Callable[[], float] = time.monotonic

    @classmethod
    def after(cls, seconds: float, monotonic: Callable[[], float] = time.monotonic) -> Deadline:
        """Return the point `seconds` from now."""
        return cls(monotonic() + seconds, monotonic)

    def share(self, attempts: int) -> Deadline:
        """Return an earlier one, for the first of so many attempts that have the time together."""
        return Deadline(self.monotonic() + self.remaining_seconds() / attempts, self.monotonic)

    def remaining_seconds(self) -> float:
        """Return the seconds left, zero once it has passed."""
        return max(0.0, self.at - self.monotonic())
