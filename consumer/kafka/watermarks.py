"""Begin and end of the logs we read, from what the client heard last. Imports `confluent_kafka`."""

from __future__ import annotations

from collections.abc import Iterable

from confluent_kafka import Consumer
from confluent_kafka import TopicPartition as ClientPartition

from consumer.domain.records import TopicPartition


class Watermarks:
    """Learned from fetch answers, without a call of our own; those of paused partitions age."""

    def __init__(self, consumer: Consumer) -> None:
        """Know nothing yet."""
        self._consumer = consumer
        self.low: dict[TopicPartition, int] = {}
        self.high: dict[TopicPartition, int] = {}
        self.read_to: dict[TopicPartition, int] = {}
        """How far each log was seen to its end; whoever reads it says so here."""

    def begin(self, tp: TopicPartition, high: int) -> None:
        """Take a partition over whose end was asked for; its beginning comes with a fetch."""
        self.high[tp] = high

    def forget(self, tp: TopicPartition) -> None:
        """Give a partition up."""
        for known in (self.low, self.high, self.read_to):
            known.pop(tp, None)

    def refresh(self, owned: Iterable[TopicPartition]) -> None:
        """Ask the client what it heard since; a negative mark means that it heard nothing."""
        for tp in owned:
            low, high = self._consumer.get_watermark_offsets(ClientPartition(*tp), cached=True)
            self.high[tp] = max(self.high.get(tp, 0), high)
            if low >= 0:
                self.low[tp] = low
