"""When requests may go out: quotas of a few minutes and of a day. Pure. Stdlib only.

The quotas are per organization and count calls of the Push API (docs/l62e0540).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from consumer.coveo.limits import DAY_SECONDS, QUOTA_WINDOW_SECONDS, REQUESTS_PER_BATCH

_WINDOW_BURST: Final = 0.5
_DAY_BURST: Final = 0.2
_ROUNDING: Final = 1e-6
_ALL_BURST: Final = 0.9
"""How fast a quota that one batch uses up comes back: a little later than its window is over."""


@dataclass(frozen=True, slots=True)
class Quota:
    """Requests allowed in any five minutes and in any 24 hours."""

    requests_per_window: int
    requests_per_day: int


@dataclass(frozen=True, slots=True)
class Share:
    """The part of the quota that this member may use, between 0 and 1.

    Never less than one batch each `floor_seconds`, as far as the whole quota grants that, or a
    member with few partitions would stand still; what that is too much, 429s correct.
    """

    fraction: float = 1.0
    floor_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class Headroom:
    """What may still go out at once, and until when the service wants nothing; for `/status`."""

    window_requests: float
    day_requests: float
    throttled_until: float


class Governor:
    """Says when requests may go out, so that the quota is never exceeded in any window.

    One token bucket per window. Its capacity and what flows in during the window add up to the
    quota, so no window whatsoever holds more than that; and because it keeps flowing, a bulk load
    slows changes down but never locks them out for the rest of a day. Times are monotonic seconds.
    """

    def __init__(
        self, quota: Quota, now: float, share: Share | None = None, day_elapsed: float = 0.0
    ) -> None:
        """Start with `day_elapsed`, the part of the UTC day that is over, counted as spent.

        Nobody knows what was sent before the start; without this, each restart would be a new day.
        """
        self._throttled_until = 0.0
        self._window = _Bucket(quota.requests_per_window, QUOTA_WINDOW_SECONDS, _WINDOW_BURST, now)
        self._day = _Bucket(quota.requests_per_day, DAY_SECONDS, _DAY_BURST, now)
        self.set_share(now, share or Share())
        self._day.tokens = max(self._day.capacity * (1.0 - day_elapsed), REQUESTS_PER_BATCH)

    def set_share(self, now: float, share: Share) -> None:
        """Use another part of the quota from now on; called when partitions come or go."""
        self._window.resize(now, share)
        self._day.resize(now, share)

    def due(self, now: float, requests: int = REQUESTS_PER_BATCH) -> float:
        """Return the earliest time at which so many requests may go out, `now` if at once.

        Infinite if they never may, being more than the quota grants at once; never for one batch.
        """
        return max(self._window.due(now, requests), self._day.due(now, requests))

    def spend(self, now: float, requests: int = REQUESTS_PER_BATCH) -> None:
        """Count requests that go out now. More than were due make the next ones wait longer."""
        self._window.take(now, requests)
        self._day.take(now, requests)

    def throttled(self, until: float) -> None:
        """Obey Retry-After: nothing before `until`, whatever was granted till now.

        The window is empty until then and fills from then on, without a burst: the service counted
        more than we did.
        """
        self._throttled_until = max(self._throttled_until, until)
        self._window.drain(until)

    def rate_per_second(self, now: float) -> float:
        """Return how many requests a second may go out in the long run; 0 until a Retry-After."""
        if now < self._throttled_until:
            return 0.0
        return min(self._window.rate, self._day.rate)

    def headroom(self, now: float) -> Headroom:
        """Return what is left, for display."""
        return Headroom(self._window.level(now), self._day.level(now), self._throttled_until)


class _Bucket:
    """Tokens that flow in at a steady rate, up to a capacity; below zero after an overdraft."""

    def __init__(self, quota: int, seconds: float, burst: float, now: float) -> None:
        self._full_capacity = max(quota * burst, REQUESTS_PER_BATCH)
        inflow = quota - self._full_capacity
        self._full_rate = (inflow if inflow > 0 else quota * _ALL_BURST) / seconds
        self.capacity = self._full_capacity
        self.tokens = self._full_capacity
        self.rate = self._full_rate
        self._at = now

    def resize(self, now: float, share: Share) -> None:
        self._settle(now)
        floor = min(REQUESTS_PER_BATCH / share.floor_seconds, self._full_rate)
        self.rate = max(self._full_rate * share.fraction, floor)
        self.capacity = max(self._full_capacity * share.fraction, REQUESTS_PER_BATCH)
        self.tokens = min(self.tokens, self.capacity)

    def level(self, now: float) -> float:
        """Return the tokens there are at `now`."""
        self._settle(now)
        return self.tokens

    def due(self, now: float, requests: int) -> float:
        """Return when there will be enough tokens, `now` if there are."""
        missing = requests - self.level(now)
        if missing <= _ROUNDING:
            return now
        if requests > self.capacity or self.rate <= 0:
            return math.inf
        return max(now, self._at) + missing / self.rate

    def take(self, now: float, requests: int) -> None:
        self._settle(now)
        self.tokens -= requests

    def drain(self, until: float) -> None:
        """Be empty at `until` and fill from then on."""
        self.tokens = min(self.tokens, 0.0)
        self._at = max(self._at, until)

    def _settle(self, now: float) -> None:
        if now > self._at:
            inflow = (now - self._at) * self.rate
            self.tokens = min(self.capacity, self.tokens + inflow)
            self._at = now
