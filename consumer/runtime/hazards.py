"""Keeps what is found out about the logs, and tells each once. Main thread only.

One question it answers itself: was a compacted topic read so late that deletes may be gone from it?
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from consumer.domain.hazards import DeletesKept, Hazard, HazardKind
from consumer.domain.records import Offset, TopicPartition
from consumer.pipeline.ends import EndsSeen
from consumer.runtime.ports import Ports

_ROUND_SECONDS: Final = 5.0
"""Between two looks at all partitions."""


class Hazards:
    """Looks at the assigned partitions in rounds."""

    def __init__(self, ports: Ports) -> None:
        """Find nothing yet."""
        self.ends = EndsSeen()
        self._ports = ports
        self._late: dict[str, Hazard] = {}
        self._told: set[tuple[HazardKind, str]] = set()
        self._due = 0.0

    def current(self) -> tuple[Hazard, ...]:
        """Return everything that is or may be wrong."""
        return (*self._ports.source.hazards(), *self._late.values())

    def tell(self) -> None:
        """Tell what was not told before."""
        for hazard in self.current():
            if (hazard.kind, hazard.about) not in self._told:
                self._told.add((hazard.kind, hazard.about))
                self._ports.observer.hazard_found(hazard)

    def look(self, settled: Mapping[TopicPartition, Offset]) -> None:
        """Compare what was read with what was heard, if a round is due.

        `settled`: for each assigned partition the offset that may be committed.
        """
        clock = self._ports.clock
        now, now_ms = clock.monotonic(), clock.wall_ms()
        if now < self._due:
            return
        self._due = now + _ROUND_SECONDS
        for tp, seen in self._ports.source.ends_seen().items():
            self.ends.mark(tp, seen.end, now_ms - int(seen.age_seconds * 1_000))
        for tp, next_offset in settled.items():
            kept = self._ports.source.deletes_kept(tp.topic)
            if kept is not None:  # before that, moving on would hide how late it was read
                self._compare(tp, kept, now_ms)
                self.ends.reach(tp, next_offset)

    def _compare(self, tp: TopicPartition, kept: DeletesKept, now_ms: int) -> None:
        seen_ms = self.ends.seen_ms(tp)
        if seen_ms is None or tp.topic in self._late:
            return
        late_seconds = (now_ms - seen_ms) / 1_000
        if late_seconds > kept.seconds:
            why = _lateness(tp, late_seconds, kept)
            kind = HazardKind.DELETES_MAY_BE_MISSING
            self._late[tp.topic] = Hazard(kind, tp.topic, tp.topic, why)


def _lateness(tp: TopicPartition, late_seconds: float, kept: DeletesKept) -> str:
    read = f"{tp} was last known to be read to its end {late_seconds / 3_600:.1f} hours ago"
    hours = f"{kept.seconds / 3_600:.1f} hours"
    if kept.certain:
        return f"{read}, and the topic is compacted and keeps deletes for {hours}"
    return f"{read}; if the topic is compacted, it keeps deletes for {hours} by Kafka's default"
