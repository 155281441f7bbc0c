"""What happened since the last turn, counted in plain numbers. Imports the domain only."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TypeAlias

from consumer.domain.fates import Fate
from consumer.domain.operations import TargetId
from consumer.pipeline.replays import Replay

RecordTimes: TypeAlias = tuple[int, int, float]
"""Source and log time of a record in UTC milliseconds, and when it was taken in (monotonic).

A plain tuple: there is one for each accepted change. A log time of 0 or less is none.
"""


@dataclass(slots=True)
class Passage:
    """The way of one accepted batch. Times of its last attempt are monotonic seconds."""

    target: TargetId
    sent_at: float
    answered_at: float
    stream: list[RecordTimes] = field(default_factory=list)
    """Of each record with a source time that tells a change."""
    snapshot: list[RecordTimes] = field(default_factory=list)
    """Of each such record that a snapshot read."""


@dataclass(slots=True)
class Tally:
    """Aggregated per turn, so that metrics cost one update per turn and not one per record."""

    record_bytes: Counter[str] = field(default_factory=Counter)
    """Accounted bytes of records taken, by topic."""
    events: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Records taken, by (topic, event); `poison` where the event is not known."""
    settled: Counter[tuple[Fate, str]] = field(default_factory=Counter)
    """Final fates, by (fate, reason)."""
    operations: Counter[tuple[TargetId, str]] = field(default_factory=Counter)
    """Operations accepted, by (target, kind)."""
    superseded: Counter[TargetId] = field(default_factory=Counter)
    """Operations that a newer one replaced before they were sent."""
    passages: list[Passage] = field(default_factory=list)
    """Batches accepted."""
    quota_waits_seconds: list[float] = field(default_factory=list)
    """For how long each batch that went out was kept by the quota alone; mostly 0."""
    heartbeats_ms: dict[str, int] = field(default_factory=dict)
    """Time of the last heartbeat, by the topic it came from."""
    repeated: Counter[str] = field(default_factory=Counter)
    """Changes that a connector sent again, by topic."""
    replays: list[Replay] = field(default_factory=list)
    """Where they begin."""
    taking_in_seconds: float = 0.0
    """What decoding, mapping and encoding took; the loop measures it, the pipeline has no clock."""

    def take(self) -> Tally:
        """Return what was counted and start again at nothing."""
        taken = Tally(
            self.record_bytes,
            self.events,
            self.settled,
            self.operations,
            self.superseded,
            self.passages,
            self.quota_waits_seconds,
            self.heartbeats_ms,
            self.repeated,
        )
        self.record_bytes, self.events = Counter(), Counter()
        self.settled, self.operations, self.superseded = Counter(), Counter(), Counter()
        self.passages, self.quota_waits_seconds, self.heartbeats_ms = [], [], {}
        self.repeated = Counter()
        return taken
