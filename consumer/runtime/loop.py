"""The loop: the only caller of source, pipeline and checkpoint (design §2, §3).

One turn: poll, take in, resolve outcomes, hand over batches, commit, pause, publish. Nothing in
here blocks longer than a poll, but for a revoke, which has a deadline.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from consumer.domain.assignment import Assigned, CommitPoint, Tenure
from consumer.domain.fates import Batch, Outcome, RetryLater
from consumer.domain.fence import Fence
from consumer.domain.operations import TargetId
from consumer.domain.records import Offset, Record, TopicPartition
from consumer.domain.schemas import SchemaRef
from consumer.pipeline.contract import Wait
from consumer.pipeline.intake import Intake
from consumer.pipeline.pipeline import Pipeline
from consumer.runtime.commits import Commits
from consumer.runtime.hazards import Hazards
from consumer.runtime.pictures import loop_status
from consumer.runtime.ports import Ports
from consumer.runtime.status import LoopStatus
from consumer.runtime.statuses import Statuses
from consumer.runtime.telling import Telling, explained

REQUESTS_PER_BATCH = 2
"""`POST /files` and the batch call; the upload goes to another host (reference §4.1)."""

STORAGE_ENDPOINT = "upload"
"""The one call of an attempt that is not the Push API's, so neither its quota nor its pause."""


def requests_of(batch: Batch) -> int:
    """Return what an attempt costs: each content that is uploaded by itself asks for a container.

    Of these only the two that every batch needs are waited for beforehand, for a small quota might
    never grant more at once; the others are spent with them, so that the next batch waits longer.
    """
    if batch.single_call:
        return 1
    return REQUESTS_PER_BATCH + sum(each.content is not None for each in batch.operations)


@dataclass(frozen=True, slots=True)
class LoopSettings:
    """Times in seconds; records per poll."""

    poll_seconds: float
    max_poll_records: int
    commit_interval_seconds: float
    revoke_seconds: float
    takeover_seconds: float
    """How long after an unclean leave the last owner may still make Coveo act."""
    quiet_seconds: float | None = None
    """How long a source must get nothing to be called idle; `None`: Coveo is told no status."""


class Loop:
    """Owns the pipeline and turns it; also the source's rebalance listener."""

    def __init__(
        self, ports: Ports, pipeline: Pipeline, fence: Fence, settings: LoopSettings
    ) -> None:
        """Wire; nothing is polled yet."""
        self.ports = ports
        self.pipeline = pipeline
        self.intake = Intake(pipeline.submit)
        self.hazards = Hazards(ports)
        interval, seen_ms = settings.commit_interval_seconds, self.hazards.ends.seen_ms
        self.commits = Commits(ports.checkpoint, ports.observer, interval, seen_ms)
        self.statuses = Statuses(ports, pipeline.pushed(), settings.quiet_seconds)
        self.batches: dict[int, Batch] = {}
        self.paused: frozenset[TopicPartition] = frozenset()
        self.draining = False
        self.joined = False
        self.released_held = 0
        self.without_mark: TopicPartition | None = None
        self._leave_by = math.inf
        self._taking_in_seconds = 0.0
        self._fence = fence
        self._settings = settings
        self._telling = Telling(ports.observer)

    def turn(self) -> None:
        """Do everything that is due now. FatalError and ConfigError stop the program."""
        ports, clock = self.ports, self.ports.clock
        records = ports.source.poll(self._poll_seconds(), self._settings.max_poll_records)
        now = clock.monotonic()
        self._resolve(ports.workers.outcomes(), now)
        if not self.draining:
            self._take_in(records, now)
            for tp, detail in self.pipeline.stuck().items():
                self.intake.stop(tp, Wait.DEAD_LETTER, detail)
            self._request_schemas()
            self._catch_up(now)
        self._exchange_letters()
        self._hand_over(now)
        settled = {tp: self.next_offset(tp) for tp in self.pipeline.tracker.partitions()}
        for tp in self.commits.run(settled, now):
            self.intake.opened(tp)
        self.hazards.look(settled)
        self.statuses.run(now)
        self._pause()
        self._tell()

    def _take_in(self, records: Sequence[Record], now: float) -> None:
        began = self.ports.clock.monotonic()
        self.intake.offer(records, now)
        self._taking_in_seconds = self.ports.clock.monotonic() - began

    def next_offset(self, tp: TopicPartition) -> Offset:
        """Return what may be committed: the low-water, past offsets that will never be records.

        Those are markers of transactions and what was aborted: missing before the next record, or
        before the end of the log.
        """
        low, held = self.pipeline.tracker.low_water(tp), self.intake.status(tp)
        if self.pipeline.tracker.open_tickets(tp):
            return low
        return Offset(max(low, held.records[0].offset if held.records else held.read_to))

    def _poll_seconds(self) -> float:
        """Wait for records, but not past the moment when something else is due."""
        now = self.ports.clock.monotonic()
        times = [lane.due_at() for lane in self.pipeline.lanes().values()]
        times.append(self.intake.due_at(now))
        waits = [t - now for t in times if t is not None and t > now]
        return min([self._settings.poll_seconds, *waits])

    def _catch_up(self, now: float) -> None:
        """Let go what was kept back of partitions that have been read far enough (INV-5, INV-6)."""
        source = self.ports.source
        tp = self.intake.unmarked(now)
        end = source.end_of(tp) if tp is not None else None
        if tp is not None and end is not None:
            self.intake.mark(tp, Offset(end))
        self.without_mark = tp if end is None else None
        for tp in self.intake.newly_caught_up(source.read_to()):
            self.pipeline.caught_up(tp)

    def _request_schemas(self) -> None:
        for wait, detail in self.intake.waits().values():
            if wait is Wait.SCHEMA:
                for ref in detail.split():
                    self.ports.schemas.request(SchemaRef(ref))

    def _exchange_letters(self) -> None:
        letters = self.ports.dead_letters
        if letters is None:
            return
        for letter in self.pipeline.take_letters():
            self.ports.observer.dead_letter_sent(letter)
            letters.send(letter)
        self.pipeline.letters_delivered(letters.delivered())

    def _resolve(self, outcomes: Sequence[Outcome], now: float) -> None:
        for outcome in outcomes:
            batch = self.batches.pop(outcome.batch_id)
            self._count_against_quota(batch, outcome, now)
            self.pipeline.resolve(outcome, now)
            self.ports.observer.batch_resolved(batch, outcome)

    def _count_against_quota(self, batch: Batch, outcome: Outcome, now: float) -> None:
        """Retry-After of the Push API holds for the organization, the storage's for its batch."""
        calls = outcome.attempt.calls
        storage = bool(calls) and calls[-1].endpoint == STORAGE_ENDPOINT
        if isinstance(outcome, RetryLater) and outcome.retry_after_seconds and not storage:
            self.ports.governor.throttled(now + outcome.retry_after_seconds)
        counted = sum(call.endpoint != STORAGE_ENDPOINT for call in calls)
        if counted > requests_of(batch):  # a container was abandoned and made again
            self.ports.governor.spend(now, counted - requests_of(batch))

    def _hand_over(self, now: float) -> None:
        governor = self.ports.governor

        def due(at: float) -> float:
            return governor.due(at, REQUESTS_PER_BATCH)

        self.pipeline.poll(now, due)
        while True:
            batch = self.pipeline.take(now, due)
            if batch is None:
                return
            governor.spend(now, requests_of(batch))
            self.batches[batch.batch_id] = batch
            self.statuses.sent(batch, now)
            self.ports.workers.submit(batch, now)

    def _pause(self) -> None:
        """Pause who holds or feeds only full targets; when draining, everybody.

        A topic that feeds two targets must have a record waiting when the second one opens: they
        are hardly ever open at once, and it would starve among those that feed only one.
        """
        closed = self.pipeline.budget.closed()
        paused = self.intake.paused(lambda topic: self._feeds_only(closed, topic))
        if self.draining:
            paused = frozenset(self.pipeline.tracker.partitions())
        for tp in sorted(paused - self.paused):
            self.pipeline.let_deletes_go(tp)  # they must not wait with what is not read now
        self.paused = paused
        self.ports.source.set_paused(paused)

    def _feeds_only(self, closed: frozenset[TargetId], topic: str) -> bool:
        targets = self.pipeline.targets(topic)
        return bool(targets) and closed.issuperset(targets)

    # --- partitions come and go: called from inside Source.poll ---------------------------------

    def on_assigned(self, assigned: Sequence[Assigned]) -> None:
        """Take partitions over; after an unclean leave their late effects are waited for first."""
        now, wall_ms = self.ports.clock.monotonic(), self.ports.clock.wall_ms()
        self.joined = True
        for each in assigned:
            behind = not each.clean or each.next_offset < each.high_watermark
            self.pipeline.assign(each.tp, each.next_offset, behind=behind)
            until = now if each.clean else now + self._settings.takeover_seconds
            mark = each.high_watermark if each.clean else None
            self.intake.assign(each.tp, each.next_offset, mark, until)
            self.commits.assigned(each.tp)
            seen_ms = each.end_seen_ms
            self.hazards.ends.assign(each.tp, wall_ms if seen_ms is None else seen_ms)
        self.commits.hurry()
        self._fence.publish(self.pipeline.tracker.epochs())
        self.statuses.doubt(now)
        self._telling.assigned(assigned)

    def on_revoked(self, partitions: Sequence[TopicPartition]) -> None:
        """Wait for what is on the wire, drop what is not, commit, end the epoch; one deadline."""
        clock = self.ports.clock
        deadline = min(clock.monotonic() + self._settings.revoke_seconds, self._leave_by)
        for tp in partitions:
            self.pipeline.quiesce(tp)
        while self.pipeline.on_the_wire(partitions) and clock.monotonic() < deadline:
            left = max(0.0, deadline - clock.monotonic())
            self._resolve(self.ports.workers.outcomes(left), clock.monotonic())
        self._exchange_letters()
        now = clock.monotonic()
        points = {tp: self._last_point(tp, now) for tp in partitions}
        self.commits.leave(points, max(1.0, deadline - now))
        self._forget(partitions, "revoked")

    def _last_point(self, tp: TopicPartition, now: float) -> CommitPoint:
        waited_out = now >= self.intake.status(tp).until
        tenure = self.pipeline.tenure_on_leaving(tp, now) if waited_out else Tenure.OPEN
        return CommitPoint(self.next_offset(tp), tenure, self.hazards.ends.seen_ms(tp))

    def on_lost(self, partitions: Sequence[TopicPartition]) -> None:
        """Somebody else may own these already: no commit, end the epoch at once."""
        self._forget(partitions, "lost")

    def _forget(self, partitions: Sequence[TopicPartition], what: str) -> None:
        for tp in partitions:
            self.pipeline.release(tp)
            self.released_held += self.intake.release(tp)
            self.commits.released(tp)
            self.hazards.ends.release(tp)
        self._fence.publish(self.pipeline.tracker.epochs())
        self.statuses.doubt(self.ports.clock.monotonic())
        self.ports.observer.partitions_changed(what, partitions)

    # --- the end ---------------------------------------------------------------------------------

    def start_draining(self) -> None:
        """Take nothing in any more; send what is there without lingering."""
        self.draining = True
        self.pipeline.flush()
        self.ports.observer.state_changed("draining")

    def is_drained(self) -> bool:
        """Return whether everything taken in has its fate."""
        return self.pipeline.is_drained()

    def close(self, by: float = math.inf) -> None:
        """Leave the group, giving up what is still assigned on the way, `by` then at the latest."""
        self._leave_by = by
        self.statuses.close(by)
        self.ports.source.close()
        self.ports.observer.state_changed("stopped")

    def _tell(self) -> None:
        waits = self.intake.waits().items()
        schemas = self.ports.schemas
        self._telling.waits({tp: (w, explained(schemas, w, about)) for tp, (w, about) in waits})
        self._telling.lanes(self.pipeline.lanes())
        self.hazards.tell()
        tally = self.pipeline.tally()
        tally.taking_in_seconds, self._taking_in_seconds = self._taking_in_seconds, 0.0
        self.ports.observer.turn_ended(self.status, tally)

    def status(self) -> LoopStatus:
        """Return a picture of this moment."""
        return loop_status(self)
