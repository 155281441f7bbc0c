"""The fence (INV-3): which partition is owned in which epoch, readable from any thread.

The main thread publishes a whole new mapping; readers see the old one or the new one, never a
mixture, because only a reference changes. Imports the standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping

from consumer.domain.records import TopicPartition


class Fence:
    """Answers whether work of an epoch may still go out."""

    def __init__(self) -> None:
        """Start with no partition owned."""
        self._epochs: Mapping[TopicPartition, int] = {}

    def publish(self, epochs: Mapping[TopicPartition, int]) -> None:
        """Replace what is owned. Main thread only."""
        self._epochs = dict(epochs)

    def holds(self, tp: TopicPartition, epoch: int) -> bool:
        """Return whether `tp` is still owned in that very epoch. Any thread."""
        return self._epochs.get(tp) == epoch
