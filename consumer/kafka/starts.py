"""Where reading starts, and why it must not start there. Pure; imports the domain only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from consumer.domain.assignment import Assigned, Tenure, Witness
from consumer.domain.hazards import HazardKind
from consumer.domain.records import Offset, TopicPartition
from consumer.kafka import notes
from consumer.kafka.changed import LogChangedError
from consumer.kafka.notes import Note


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
    void: bool = False
    """It was about a former topic of that name; only how its owner stood still counts."""

    @property
    def clean(self) -> bool:
        """Return whether no earlier owner can still be at work.

        Anything that does not say so, such as the empty metadata of an operator's tool, is not.
        """
        never = self.next_offset is None and not self.void
        return never or self.note.tenure is Tenure.CLEAN

    @property
    def note(self) -> Note:
        """Return what the metadata says."""
        return notes.read(self.metadata)


def begin(
    tp: TopicPartition, committed: Committed, log: LogRange, start: Start, *, topic_is_new: bool
) -> Assigned:
    """Return where to read `tp` from; `topic_is_new` if no partition of its topic has a commit.

    A partition that was added to a known topic starts at its beginning, whatever `start` says:
    what was written before we heard of it is a change like any other. Raises LogChangedError if the
    committed offset is not in the log, for there is no offset that would not lose or repeat.
    """
    begun = committed.next_offset is None
    if committed.next_offset is None:
        is_new = topic_is_new and not committed.void
        at = log.high if is_new and start is Start.LATEST else log.low
    else:
        at = _within(tp, committed.next_offset, log)
    witness = None if begun else _still_there(committed.note.witness, at, log)
    return Assigned(tp, Offset(at), Offset(log.high), committed.clean, begun, witness=witness)


def _still_there(witness: Witness | None, at: int, log: LogRange) -> Witness | None:
    """Return a witness that can be looked at; an operator may have gone back before it."""
    return witness if witness is not None and log.low <= witness.offset < at else None


def _within(tp: TopicPartition, offset: int, log: LogRange) -> int:
    if log.low <= offset <= log.high:
        return offset
    raise outside_log(tp, offset, log)


def outside_log(tp: TopicPartition, offset: int | None, log: LogRange | None) -> LogChangedError:
    """Return why `tp` cannot be read from `offset`; `log` is what it holds, if that is known."""
    holds = "" if log is None else f", which holds {log.low} to {log.high}"
    if log is None or offset is None:
        what = "retention has deleted unread records, or the topic was created anew"
        where = "not in the log"
    elif log.low <= offset <= log.high:
        what = "its leader lost records, or the topic was created anew, and others have come since"
        where = "in a log that is not what was read"
    elif offset < log.low:
        what = f"the {log.low - offset} offsets between them are gone, by retention or by deletion"
        where = "before the log"
    else:
        what = "the topic was created anew, or its leader lost records"
        where = "past the end of the log"
    msg = (
        f"{tp}: the next offset to read, {offset}, is {where}{holds}: {what}. Nothing is read from"
        " it. Take a new snapshot of its tables, then set the group's offset to where reading shall"
        " go on"
    )
    return LogChangedError(HazardKind.OFFSET_OUTSIDE_LOG, tp.topic, str(tp), msg)
