"""An observer that tells nobody."""

from __future__ import annotations

from collections.abc import Callable, Sequence

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


class Silence:
    """Takes everything, keeps nothing."""

    def batch_resolved(self, batch: Batch, outcome: Outcome) -> None:
        """Say nothing."""

    def status_told(self, told: StatusTold) -> None:
        """Say nothing."""

    def lane_changed(self, target: TargetId, state: LaneState, reason: str, message: str) -> None:
        """Say nothing."""

    def partitions_changed(self, what: str, partitions: Sequence[TopicPartition]) -> None:
        """Say nothing."""

    def partitions_begun(self, begun: Sequence[Assigned], *, group_is_new: bool) -> None:
        """Say nothing."""

    def hazard_found(self, hazard: Hazard) -> None:
        """Say nothing."""

    def wait_changed(self, tp: TopicPartition, wait: Wait | None, detail: str) -> None:
        """Say nothing."""

    def dead_letter_sent(self, letter: DeadLetter) -> None:
        """Say nothing."""

    def committed(self, results: Sequence[CommitResult]) -> None:
        """Say nothing."""

    def state_changed(self, state: str) -> None:
        """Say nothing."""

    def turn_ended(self, status: Callable[[], LoopStatus], tally: Tally) -> None:
        """Say nothing, and have no picture drawn."""
