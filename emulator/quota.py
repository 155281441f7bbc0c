"""Request and item quotas on the emulator's clock. Imports: clock, errors, settings."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from emulator.clock import DAY_MS
from emulator.errors import too_many_documents_daily, too_many_requests

if TYPE_CHECKING:
    from emulator.settings import Quota

_WINDOW_MS = 300_000


class QuotaMeter:
    """Counts what an organization used and refuses what is above its quota.

    A refused request is not counted, so a client that waits for Retry-After always gets through.
    Uploads never come here: they go to the storage, not to the Push API.
    """

    __slots__ = ("_day", "_items_today", "_quota", "_recent", "_requests_today")

    def __init__(self, quota: Quota) -> None:
        """Start with nothing used."""
        self._quota = quota
        self._recent: deque[int] = deque()
        self._day = -1
        self._requests_today = 0
        self._items_today = 0

    def take_request(self, now_ms: int) -> None:
        """Count one request; raises TOO_MANY_REQUESTS with the seconds until there is room."""
        self._turn_day(now_ms)
        while self._recent and self._recent[0] <= now_ms - _WINDOW_MS:
            self._recent.popleft()
        burst, daily = self._quota.requests_per_five_minutes, self._quota.requests_per_day
        if daily is not None and self._requests_today >= daily:
            raise too_many_requests(_seconds_to_midnight(now_ms))
        if burst is not None and len(self._recent) >= burst:
            # A quota of zero has no oldest request to wait for.
            oldest = self._recent[0] if self._recent else now_ms
            raise too_many_requests(_ceil_seconds(oldest + _WINDOW_MS - now_ms))
        self._recent.append(now_ms)
        self._requests_today += 1

    def check_items(self, now_ms: int) -> None:
        """Raise TOO_MANY_DOCUMENTS_DAILY if the day's items are used up."""
        self._turn_day(now_ms)
        limit = self._quota.items_per_day
        if limit is not None and self._items_today >= limit:
            raise too_many_documents_daily(_seconds_to_midnight(now_ms))

    def count_items(self, now_ms: int, items: int) -> None:
        """Count items that were processed; only the next request feels it."""
        self._turn_day(now_ms)
        self._items_today += items

    def usage(self, now_ms: int) -> dict[str, int | None]:
        """Show what is used and what is allowed, for inspection."""
        self._turn_day(now_ms)
        recent = sum(1 for at in self._recent if at > now_ms - _WINDOW_MS)
        return {
            "requests_in_five_minutes": recent,
            "requests_today": self._requests_today,
            "items_today": self._items_today,
            "requests_per_five_minutes": self._quota.requests_per_five_minutes,
            "requests_per_day": self._quota.requests_per_day,
            "items_per_day": self._quota.items_per_day,
        }

    def saved(self) -> dict[str, Any]:
        """Return what is used, to be restored."""
        return {
            "recent": list(self._recent),
            "day": self._day,
            "requestsToday": self._requests_today,
            "itemsToday": self._items_today,
        }

    def restore(self, saved: dict[str, Any]) -> None:
        """Go on with what was used before."""
        self._recent = deque(saved["recent"])
        self._day = saved["day"]
        self._requests_today, self._items_today = saved["requestsToday"], saved["itemsToday"]

    def _turn_day(self, now_ms: int) -> None:
        day = now_ms // DAY_MS
        if day != self._day:
            self._day, self._requests_today, self._items_today = day, 0, 0


def _seconds_to_midnight(now_ms: int) -> int:
    return _ceil_seconds(DAY_MS - now_ms % DAY_MS)


def _ceil_seconds(milliseconds: int) -> int:
    return max(1, -(-milliseconds // 1000))
