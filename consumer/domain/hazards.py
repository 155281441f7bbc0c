"""What can go wrong with a log under its reader's feet: told, counted, shown. Standard library."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class HazardKind(StrEnum):
    """Kinds of it; label of `cdc_log_hazards`, and name of the event."""

    TOPIC_CREATED_ANEW = "topic_created_anew"
    """A topic has another id than the one that was read: the program stops."""
    OFFSET_OUTSIDE_LOG = "offset_outside_log"
    """The next offset to read is not in the log: the program stops."""
    PARTITION_ADDED = "partition_added"
    """A topic got more partitions: keys move, and their order with them."""
    DELETES_MAY_BE_MISSING = "deletes_may_be_missing"
    """A compacted topic was read so late that deletes may have been removed from it before."""


@dataclass(frozen=True, slots=True)
class Hazard:
    """One of them. `about` is a topic or a partition, `why` has the figures."""

    kind: HazardKind
    topic: str
    about: str
    why: str
    holds: bool = False
    """Records wait because of it."""


class EndSeen(NamedTuple):
    """Where a log ended, so many seconds ago; by now it may be longer."""

    end: int
    age_seconds: float


@dataclass(frozen=True, slots=True)
class DeletesKept:
    """How long a delete is sure to stay in a topic's log, for those who read it late.

    `certain` is false where the cluster does not tell: then Kafka's default for compacted topics
    stands here, whether it is compacted or not.
    """

    seconds: float
    certain: bool = True
