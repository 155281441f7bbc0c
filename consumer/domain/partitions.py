"""How many partitions topics have. Imports the standard library only.

Whoever reads a topic learns it and notes it here; whoever translates its records asks here, so that
no question is asked in between. Main thread only.
"""

from __future__ import annotations


class PartitionCounts:
    """Numbers by topic, as they were last seen; they grow, or the topic is another one."""

    def __init__(self) -> None:
        """Know no topic."""
        self._counts: dict[str, int] = {}

    def note(self, topic: str, count: int) -> None:
        """Keep how many partitions a topic has now."""
        self._counts[topic] = count

    def has_several(self, topic: str) -> bool:
        """Return whether a topic is known to have more than one partition."""
        return self._counts.get(topic, 0) > 1
