"""How old what lies unread may be: when a log was last known to end where reading has come to.

A compacted topic keeps a delete for a while only. Whoever has read and settled all that a log held
at some moment misses no delete, if that moment is not longer ago than deletes are kept: all that
lies behind was written later. The same holds for who begins at the start of the log, from that
moment on. Pure; times are UTC milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from consumer.domain.records import TopicPartition


@dataclass(slots=True, eq=False)
class _Log:
    """`seen_ms` is that moment. `mark`: where the log ended at `marked_ms`; not reached yet."""

    seen_ms: int
    mark: int | None = None
    marked_ms: int = 0


@dataclass(slots=True, eq=False)
class EndsSeen:
    """One moment for each assigned partition, moved on by what is heard of the end of its log."""

    _logs: dict[TopicPartition, _Log] = field(default_factory=dict)

    def assign(self, tp: TopicPartition, seen_ms: int) -> None:
        """Begin with what the last commit says, or with now."""
        self._logs[tp] = _Log(seen_ms)

    def release(self, tp: TopicPartition) -> None:
        """Give a partition up."""
        self._logs.pop(tp, None)

    def mark(self, tp: TopicPartition, end: int, at_ms: int) -> None:
        """Note that the log ended at `end` then; an older end that is not reached yet stays."""
        log = self._logs.get(tp)
        if log is not None and log.mark is None:
            log.mark, log.marked_ms = end, at_ms

    def reach(self, tp: TopicPartition, next_offset: int) -> None:
        """Note that everything below `next_offset` is settled, or will never be a record."""
        log = self._logs[tp]
        if log.mark is not None and next_offset >= log.mark:
            log.seen_ms, log.mark = max(log.seen_ms, log.marked_ms), None

    def seen_ms(self, tp: TopicPartition) -> int | None:
        """Return the moment; `None` if `tp` is not assigned."""
        log = self._logs.get(tp)
        return None if log is None else log.seen_ms
