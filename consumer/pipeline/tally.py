"""What happened since the last turn, counted in plain numbers. Imports the domain only."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from consumer.domain.fates import Fate
from consumer.domain.operations import TargetId


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
    accepted_source_ts_ms: list[tuple[TargetId, int]] = field(default_factory=list)
    """Source time of each accepted record that has one."""
    heartbeat_ts_ms: int | None = None

    def take(self) -> Tally:
        """Return what was counted and start again at nothing."""
        taken = Tally(
            self.record_bytes,
            self.events,
            self.settled,
            self.operations,
            self.superseded,
            self.accepted_source_ts_ms,
            self.heartbeat_ts_ms,
        )
        self.record_bytes, self.events = Counter(), Counter()
        self.settled, self.operations, self.superseded = Counter(), Counter(), Counter()
        self.accepted_source_ts_ms, self.heartbeat_ts_ms = [], None
        return taken
