"""Feeds the broker: the snapshot at once, the recorded day at a pace, then changes without end."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from demo import recording
from demo.broker import EmbeddedBroker
from demo.changes import MoreChanges
from demo.recording import RecordedEvent

SNAPSHOT_EVENTS = 1_034
"""Rows of the recorded snapshot (`demo/data/README.md`): they come first, all at once."""


class Feed:
    """A thread that produces; trouble in it is raised by `check`."""

    def __init__(
        self, broker: EmbeddedBroker, more: MoreChanges, day_rate: float, change_rate: float
    ) -> None:
        """Nothing is produced before `start`."""
        self._broker = broker
        self._more = more
        self._pauses = (1 / day_rate, 1 / change_rate)
        self._stopped = threading.Event()
        self._trouble: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the record that is being produced."""
        self._stopped.set()
        self._thread.join()

    def check(self) -> None:
        """Raise what ended the thread, if anything did."""
        if self._trouble is not None:
            raise self._trouble

    def _run(self) -> None:
        try:
            for event, pause in self._paced():
                self._broker.produce(event)
                if pause and self._stopped.wait(pause):
                    return
        except RuntimeError as trouble:
            self._trouble = trouble

    def _paced(self) -> Iterator[tuple[RecordedEvent, float]]:
        day_pause, change_pause = self._pauses
        for number, event in enumerate(recording.events()):
            self._more.follow(event)
            yield event, 0.0 if number < SNAPSHOT_EVENTS else day_pause
        for event in self._more.endless():
            yield event, change_pause
