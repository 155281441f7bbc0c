"""The last calls to Coveo, for `/status` and support cases. Imports the domain."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import Lock
from typing import Final

from consumer.domain.fates import Call
from consumer.observe.events import Event, call_made

MOST: Final = 50
"""Calls that are kept: some 15 batches, or all that led to a target's being blocked."""


class RecentCalls:
    """A bounded list, written and read by any thread."""

    def __init__(self) -> None:
        """Start empty."""
        self._calls = deque[Call](maxlen=MOST)
        self._lock = Lock()

    def add(self, call: Call) -> None:
        """Keep a call; the oldest one goes when there are too many."""
        with self._lock:
            self._calls.append(call)

    def all(self) -> tuple[Call, ...]:
        """Return the calls, the oldest first."""
        with self._lock:
            return tuple(self._calls)


def hearing(log: Callable[[Event], None], calls: RecentCalls) -> Callable[[Call], None]:
    """Return what is told of each call that is no step of a batch: those are told with it."""

    def heard(call: Call) -> None:
        calls.add(call)
        log(call_made(call))

    return heard
