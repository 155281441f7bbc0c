"""Where reading starts, and why it must not start there. Pure; imports the domain only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from consumer.domain.assignment import Assigned, Tenure
from consumer.domain.errors import ConfigError
from consumer.domain.records import Offset, TopicPartition


class Start(StrEnum):
    """Where a group starts on a topic on which it has never committed."""

    EARLIEST = "earliest"
    LATEST = "latest"


class LogRange(NamedTuple):
    """The offsets of a partition's log: the first one kept and the next one to be written."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Committed:
    """What the group has committed for a partition; `next_offset` is `None` if it never did."""

    next_offset: int | None
    metadata: str | None = None

    @property
    def clean(self) -> bool:
        """Return whether no earlier owner can still be at work.

        Anything but the word itself, such as the empty metadata of an operator's tool, is not.
        """
        return self.next_offset is None or self.metadata == Tenure.CLEAN


def begin(
    tp: TopicPartition, committed: Committed, log: LogRange, start: Start, *, topic_is_new: bool
) -> Assigned:
    """Return where to read `tp` from; `topic_is_new` if no partition of its topic has a commit.

    A partition that was added to a known topic starts at its beginning, whatever `start` says:
    what was written before we heard of it is a change like any other. Raises ConfigError if the
    committed offset is not in the log, for there is no offset that would not lose or repeat.
    """
    if committed.next_offset is None:
        at = log.high if topic_is_new and start is Start.LATEST else log.low
    else:
        at = _within(tp, committed.next_offset, log)
    return Assigned(tp, Offset(at), Offset(log.high), committed.clean)


def _within(tp: TopicPartition, offset: int, log: LogRange) -> int:
    if offset < log.low:
        msg = (
            f"{tp}: the committed offset {offset} is before the log, which holds {log.low} to"
            f" {log.high}: retention has deleted unread records, or the topic was created anew."
            " Nothing is read from it. Take a new snapshot of its tables, then set the group's"
            " offset to where reading shall go on"
        )
        raise ConfigError(msg)
    if offset > log.high:
        msg = (
            f"{tp}: the committed offset {offset} is past the end of the log, which holds {log.low}"
            f" to {log.high}: the topic was created anew, or its leader lost records. Nothing is"
            " read from it. Find out which; then set the group's offset to where reading goes on"
        )
        raise ConfigError(msg)
    return offset
