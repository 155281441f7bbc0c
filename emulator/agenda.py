"""What is due when: a queue on the emulator's clock. Imports: stdlib only."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Agenda:
    """Actions with a due time; equal times run in the order they were added."""

    __slots__ = ("_background", "_entries", "_sequence")

    def __init__(self) -> None:
        """Start with nothing to do."""
        self._entries: list[tuple[int, int, Callable[[int], object]]] = []
        self._sequence = 0
        self._background: set[int] = set()

    def add(
        self, due_ms: int, action: Callable[[int], object], *, background: bool = False
    ) -> None:
        """Let `action` run at its due time, which it is given as argument.

        A `background` action is nobody's request: it is not counted as waiting.
        """
        self._sequence += 1
        if background:
            self._background.add(self._sequence)
        heapq.heappush(self._entries, (due_ms, self._sequence, action))

    def pop_due(self, now_ms: int) -> tuple[int, Callable[[int], object]] | None:
        """Take the next action that is due, with its due time."""
        if not self._entries or self._entries[0][0] > now_ms:
            return None
        due_ms, sequence, action = heapq.heappop(self._entries)
        self._background.discard(sequence)
        return due_ms, action

    def waiting(self) -> list[tuple[int, Callable[[int], object]]]:
        """List what waits and is not in the background, in the order in which it will run."""
        kept = (
            one
            for one in sorted(self._entries, key=lambda one: one[:2])
            if one[1] not in self._background
        )
        return [(due_ms, action) for due_ms, _, action in kept]

    def next_due_ms(self) -> int | None:
        """When the next action is due."""
        return self._entries[0][0] if self._entries else None

    def __len__(self) -> int:
        """How many actions wait, without those in the background."""
        return len(self._entries) - len(self._background)
