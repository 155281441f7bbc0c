"""The pipeline: stations 2 to 7 and 10, wired. Pure: no I/O, no threads, time is a parameter.

`submit` takes a record whole or refuses it (`Rejected`), `poll` does due work, `take` hands over
batches, `resolve` brings outcomes back, `low_water` says what may be committed. Imports the domain.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from consumer.domain.assignment import Tenure
from consumer.domain.errors import ConfigError, PoisonError
from consumer.domain.fates import Batch, DeadLetter, Fate, Outcome
from consumer.domain.operations import EncodedOperation, SourceKind, TargetId
from consumer.domain.records import Offset, Record, TopicPartition
from consumer.domain.schemas import AwaitedSchemaError
from consumer.pipeline.batcher import Intent
from consumer.pipeline.budget import Budget
from consumer.pipeline.contract import SNAPSHOT_READ, Rejected, Translation, Translator, Wait
from consumer.pipeline.lanes import Due, Lane, LaneSettings
from consumer.pipeline.replays import Replays
from consumer.pipeline.settlement import Backoff, RetrySettings, Settlement
from consumer.pipeline.tally import Tally
from consumer.pipeline.tracker import Ticket, Tracker


@dataclass(frozen=True, slots=True)
class PipelineSettings:
    """Lanes by target, bytes admitted per target, and what to do with poison."""

    lanes: tuple[LaneSettings, ...]
    budget_bytes_per_target: int
    retry: RetrySettings
    dead_letters: bool
    """Whether there is a place for dead letters; without one, poison holds its partition."""


class Pipeline:
    """Owns tracker, budget and lanes; used by one thread."""

    def __init__(
        self, translator: Translator, backoff: Backoff, settings: PipelineSettings
    ) -> None:
        """Build lanes and budgets; no partition is assigned yet."""
        self._translator = translator
        self._settings = settings
        batch_ids = itertools.count(1)
        self._lanes = {lane.target: Lane(lane, batch_ids) for lane in settings.lanes}
        self.tracker = Tracker()
        self.budget = Budget(
            {lane.target: settings.budget_bytes_per_target for lane in settings.lanes}
        )
        self._settlement = Settlement(
            self.tracker, self.budget, translator, backoff, settings.retry
        )
        self._replays = Replays()
        self._in_flight: dict[int, Lane] = {}
        self._flushing = False
        self._stuck: dict[TopicPartition, str] = {}

    def assign(self, tp: TopicPartition, next_offset: Offset, *, behind: bool) -> int:
        """Take over `tp`; return its epoch. `behind`: older states may come again up to a mark."""
        epoch = self.tracker.assign(tp, next_offset)
        if behind:
            for target in self._translator.targets(tp.topic):
                if self._lanes[target].settings.secured:
                    self._lanes[target].catch_up(tp)
        return epoch

    def caught_up(self, tp: TopicPartition) -> None:
        """`tp` has passed the mark seen at assignment: its first window may go out (INV-5)."""
        for lane in self._lanes.values():
            lane.caught_up(tp)

    def stuck(self) -> Mapping[TopicPartition, str]:
        """Return the partitions that poison holds because there is no place to set it aside."""
        return self._stuck

    def let_deletes_go(self, tp: TopicPartition) -> None:
        """`tp` waits for somebody: what it wants to hide on secured targets must not wait too."""
        for lane in self._lanes.values():
            lane.let_deletes_go(tp)

    def submit(self, record: Record, now: float) -> None:
        """Take one record through stations 2 to 7. Raises Rejected if nothing was taken."""
        if record.tp in self._stuck:
            raise Rejected(Wait.DEAD_LETTER, self._stuck[record.tp])
        missing = self._translator.missing_schemas(record)
        if missing:
            raise Rejected(Wait.SCHEMA, " ".join(missing))
        targets = self._translator.targets(record.tp.topic)
        full = self.budget.reserve(targets, record.size_bytes)
        if full is not None:
            raise Rejected(Wait.BUDGET, full)
        try:
            self._take(record, targets, now)
        except Rejected:
            self.budget.release(targets, record.size_bytes)
            raise

    def _take(self, record: Record, targets: tuple[TargetId, ...], now: float) -> None:
        try:
            translation = self._translator.translate(record)
        except ConfigError as error:
            raise Rejected(Wait.MAPPING, str(error)) from error
        except AwaitedSchemaError as awaited:
            raise Rejected(Wait.SCHEMA, awaited.ref) from awaited
        except PoisonError as poison:
            self._take_poison(record, targets, poison, now)
            return
        ticket = self.tracker.open(record, len(translation.operations) or 1, targets)
        ticket.source_ts_ms, ticket.taken_at = translation.source_ts_ms, now
        ticket.snapshot = translation.event == SNAPSHOT_READ
        self._settlement.spread(ticket, translation.operations)
        self._count(record, translation)
        self._enqueue(ticket, translation.operations, now)
        if not translation.operations:
            self._settlement.settle(ticket, Fate.SKIPPED, translation.skip or "")

    def _take_poison(
        self, record: Record, targets: tuple[TargetId, ...], poison: PoisonError, now: float
    ) -> None:
        """Set the record aside; on secured targets the item that it is about is deleted.

        Without a place for dead letters the record stays open for ever and holds its partition,
        but the delete goes out all the same: what is behind it may have been narrowed (INV-6).
        """
        deletes = self._safe_deletes(record)
        detail = f"{poison.reason}: {poison}; configure dead_letters to set it aside"
        if not self._settings.dead_letters:
            if not deletes:
                raise Rejected(Wait.DEAD_LETTER, detail) from poison
            self._stuck[record.tp] = detail
        ticket = self.tracker.open(record, 1 + len(deletes), targets)
        if self._settings.dead_letters:
            self._settlement.set_aside(ticket, poison.reason, str(poison))
        self._settlement.spread(ticket, deletes)  # after it: a letter needs the record's bytes
        self._count(record, Translation(event="poison"))
        self._enqueue(ticket, deletes, now)

    def _safe_deletes(self, record: Record) -> tuple[EncodedOperation, ...]:
        try:
            return self._translator.safe_deletes(record)
        except PoisonError as poison:
            detail = f"not even the id can be made on a secured target: {poison}"
            raise Rejected(Wait.DEAD_LETTER, detail) from poison
        except ConfigError as error:
            raise Rejected(Wait.MAPPING, str(error)) from error
        except AwaitedSchemaError as awaited:
            raise Rejected(Wait.SCHEMA, awaited.ref) from awaited

    def _enqueue(self, ticket: Ticket, operations: Sequence[EncodedOperation], now: float) -> None:
        for operation in operations:
            lane = self._lanes[operation.target]
            if lane.add(Intent(operation, ticket), now):
                self._settlement.settle(ticket, Fate.SKIPPED, "tombstone", target=operation.target)

    def _count(self, record: Record, translation: Translation) -> None:
        tally = self._settlement.tally
        tally.record_bytes[record.tp.topic] += record.size_bytes
        tally.events[record.tp.topic, translation.event] += 1
        at = translation.source_position
        if at is not None:
            ts_ms = translation.source_ts_ms
            if self._replays.is_repeated(record.tp, record.offset, at, ts_ms):
                tally.repeated[record.tp.topic] += 1
        if translation.event == "heartbeat" and translation.source_ts_ms is not None:
            tally.heartbeats_ms[record.tp.topic] = translation.source_ts_ms

    def poll(self, now: float, due: Due) -> None:
        """Seal what is due and could go out; nothing blocks.

        A full budget ends the catching up of what fills it, or nothing would ever leave it.
        """
        closed = self.budget.closed()
        for target, lane in self._lanes.items():
            for tp in sorted(lane.catching_up) if target in closed else ():
                lane.caught_up(tp)
            lane.poll(now, due, flush=self._flushing)

    def flush(self) -> None:
        """From now on windows go out without lingering: the drain before a shutdown.

        What still catches up on a secured target is dropped, not sent: an older state of it could
        show what a newer one hides (INV-6). The next owner reads it again.
        """
        self._flushing = True
        for lane in self._lanes.values():
            for tp in sorted(lane.catching_up):
                lane.drop(tp)

    def take(self, now: float, due: Due) -> Batch | None:
        """Return one batch that may go out now, or `None`. Call again until there is none."""
        for target, lane in self._lanes.items():
            batch = lane.take(now, due)
            if batch is not None:
                self._in_flight[batch.batch_id] = lane
                self._lanes[target] = self._lanes.pop(target)  # fair: whoever sent goes last
                return batch
        return None

    def resolve(self, outcome: Outcome, now: float) -> TargetId:
        """Apply an outcome to its lane and return its target. FatalError on a bug of ours."""
        lane = self._in_flight.pop(outcome.batch_id)
        self._settlement.resolve(lane, outcome, now)
        return lane.settings.target

    def take_letters(self) -> list[DeadLetter]:
        """Return the dead letters that must be sent now."""
        return self._settlement.take_letters()

    def letters_delivered(self, letter_ids: Iterable[int]) -> None:
        """Make these letters their records' fates."""
        self._settlement.letters_delivered(letter_ids)

    def low_water(self) -> Mapping[TopicPartition, Offset]:
        """Return the next offset that each assigned partition may commit (INV-1)."""
        return {tp: self.tracker.low_water(tp) for tp in self.tracker.partitions()}

    def quiesce(self, tp: TopicPartition) -> None:
        """Drop what `tp` has waiting; what is on the wire may still land."""
        for lane in self._lanes.values():
            lane.drop(tp)

    def on_the_wire(self, tps: Iterable[TopicPartition]) -> bool:
        """Return whether a request in flight carries something of these partitions."""
        return any(lane.in_flight_of(tp) for tp in tps for lane in self._lanes.values())

    def tenure_on_leaving(self, tp: TopicPartition, now: float) -> Tenure:
        """Return whether the next owner must fear late effects of ours."""
        quiet = not self.on_the_wire((tp,)) and now >= self._settlement.clean_after(tp)
        return Tenure.CLEAN if quiet else Tenure.OPEN

    def release(self, tp: TopicPartition) -> None:
        """Give `tp` up: its epoch is over, its bytes are free, its outcomes change nothing."""
        self.quiesce(tp)
        self._stuck.pop(tp, None)
        self._replays.forget(tp)
        for ticket in self.tracker.release(tp):
            self.budget.release(ticket.targets, ticket.record.size_bytes)

    def targets(self, topic: str) -> tuple[TargetId, ...]:
        """Return the targets that a topic can feed."""
        return self._translator.targets(topic)

    def letters_open(self) -> int:
        """Return how many dead letters are not delivered yet."""
        return self._settlement.letters_open()

    def is_drained(self) -> bool:
        """Return whether nothing is left to set aside, or to send to a target that takes it."""
        return not self._settlement.letters_open() and all(
            lane.is_done() for lane in self._lanes.values()
        )

    def pushed(self) -> tuple[TargetId, ...]:
        """Return the targets whose console shows a status: catalogs have none."""
        lanes = self._lanes.values()
        return tuple(x.settings.target for x in lanes if x.settings.kind is SourceKind.PUSH)

    def lanes(self) -> Mapping[TargetId, Lane]:
        """Return the lanes, for looking at."""
        return self._lanes

    def tally(self) -> Tally:
        """Return what happened since the last call."""
        taken = self._settlement.tally.take()
        taken.replays, self._replays.found = self._replays.found, []
        for target, lane in self._lanes.items():
            if lane.superseded:
                taken.superseded[target], lane.superseded = lane.superseded, 0
            if lane.quota_waits_seconds:
                taken.quota_waits_seconds += lane.quota_waits_seconds
                lane.quota_waits_seconds = []
        return taken
