"""Positions that answer as the test says."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from consumer.domain.assignment import Assigned
from consumer.domain.errors import ConfigError, RetryableError
from consumer.domain.hazards import DeletesKept, EndSeen, Hazard
from consumer.domain.records import Offset, TopicPartition
from consumer.kafka.changed import LogChangedError
from consumer.kafka.positions import Resolution
from consumer.kafka.starts import LogRange, outside_log


class ScriptedPositions:
    """Starts everything at 0, but for what is in `held`."""

    def __init__(self) -> None:
        """Hold nothing."""
        self.held: dict[TopicPartition, ConfigError | RetryableError] = {}
        self.unasked: set[TopicPartition] = set()
        self.asked: list[list[TopicPartition]] = []
        self.changed: list[LogChangedError] = []
        self.found: list[Hazard] = []
        self.starts: dict[TopicPartition, Assigned] = {}

    def resolve(self, partitions: Sequence[TopicPartition], seconds: float) -> Resolution:
        """Answer at once."""
        assert seconds > 0
        self.asked.append(list(partitions))
        ready = [tp for tp in partitions if tp not in self.held]
        held = {tp: self.held[tp] for tp in partitions if tp in self.held}
        return Resolution(
            tuple(
                self.starts.get(tp, Assigned(tp, Offset(0), Offset(9), clean=True)) for tp in ready
            ),
            held,
            frozenset(self.unasked & held.keys()),
        )

    def look_again(self, owned: Collection[TopicPartition]) -> Sequence[LogChangedError]:
        """Return once what a test says."""
        self.owned = owned
        changed, self.changed = self.changed, []
        return changed

    def gone(self, tp: TopicPartition, offset: int | None) -> LogChangedError:
        """Say it as the cluster's positions do."""
        return outside_log(tp, offset, LogRange(3, 9))

    def hazards(self) -> Sequence[Hazard]:
        """Return what a test says."""
        return self.found

    def ends_seen(self) -> Mapping[TopicPartition, EndSeen]:
        """See none."""
        return {}

    def deletes_kept(self, topic: str) -> DeletesKept | None:
        """Know one topic."""
        return DeletesKept(60.0) if topic == "t" else None
