"""Which partitions the client does not fetch now. May import `confluent_kafka`."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from confluent_kafka import Consumer
from confluent_kafka import TopicPartition as ClientPartition

from consumer.domain.records import TopicPartition


class Pauses:
    """Brings the client's pauses in line. A pause does not cover partitions that come later."""

    def __init__(self, consumer: Consumer) -> None:
        """Pause nothing."""
        self.wanted: frozenset[TopicPartition] = frozenset()
        self._consumer = consumer
        self._paused: frozenset[TopicPartition] = frozenset()

    def apply(self, owned: AbstractSet[TopicPartition], held: AbstractSet[TopicPartition]) -> None:
        """Pause those that are wanted and owned, and those that are held; resume all others."""
        paused = frozenset((self.wanted & owned) | held)
        if pause := paused - self._paused:
            self._consumer.pause([ClientPartition(*tp) for tp in pause])
        if resume := self._paused - paused:
            self._consumer.resume([ClientPartition(*tp) for tp in resume])
        self._paused = paused

    def forget(self, gone: AbstractSet[TopicPartition]) -> None:
        """These are not assigned any more, and the client has forgotten them."""
        self._paused -= gone
