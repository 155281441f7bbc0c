"""An observer to look into."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from consumer.domain.assignment import Assigned, CommitResult
from consumer.domain.fates import Batch, DeadLetter, Outcome
from consumer.domain.hazards import Hazard
from consumer.domain.operations import TargetId
from consumer.domain.records import TopicPartition
from consumer.domain.source_status import StatusTold
from consumer.pipeline.contract import Wait
from consumer.pipeline.lanes import LaneState
from consumer.pipeline.tally import Tally
from consumer.runtime.status import LoopStatus


@dataclass
class EventList:
    """An observer that keeps events as words."""

    events: list[str] = field(default_factory=list)
    settled: dict[str, int] = field(default_factory=dict)
    taking_in_seconds: list[float] = field(default_factory=list)

    def batch_resolved(self, batch: Batch, outcome: Outcome) -> None:
        """Keep the outcome's name."""
        self.events.append(f"batch {batch.batch_id} {type(outcome).__name__}")

    def status_told(self, told: StatusTold) -> None:
        """Keep what was said, and whether it was taken."""
        how = "told" if told.error is None else "refused"
        self.events.append(f"{how} {told.asked.target} {told.asked.status}")

    def lane_changed(self, target: TargetId, state: LaneState, reason: str, message: str) -> None:
        """Keep the state."""
        del message
        self.events.append(f"lane {target} {state} {reason}")

    def partitions_changed(self, what: str, partitions: Sequence[TopicPartition]) -> None:
        """Keep what happened to which."""
        self.events.append(f"{what} {' '.join(map(str, partitions))}")

    def partitions_begun(self, begun: Sequence[Assigned], *, group_is_new: bool) -> None:
        """Keep where."""
        starts = " ".join(f"{each.tp}@{each.next_offset}" for each in begun)
        self.events.append(f"begun {starts} {'new' if group_is_new else 'known'}")

    def hazard_found(self, hazard: Hazard) -> None:
        """Keep what it is about."""
        self.events.append(f"{hazard.kind} {hazard.about}")

    def wait_changed(self, tp: TopicPartition, wait: Wait | None, detail: str) -> None:
        """Keep the wait."""
        del detail
        self.events.append(f"wait {tp} {wait}")

    def dead_letter_sent(self, letter: DeadLetter) -> None:
        """Keep the position."""
        self.events.append(f"letter {letter.record.position}")

    def committed(self, results: Sequence[CommitResult]) -> None:
        """Keep failures."""
        self.events += [f"commit of {r.tp} failed" for r in results if r.error]

    def state_changed(self, state: str) -> None:
        """Keep the state."""
        self.events.append(state)

    def turn_ended(self, status: Callable[[], LoopStatus], tally: Tally) -> None:
        """Add the fates up; drawing the picture must always work."""
        status()
        self.taking_in_seconds.append(tally.taking_in_seconds)
        for (fate, _reason), count in tally.settled.items():
            self.settled[fate] = self.settled.get(fate, 0) + count
