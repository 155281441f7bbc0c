"""What the loop tells whoever watches: one method per internal event."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

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


class Observer(Protocol):
    """Logs and metrics. Called on the loop's thread; must not block and must not raise."""

    def batch_resolved(self, batch: Batch, outcome: Outcome) -> None:
        """An attempt came back."""
        ...

    def status_told(self, told: StatusTold) -> None:
        """Coveo was told what a source is doing, or refused to hear it."""
        ...

    def lane_changed(self, target: TargetId, state: LaneState, reason: str, message: str) -> None:
        """A target answers otherwise than before."""
        ...

    def partitions_changed(self, what: str, partitions: Sequence[TopicPartition]) -> None:
        """Partitions were `assigned`, `revoked` or `lost`."""
        ...

    def partitions_begun(self, begun: Sequence[Assigned], *, group_is_new: bool) -> None:
        """Partitions without any commit are read, each from where the rules for that say."""
        ...

    def hazard_found(self, hazard: Hazard) -> None:
        """Something is or may be wrong with a log; told once."""
        ...

    def wait_changed(self, tp: TopicPartition, wait: Wait | None, detail: str) -> None:
        """A partition waits for something else than before, or for nothing."""
        ...

    def dead_letter_sent(self, letter: DeadLetter) -> None:
        """A record is being set aside."""
        ...

    def committed(self, results: Sequence[CommitResult]) -> None:
        """Commits ended, well or not."""
        ...

    def state_changed(self, state: str) -> None:
        """The loop is `running`, `draining` or `stopped`."""
        ...

    def turn_ended(self, status: Callable[[], LoopStatus], tally: Tally) -> None:
        """A turn is over. `status` builds a picture of the loop; call it only when it is wanted."""
        ...
