"""What Kafka hands over: records and their positions. Imports the standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, NewType

Offset = NewType("Offset", int)
"""A record's number in its partition, or the next one to read: the only thing ever committed."""

Header = tuple[str, bytes | None]


class TopicPartition(NamedTuple):
    """One partition of one topic. A tuple, because it is the key of every hot dictionary."""

    topic: str
    partition: int

    def __str__(self) -> str:
        """Return the form that logs and messages use: `topic/partition`."""
        return f"{self.topic}/{self.partition}"


class Position(NamedTuple):
    """Where one record lies."""

    topic: str
    partition: int
    offset: Offset

    def __str__(self) -> str:
        """Return the form that logs and messages use: `topic/partition@offset`."""
        return f"{self.topic}/{self.partition}@{self.offset}"


@dataclass(frozen=True, slots=True)
class Record:
    """A Kafka record as fetched: bytes untouched, absent kept apart from empty."""

    tp: TopicPartition
    offset: Offset
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: tuple[Header, ...] = ()
    headers_unreadable: bool = False
    """It has headers that cannot be read: a name that is not UTF-8. `headers` is then empty."""

    @property
    def position(self) -> Position:
        """Return where this record lies."""
        return Position(self.tp.topic, self.tp.partition, self.offset)

    @property
    def size_bytes(self) -> int:
        """Return the bytes accounted for it while it has no fate (headers estimated in)."""
        return len(self.key or b"") + len(self.value or b"") + 200 + 64 * len(self.headers)

    def without_payload(self) -> Record:
        """Return where this record lies and nothing of what it holds."""
        return Record(self.tp, self.offset, self.timestamp_ms, None, None)
