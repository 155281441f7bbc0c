"""The observer of one member: counts situations, tells the story, checks outcomes of old epochs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from consumer.domain.assignment import Assigned, CommitResult
from consumer.domain.fates import Batch, DeadLetter, Fate, Outcome, RetryLater
from consumer.domain.hazards import Hazard
from consumer.domain.operations import TargetId
from consumer.domain.records import TopicPartition
from consumer.domain.source_status import StatusTold
from consumer.pipeline.contract import Wait
from consumer.pipeline.lanes import LaneState
from consumer.pipeline.tally import Tally
from consumer.runtime.status import LoopStatus
from tests.simulation.story import Violation
from tests.simulation.world import World

Totals = tuple[int, int, int, tuple[int, ...]]

_WAITS = {
    Wait.BUDGET: "budget_full",
    Wait.SCHEMA: "schema_waited",
    Wait.MAPPING: "mapping_waited",
    Wait.DEAD_LETTER: "unreadable_waited",
}


class SimObserver:
    """Listens to one loop."""

    def __init__(self, world: World, name: str) -> None:
        """`totals` and `is_old` are set once the loop is built."""
        self.totals: Callable[[], Totals]
        self.is_old: Callable[[Batch], bool]
        self.throttle: Callable[[float], None]
        self.before: Totals = (0, 0, 0, ())
        self.revoked_session = False
        self._world = world
        self._name = name
        self._blocked: set[TargetId] = set()

    def batch_resolved(self, batch: Batch, outcome: Outcome) -> None:
        """INV-3: an outcome whose operations are all of older epochs changes no total."""
        after = self.totals()
        if self.is_old(batch):
            self._world.seen.met("old_outcome")
            if after != self.before:
                msg = f"{self._name}: {outcome} of an old epoch changed {self.before} to {after}"
                raise Violation("INV-3", msg, *{str(o.tp): 0 for o in batch.operations})
        self.before = after
        if isinstance(outcome, RetryLater) and outcome.retry_after_seconds is not None:
            self.throttle(self._world.now + outcome.retry_after_seconds)

    def status_told(self, told: StatusTold) -> None:
        """Nothing depends on it, but the quota."""
        if told.retry_after_seconds is not None:
            self.throttle(self._world.now + told.retry_after_seconds)

    def lane_changed(self, target: TargetId, state: LaneState, reason: str, message: str) -> None:
        """A target answers otherwise."""
        del message
        self._world.tell("all", self._name, "lane", target, state, reason)
        if state is LaneState.BLOCKED:
            self._blocked.add(target)
        elif state is LaneState.READY and target in self._blocked:
            self._blocked.discard(target)
            self._world.seen.met("blocked_then_mended")

    def partitions_changed(self, what: str, partitions: Sequence[TopicPartition]) -> None:
        """Partitions came or went."""
        self._world.tell("all", self._name, what, *map(str, partitions))

    def partitions_begun(self, begun: Sequence[Assigned], *, group_is_new: bool) -> None:
        """Partitions without a commit are read."""

    def hazard_found(self, hazard: Hazard) -> None:
        """Nothing is ever wrong with these logs."""
        raise Violation("BROKEN", f"{self._name}: {hazard}")

    def wait_changed(self, tp: TopicPartition, wait: Wait | None, detail: str) -> None:
        """A partition waits for something else."""
        del tp, detail  # not told: the loop reports these in the order of a set
        if wait is not None and wait in _WAITS:
            self._world.seen.met(_WAITS[wait])

    def dead_letter_sent(self, letter: DeadLetter) -> None:
        """A record is set aside."""
        record = letter.record
        self._world.tell(str(record.tp), self._name, "sets aside", record.offset, letter.reason)

    def committed(self, results: Sequence[CommitResult]) -> None:
        """Commits ended."""

    def state_changed(self, state: str) -> None:
        """The loop changed its state."""
        self._world.tell("all", self._name, "is", state)

    def turn_ended(self, status: Callable[[], LoopStatus], tally: Tally) -> None:
        """A turn is over."""
        del status
        seen = self._world.seen
        if tally.superseded:
            seen.met("superseded", sum(tally.superseded.values()))
        free = tally.settled.get((Fate.SKIPPED, "tombstone"), 0)
        if free:
            seen.met("tombstone_free", free)
