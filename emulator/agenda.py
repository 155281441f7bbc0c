"""What is due when: a queue on the emulator's clock. Imports: stdlib only."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Agenda:
    """Actions with a due time; equal times run in the order they were added."""

    __slots__ = ("_entries", "_sequence")

    def __init__(self) -> None:
        """Start with nothing to do."""
        self._entries: list[tuple[int, int, Callable[[int], object]]] = []
        self._sequence = 0

    def add(self, due_ms: int, action: Callable[[int], object]) -> None:
        """Let `action` run at its due time, which it is given as argument."""
        self._sequence += 1
        heapq.heappush(self._entries, (due_ms, self._sequence, action))

    def pop_due(self, now_ms: int) -> tuple[int, Callable[[int], object]] | None:
        """Take the next action that is due, with its due time."""
        if not self._entries or self._entries[0][0] > now_ms:
            return None
        due_ms, _, action = heapq.heappop(self._entries)
        return due_ms, action

    def next_due_ms(self) -> int | None:
        """When the next action is due."""
        return self._entries[0][0] if self._entries else None

    def __len__(self) -> int:
        """How many actions wait."""
        return len(self._entries)
