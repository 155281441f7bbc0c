"""What is said about partitions when they come, go and are committed. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from consumer.domain.records import Offset, TopicPartition


class Tenure(StrEnum):
    """Committed with every offset, as its metadata: how the owner left, or that it has not left."""

    OPEN = "open"
    """An owner is, or was, at work: a request of its may still take effect."""
    CLEAN = "clean"
    """The owner left with nothing on the wire and nothing ambiguous."""


@dataclass(frozen=True, slots=True)
class Incarnation:
    """Which topic of its name a partition is of: one that was created anew is another topic."""

    topic_id: str | None = None
    """The cluster's id of it; `None` where it does not tell."""
    partitions: int | None = None
    """How many the topic had when the group began to read this one; `None` if nobody noted it."""


class Witness(NamedTuple):
    """A record that was read: one with the same offset and another timestamp is not the same."""

    offset: int
    timestamp_ms: int


@dataclass(frozen=True, slots=True)
class Assigned:
    """A partition that was given to this member.

    `next_offset` is where reading starts. `clean` says that no earlier owner can still have a
    request on the wire: its last commit says so, or there never was a commit.
    """

    tp: TopicPartition
    next_offset: Offset
    high_watermark: Offset
    clean: bool
    begun: bool = False
    """The group had no commit for it: reading begins, where the rules for that say."""
    incarnation: Incarnation = Incarnation()
    end_seen_ms: int | None = None
    """What the last commit says of that (`CommitPoint`); `None` if it says nothing."""
    witness: Witness | None = None
    """A record shortly before `next_offset` that was read, and must still be there."""


@dataclass(frozen=True, slots=True)
class CommitPoint:
    """What is committed for one partition: the next offset to read and how the owner stands."""

    next_offset: Offset
    tenure: Tenure
    end_seen_ms: int | None = field(default=None, compare=False)
    """When the log was last known to end at or before `next_offset`, or when reading began: what
    lay unread then has been read. UTC."""


@dataclass(frozen=True, slots=True)
class CommitResult:
    """How a commit of one partition ended; `error` is `None` when it is durable."""

    tp: TopicPartition
    point: CommitPoint
    error: str | None
    seconds: float | None = field(default=None, compare=False)
    """From sending it to its answer; `None` if it was not sent or not answered."""
    in_rebalance: bool = field(default=False, compare=False)
    """Refused because the group had just changed: nothing is wrong, the next commit covers it."""
