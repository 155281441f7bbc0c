"""Virtual time, one queue of events, one source of chance: everything happens in here."""

from __future__ import annotations

import heapq
import random
import zlib
from collections.abc import Callable, Sequence
from typing import TypeVar

from tests.simulation.situations import Situations
from tests.simulation.story import Story

T = TypeVar("T")
Act = Callable[[], None]


class World:
    """Runs events in the order of their times; equal seeds give equal runs."""

    def __init__(self, seed: int) -> None:
        """Start at a time that is not zero, with nothing to do."""
        self.chances = random.Random(seed)
        self.now = 1_000.0
        self.steps = 0
        self.trace = 0
        self.story = Story()
        self.seen = Situations()
        self.calm = False
        self.waiting = 0
        """How many members wait inside a step of theirs."""
        self._queue: list[tuple[float, int, str, Act]] = []
        self._number = 0

    # --- chance

    def chance(self, probability: float) -> bool:
        """Return whether something of this probability happens now. Never while all is calm."""
        return not self.calm and self.chances.random() < probability

    def between(self, low: float, high: float) -> float:
        """Return a number of seconds between two."""
        return low + (high - low) * self.chances.random()

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of these."""
        return choices[int(self.chances.random() * len(choices))]

    # --- time

    def after(self, seconds: float, what: str, act: Act) -> None:
        """Let something happen later."""
        self._number += 1
        heapq.heappush(self._queue, (self.now + seconds, self._number, what, act))

    def step(self) -> None:
        """Let the next event happen: one step of the simulation."""
        at, number, what, act = heapq.heappop(self._queue)
        self.now = max(self.now, at)
        self.steps += 1
        self.story.step, self.story.now = self.steps, self.now
        self.trace = zlib.crc32(f"{number} {at!r} {what}".encode(), self.trace)
        act()

    def run_until(self, done: Callable[[], bool], until: float) -> None:
        """Let things happen until it is done, or that time; for whoever waits inside a step."""
        self.waiting += 1
        try:
            while not done() and self._queue and self._queue[0][0] <= until:
                self.step()
        finally:
            self.waiting -= 1
        if not done():
            self.now = max(self.now, until)

    # --- telling

    def tell(self, about: str, who: str, what: str, *details: object) -> None:
        """Add to the story."""
        self.story.tell(about, who, what, *details)
