"""Partitions that a topic got later: when they may be read (INV-5, INV-6). Pure but for its clock.

With their number the partition of a key changes. What a key's old partition still holds is older
than what the new one gets: read side by side, an older state would be pushed after a newer one, and
stay. So an added partition waits until all that lay in the older ones, when it got its first
records, has its fate and is committed, by whichever members.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from consumer.domain.errors import RetryableError
from consumer.domain.hazards import Hazard, HazardKind
from consumer.domain.records import TopicPartition
from consumer.kafka.starts import Committed, LogRange

SWITCH_SECONDS: Final = 30.0
"""How long after its first record older partitions may still get records of before: a producer's
requests that were under way. (A second producer may learn of new partitions five minutes later.)"""

_EMPTY: Final = "it has no record yet"

Older = Mapping[TopicPartition, Committed]
"""Partitions of the same topic that have a commit."""

EndsOf = Callable[[Collection[TopicPartition]], Mapping[TopicPartition, int]]
"""Asks where logs end now."""


@dataclass(slots=True, eq=False)
class _Addition:
    said: str
    why_not: str = ""
    filled_at: float | None = None
    marks: Mapping[TopicPartition, int] = field(default_factory=dict)


class Additions:
    """Keeps each added partition back until its turn has come, and tells of it from then on."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """Start without any."""
        self._monotonic = monotonic
        self._additions: dict[TopicPartition, _Addition] = {}

    def admit(
        self, tp: TopicPartition, count: int, log: LogRange, older: Older, ends_of: EndsOf
    ) -> None:
        """Return if `tp` may be read; `count` is how many partitions its topic has now.

        Raises RetryableError: not yet; and whatever `ends_of` raises.
        """
        if not is_added(tp, older):
            return
        addition = self._additions.setdefault(tp, _Addition(_growth(older, count)))
        addition.why_not = self._why_not(addition, log, older, ends_of)
        if addition.why_not:
            msg = f"{tp}: {addition.why_not}"
            raise RetryableError(msg)

    def _why_not(self, addition: _Addition, log: LogRange, older: Older, ends_of: EndsOf) -> str:
        now = self._monotonic()
        if log.high == 0:
            return _EMPTY
        if addition.filled_at is None:
            addition.filled_at = now
        if now < addition.filled_at + SWITCH_SECONDS:
            return "it waits until the older ones have got all that was under way to them"
        if not addition.marks:
            addition.marks = ends_of(older)
        behind = [
            f"{each} is settled to {found.next_offset} of {addition.marks[each]}"
            for each, found in older.items()
            if (found.next_offset or 0) < addition.marks.get(each, 0)
        ]
        return f"it waits for the older ones: {', '.join(behind)}" if behind else ""

    def hazards(self) -> list[Hazard]:
        """Return every addition of this run, those that are read by now as well."""
        return [
            Hazard(
                HazardKind.PARTITION_ADDED,
                tp.topic,
                str(tp),
                f"{addition.said}; {addition.why_not or 'it is read, the older ones were first'}",
                holds=addition.why_not not in {"", _EMPTY},
            )
            for tp, addition in self._additions.items()
        ]


def is_added(tp: TopicPartition, older: Older) -> bool:
    """Return whether the group began to read its topic when `tp` did not exist.

    Commits say how many partitions there were. Without that (earlier versions), any partition
    that has no commit beside some that have one counts as added.
    """
    counts = _counts(older)
    return bool(older) and (not counts or tp.partition >= min(counts))


def _counts(older: Older) -> list[int]:
    said = (each.note.partitions for each in older.values())
    return [count for count in said if count is not None]


def _growth(older: Older, count: int) -> str:
    counts = _counts(older)
    before = min(counts) if counts else len(older)
    grown = f"the topic had {before} partitions and has {count} now"
    if count % before == 0:
        return grown
    return f"{grown}, no multiple: keys have moved between older ones, and their order is lost"
