"""A lane: the ordered queue to one target, at most one batch in flight (design §4).

Order per document id follows from this: windows are sealed in order, sent one by one, and a
window never holds one id twice (INV-5). Imports the domain only.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from consumer.domain.errors import FatalError
from consumer.domain.fates import Batch, BatchOperation, OffsetRange
from consumer.domain.operations import DocumentId, OperationKind, SourceKind, TargetId
from consumer.domain.records import TopicPartition
from consumer.pipeline.backlog import Backlog
from consumer.pipeline.batcher import Intent, Join, Window, WindowLimits, newest
from consumer.pipeline.single import SingleCalls

_REMEMBERED_DELETES = 10_000  # forgetting one costs at most one repeated delete

Due = Callable[[float], float]
"""Given now, the earliest time at which the quota allows a batch."""


class LaneState(StrEnum):
    """How the target answers."""

    READY = "ready"
    WAITING = "waiting"
    """Its own fault (429, 5xx, network): tried again by itself."""
    BLOCKED = "blocked"
    """The configuration's fault: tried again now and then, someone must act."""


@dataclass(slots=True, eq=False)
class SealedBatch:
    """Intents that go out together, tried `attempt` times so far."""

    batch_id: int
    intents: list[Intent]
    attempt: int = 0

    @property
    def size_bytes(self) -> int:
        """Return the bytes of its operations."""
        return sum(intent.size_bytes for intent in self.intents)


@dataclass(frozen=True, slots=True)
class LaneSettings:
    """What a lane needs to know of its target."""

    target: TargetId
    limits: WindowLimits
    secured: bool
    kind: SourceKind = SourceKind.PUSH
    join: Join = newest
    single_calls: SingleCalls | None = None
    """When a window goes by the call for one item; `None`: never."""


class Lane:
    """Windows of one target on their way out."""

    def __init__(self, settings: LaneSettings, batch_ids: Iterator[int]) -> None:
        """Start empty; `batch_ids` gives numbers that are unique among all lanes."""
        self.settings = settings
        self._batch_ids = batch_ids
        self._window = Window(settings.limits, settings.join)
        self._sealed: deque[SealedBatch] = deque()
        self._deletes: OrderedDict[DocumentId, Intent] = OrderedDict()
        self.in_flight: SealedBatch | None = None
        self.taken_at = 0.0
        self.not_before = 0.0
        self.state = LaneState.READY
        self.reason = ""
        self.message = ""
        self._backlogs: dict[TopicPartition, Backlog] = {}
        self.superseded = 0
        """Operations replaced before they were sent, since this was last set to 0."""
        self.quota_waits_seconds: list[float] = []
        """For how long the quota alone kept each batch taken, since this was last emptied."""
        self._kept_since: float | None = None

    def add(self, intent: Intent, now: float) -> bool:
        """Take one intent; return whether there is nothing left to do for it.

        A tombstone behind a known delete costs nothing: it rides on it, or is done if that was
        accepted already.
        """
        operation = intent.operation
        if operation.confirms:
            known = self._deletes.get(operation.document_id)
            if known is not None and known.ticket.epoch == intent.ticket.epoch:
                if not known.accepted:
                    known.riders.append(intent.ticket)
                return known.accepted
        self._collect(intent, now)
        if operation.kind is OperationKind.DELETE:
            self._remember_delete(intent)
        else:
            self._deletes.pop(operation.document_id, None)
        return False

    def _remember_delete(self, intent: Intent) -> None:
        self._deletes[intent.operation.document_id] = intent
        self._deletes.move_to_end(intent.operation.document_id)
        if len(self._deletes) > _REMEMBERED_DELETES:
            self._deletes.popitem(last=False)

    def _collect(self, intent: Intent, now: float) -> None:
        backlog = self._backlogs.get(intent.tp)
        if backlog is not None:
            older = backlog.add(intent)
            self.superseded += len(older)
            for each in older:  # nothing may ride on what is never sent
                self._deletes.pop(each.operation.document_id, None)
            return
        if not self._window.takes(intent):
            self._seal(self._window.drain())
        self.superseded += self._window.add(intent, now)

    @property
    def catching_up(self) -> frozenset[TopicPartition]:
        """Return the partitions whose operations are kept back."""
        return frozenset(self._backlogs)

    def catch_up(self, tp: TopicPartition) -> None:
        """Keep back what `tp` wants until it has caught up. Secured targets only."""
        self._backlogs[tp] = Backlog()

    def caught_up(self, tp: TopicPartition) -> None:
        """What `tp` kept back may go out, at once."""
        backlog = self._backlogs.pop(tp, None)
        for intents in backlog.take(self.settings.limits) if backlog is not None else ():
            self._seal(intents)

    def let_deletes_go(self, tp: TopicPartition) -> None:
        """`tp` waits for somebody: what it wants to hide must not wait with it."""
        backlog = self._backlogs.get(tp)
        for intents in backlog.take_deletes(self.settings.limits) if backlog is not None else ():
            self._seal(intents)

    def poll(self, now: float, due: Due, *, flush: bool = False) -> None:
        """Seal the window if it is due and could go out at once; until then it keeps merging.

        So a short quota or a target that is down stretches the linger, and costs no request more.
        """
        if self.in_flight is not None or self._sealed or now < self.not_before:
            return
        if self.state is LaneState.WAITING or not len(self._window):
            self.answered(LaneState.READY)  # what it waited with was given up meanwhile
        if not (len(self._window) and (flush or self._window.due(now))):
            self._kept_since = None
        elif self._granted(now, due):
            self._seal(self._window.drain())

    def _granted(self, now: float, due: Due) -> bool:
        """Return whether the quota lets a batch go that nothing else keeps; note since when not."""
        granted = due(now) <= now
        if not granted and self._kept_since is None:
            self._kept_since = now
        return granted

    def _seal(self, intents: list[Intent]) -> None:
        self._sealed.append(SealedBatch(next(self._batch_ids), intents))

    def take(self, now: float, due: Due) -> Batch | None:
        """Return the next batch if none is in flight, its time has come and the quota allows it."""
        if self.in_flight is not None or not self._sealed or now < self.not_before:
            return None
        if not self._granted(now, due):
            return None
        sealed = self._sealed.popleft()
        sealed.attempt += 1
        since, self._kept_since = self._kept_since, None
        self.quota_waits_seconds.append(0.0 if since is None else now - since)
        self.in_flight, self.taken_at = sealed, now
        operations, single = tuple(map(_as_sent, sealed.intents)), self.settings.single_calls
        return Batch(
            batch_id=sealed.batch_id,
            target=self.settings.target,
            operations=operations,
            attempt=sealed.attempt,
            ranges=_ranges(sealed.intents),
            of_snapshot=any(intent.ticket.snapshot for intent in sealed.intents),
            source_kind=self.settings.kind,
            single_call=single is not None and single.takes(operations),
        )

    def landed(self, batch_id: int) -> SealedBatch:
        """Return the batch in flight and free the lane. FatalError if it is another one."""
        sealed = self.in_flight
        if sealed is None or sealed.batch_id != batch_id:
            msg = f"lane {self.settings.target} has no batch {batch_id} in flight"
            raise FatalError(msg)
        self.in_flight = None
        return sealed

    def again(self, sealed: SealedBatch, not_before: float) -> None:
        """Put a batch back to the head, to be sent not before the given time."""
        self.not_before = max(self.not_before, not_before)
        if sealed.intents:
            self._sealed.appendleft(sealed)

    def halve(self, sealed: SealedBatch) -> None:
        """Put a refused batch back as two, in order."""
        middle = len(sealed.intents) // 2
        for part in (sealed.intents[middle:], sealed.intents[:middle]):
            self._sealed.appendleft(SealedBatch(next(self._batch_ids), part))

    def put_first(self, intent: Intent) -> None:
        """Send this one alone before anything else: the stand-in of a refused operation."""
        self._sealed.appendleft(SealedBatch(next(self._batch_ids), [intent]))

    def forget_delete(self, document_id: DocumentId) -> None:
        """A delete was refused: nothing may ride on it any more."""
        self._deletes.pop(document_id, None)

    def answered(self, state: LaneState, reason: str = "", message: str = "") -> bool:
        """Keep how the target answered; return whether the state changed."""
        changed = self.state is not state
        self.state, self.reason, self.message = state, reason, message
        return changed

    def drop(self, tp: TopicPartition) -> None:
        """Forget what a given-up partition wanted; what is on the wire is fenced elsewhere."""
        self._window.drop(tp)
        self._backlogs.pop(tp, None)
        for sealed in self._sealed:
            sealed.intents = [intent for intent in sealed.intents if intent.tp != tp]
        self._sealed = deque(sealed for sealed in self._sealed if sealed.intents)
        for document_id in [d for d, intent in self._deletes.items() if intent.tp == tp]:
            del self._deletes[document_id]

    def in_flight_of(self, tp: TopicPartition) -> bool:
        """Return whether a request on the wire carries something of `tp`."""
        return self.in_flight is not None and any(i.tp == tp for i in self.in_flight.intents)

    def is_empty(self) -> bool:
        """Return whether nothing waits and nothing is in flight."""
        return self.in_flight is None and not self._sealed and not self.window_operations()

    def is_done(self) -> bool:
        """Return whether a drain need not wait: nothing is left, or nothing goes until mended."""
        blocked = self.state is LaneState.BLOCKED and self.in_flight is None
        return blocked or self.is_empty()

    def due_at(self) -> float | None:
        """Return when this lane next has something to do by itself, or `None`."""
        if self.in_flight is not None:
            return None
        return self.not_before if self._sealed else self._window.due_at()

    def window_operations(self) -> int:
        """Return how many operations the open window and the backlogs hold."""
        return len(self._window) + sum(map(len, self._backlogs.values()))

    def window_bytes(self) -> int:
        """Return the encoded bytes of the open window and the backlogs."""
        return self._window.size_bytes + sum(b.size_bytes for b in self._backlogs.values())

    def sealed_batches(self) -> int:
        """Return how many sealed batches wait."""
        return len(self._sealed)


def _as_sent(intent: Intent) -> BatchOperation:
    operation = intent.operation
    return BatchOperation(
        operation.document_id,
        operation.kind,
        operation.payload,
        intent.tp,
        intent.ticket.epoch,
        operation.content,
        operation.children,
    )


def _ranges(intents: list[Intent]) -> tuple[OffsetRange, ...]:
    ranges: dict[TopicPartition, OffsetRange] = {}
    for intent in intents:
        first = intent.covered[0] if intent.covered else intent.ticket
        low, high = first.record.offset, intent.ticket.record.offset
        known = ranges.get(intent.tp)
        if known is not None:
            low, high = min(low, known.first), max(high, known.last)
        ranges[intent.tp] = OffsetRange(intent.tp, low, high)
    return tuple(ranges.values())
