"""An observer whose lines and counts a test can look at."""

from __future__ import annotations

from consumer.observe.events import Event
from consumer.observe.metrics import Metrics
from consumer.observe.observer import Observer
from consumer.observe.published import Published
from consumer.runtime.status import LoopStatus
from tests.unit.observe.pictures import Time, published, status


class Watched:
    """An observer with its lines and counts at hand."""

    def __init__(self) -> None:
        """Start a program that has done nothing yet."""
        self.lines: list[Event] = []
        self.metrics = Metrics()
        self.time = Time()
        self.board: Published = published(self.time)
        self.observer = Observer(self.lines.append, self.metrics, self.board)
        self.drawn = 0

    def draw(self) -> LoopStatus:
        """Return a status, and count that it was asked for."""
        self.drawn += 1
        return status()

    def count(self, name: str, **labels: str) -> float | None:
        """Return a counter's value."""
        return self.metrics.registry.get_sample_value(name, labels)
