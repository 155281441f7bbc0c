"""A listener that remembers what it was told, and can act while it is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from consumer.domain.assignment import Assigned
from consumer.domain.records import TopicPartition

Partitions = list[TopicPartition]


class RecordingListener:
    """Keeps every call in order; `during_revoke` runs while the partitions are still owned."""

    def __init__(self, during_revoke: Callable[[Partitions], None] = lambda _: None) -> None:
        """Start with nothing heard."""
        self.calls: list[tuple[str, Partitions]] = []
        self.starts: dict[TopicPartition, Assigned] = {}
        self.owned: set[TopicPartition] = set()
        self.during_revoke = during_revoke
        self.during_lost: Callable[[Partitions], None] = lambda _: None

    def on_assigned(self, assigned: Sequence[Assigned]) -> None:
        """Remember where each partition starts."""
        partitions = [one.tp for one in assigned]
        self.calls.append(("assigned", partitions))
        self.starts.update({one.tp: one for one in assigned})
        self.owned.update(partitions)

    def on_revoked(self, partitions: Sequence[TopicPartition]) -> None:
        """Remember, and do what was asked for."""
        self.calls.append(("revoked", list(partitions)))
        self.during_revoke(list(partitions))
        self.owned.difference_update(partitions)

    def on_lost(self, partitions: Sequence[TopicPartition]) -> None:
        """Remember."""
        self.calls.append(("lost", list(partitions)))
        self.during_lost(list(partitions))
        self.owned.difference_update(partitions)

    def heard(self) -> list[tuple[str, Partitions]]:
        """Return the calls about any partition: a member is told of none when it merely waits."""
        return [(name, partitions) for name, partitions in self.calls if partitions]

    def told(self, kind: str) -> list[Partitions]:
        """Return the partitions of every call of one kind."""
        return [partitions for name, partitions in self.calls if name == kind]
