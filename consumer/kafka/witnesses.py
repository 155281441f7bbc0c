"""What the next owner looks at again, to see that the log is still the one that was read. Pure.

A leader that lost records gives their offsets to others, and so does a topic that was created anew:
once such a log has grown past a commit, its offset alone looks as if nothing had happened. So a
commit names a record before it, with its timestamp; whoever goes on reads that one first. (The
epochs of leaders would tell it as well, but the client compares them only when a leader changes
while it runs: seen with 2.16.)
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from consumer.domain.assignment import Assigned, Witness
from consumer.domain.records import Record, TopicPartition

_EVERY: Final = 16
"""Offsets between two that are kept; the last record is always kept."""
_MOST: Final = 4_096


class Seen(Enum):
    """What a record is, as far as witnesses are concerned."""

    NEW = auto()
    OLD = auto()
    """It was read before, and is read again only as a witness."""
    ANOTHER = auto()
    """It has the offset of one that was read, and is another one: the log is not what it was."""


@dataclass(slots=True, eq=False)
class _Log:
    next_offset: int
    awaited: Witness | None
    kept: list[Witness] = field(default_factory=list)

    def see(self, offset: int, timestamp_ms: int) -> Seen:
        awaited, self.awaited = self.awaited, None
        if (
            awaited is not None
            and offset == awaited.offset
            and timestamp_ms != awaited.timestamp_ms
        ):
            return Seen.ANOTHER
        if offset < self.next_offset:
            return Seen.OLD
        self._keep(Witness(offset, timestamp_ms))
        return Seen.NEW

    def _keep(self, witness: Witness) -> None:
        if len(self.kept) > 1 and witness.offset < self.kept[-2].offset + _EVERY:
            self.kept[-1] = witness
            return
        if len(self.kept) >= _MOST:
            del self.kept[1::2]
        self.kept.append(witness)

    def before(self, next_offset: int) -> Witness | None:
        index = bisect_left(self.kept, next_offset, key=lambda witness: witness.offset) - 1
        if index < 0:
            return None
        del self.kept[:index]  # commits do not go back
        return self.kept[0]


class Witnesses:
    """Of each assigned partition what was read lately, and what must be looked at first."""

    def __init__(self) -> None:
        """Know nothing."""
        self._logs: dict[TopicPartition, _Log] = {}

    def begin(self, start: Assigned) -> None:
        """Take a partition over; its first record may be the witness that `start` names."""
        witness = start.witness
        kept = [] if witness is None else [witness]
        self._logs[start.tp] = _Log(int(start.next_offset), witness, kept)

    def see(self, record: Record) -> Seen:
        """Return what a record of an assigned partition is; they come in offset order."""
        return self._logs[record.tp].see(int(record.offset), record.timestamp_ms)

    def give_up(self, tp: TopicPartition) -> bool:
        """Do without the witness of a partition; return whether one was still awaited."""
        log = self._logs[tp]
        awaited, log.awaited = log.awaited, None
        return awaited is not None

    def next_offset(self, tp: TopicPartition) -> int:
        """Return where the reading of an assigned partition was to begin."""
        return self._logs[tp].next_offset

    def before(self, tp: TopicPartition, next_offset: int) -> Witness | None:
        """Return a record shortly before an offset, if one was read."""
        log = self._logs.get(tp)
        return None if log is None else log.before(next_offset)

    def forget(self, tp: TopicPartition) -> None:
        """Give a partition up."""
        self._logs.pop(tp, None)


def first_offset(start: Assigned) -> int:
    """Return where the client has to begin so that the witness is read first."""
    return int(start.next_offset if start.witness is None else start.witness.offset)
