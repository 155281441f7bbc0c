"""Which next offsets are to be committed, and which partitions are marked as ours (ADR 8).

Before anything of a partition is sent, a commit says `open`: whoever takes over after a crash then
knows that a request may still be on the wire.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from consumer.domain.assignment import CommitPoint, CommitResult, Tenure
from consumer.domain.records import Offset, TopicPartition
from consumer.runtime.observer import Observer
from consumer.runtime.ports import Checkpoint

SeenMs = Callable[[TopicPartition], int | None]
"""Says when the log was last known to end at what is committed (`CommitPoint.end_seen_ms`)."""

_NOTE_AGAIN_MS: Final = 600_000
"""How much younger that moment must be for a commit that says nothing else."""


@dataclass(slots=True, eq=False)
class _Standing:
    durable: Offset | None = None
    seen_ms: int = 0
    outstanding: bool = False
    opened: bool = False
    error: str = ""
    failing_since: float = 0.0


class Commits:
    """Commits low-waters now and then, asynchronously, one at a time per partition."""

    def __init__(
        self,
        checkpoint: Checkpoint,
        observer: Observer,
        interval_seconds: float,
        seen_ms: SeenMs = lambda _: None,
    ) -> None:
        """`interval_seconds` is the time between commits that only move an offset on."""
        self._seen_ms = seen_ms
        self._checkpoint = checkpoint
        self._observer = observer
        self._interval_seconds = interval_seconds
        self._standings: dict[TopicPartition, _Standing] = {}
        self._next_at = 0.0

    def assigned(self, tp: TopicPartition) -> None:
        """Start with a partition that is not marked as ours yet."""
        self._standings[tp] = _Standing()

    def released(self, tp: TopicPartition) -> None:
        """Forget a partition."""
        self._standings.pop(tp, None)

    def committed(self, tp: TopicPartition) -> Offset | None:
        """Return what is known to be durable of our own commits."""
        standing = self._standings.get(tp)
        return standing.durable if standing else None

    def run(self, low_water: Mapping[TopicPartition, Offset], now: float) -> list[TopicPartition]:
        """Apply results, start what is due; return partitions that are marked as ours from now."""
        opened = self._apply(self._checkpoint.results(), now)
        due = now >= self._next_at
        points = {
            tp: CommitPoint(offset, Tenure.OPEN, self._seen_ms(tp))
            for tp, offset in low_water.items()
            if due and self._wants(tp, offset)
        }
        if points:
            self._next_at = now + self._interval_seconds
            for tp in points:
                self._standings[tp].outstanding = True
            self._checkpoint.commit(points)
        return opened

    def _wants(self, tp: TopicPartition, offset: Offset) -> bool:
        standing = self._standings[tp]
        if standing.outstanding:
            return False
        if not standing.opened or standing.durable != offset:
            return True
        return (self._seen_ms(tp) or 0) > standing.seen_ms + _NOTE_AGAIN_MS

    def hurry(self) -> None:
        """Do not wait for the interval: something new must be marked as ours."""
        self._next_at = 0.0

    def _apply(self, results: Sequence[CommitResult], now: float) -> list[TopicPartition]:
        opened = []
        for result in results:
            standing = self._standings.get(result.tp)
            if standing is None or not standing.outstanding:
                continue
            standing.outstanding = False
            if result.error is not None:
                standing.failing_since = standing.failing_since if standing.error else now
                standing.error = result.error
            else:
                standing.error = ""
                standing.durable = result.point.next_offset
                standing.seen_ms = result.point.end_seen_ms or 0
                if not standing.opened:
                    standing.opened = True
                    opened.append(result.tp)
        if results:
            self._observer.committed(results)
        return opened

    def troubles(self, now: float) -> dict[str, str]:
        """Return the partitions whose last commit failed: why, and for how long by now."""
        return {
            str(tp): f"{standing.error} (for {now - standing.failing_since:.0f} s)"
            for tp, standing in self._standings.items()
            if standing.error
        }

    def leave(self, points: Mapping[TopicPartition, CommitPoint], timeout_seconds: float) -> None:
        """Commit for the last time and wait for it; what fails is read again by the next owner."""
        if points:
            results = self._checkpoint.commit_now(points, timeout_seconds)
            self._observer.committed(results)
