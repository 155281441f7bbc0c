"""Outcomes become fates (station 10). Imports the domain only.

Rules per outcome: design §2 (fates), §3 (late effects), §7 (whose fault).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, assert_never

from consumer.domain.errors import FatalError
from consumer.domain.fates import (
    Abandoned,
    Accepted,
    Blocked,
    Broken,
    DeadLetter,
    Fate,
    Outcome,
    Refused,
    RetryLater,
)
from consumer.domain.operations import EncodedOperation, OperationKind, TargetId
from consumer.domain.records import TopicPartition
from consumer.pipeline.batcher import Intent
from consumer.pipeline.budget import Budget
from consumer.pipeline.contract import Translator
from consumer.pipeline.lanes import Lane, LaneState, SealedBatch
from consumer.pipeline.tally import Passage, Tally
from consumer.pipeline.tracker import Ticket, Tracker


class Backoff(Protocol):
    """How long to wait before the next attempt."""

    def delay_seconds(self, attempt: int, retry_after_seconds: float | None) -> float:
        """Return the wait after `attempt` failures in a row; Retry-After has the last word."""
        ...


@dataclass(frozen=True, slots=True)
class RetrySettings:
    """`max_effect_seconds`: how long after an ambiguous call it may still take effect."""

    max_effect_seconds: float
    blocked_retry_seconds: float


class Settlement:
    """Applies outcomes to lanes and tickets, and keeps who may still see a late effect."""

    def __init__(
        self,
        tracker: Tracker,
        budget: Budget,
        translator: Translator,
        backoff: Backoff,
        settings: RetrySettings,
    ) -> None:
        """Share the pipeline's tracker and budget."""
        self._tracker = tracker
        self._budget = budget
        self._translator = translator
        self._backoff = backoff
        self._settings = settings
        self._letters: dict[int, tuple[Ticket, str]] = {}
        self._to_send: list[DeadLetter] = []
        self._next_letter = 0
        self._ambiguous_until: dict[TopicPartition, float] = {}
        self.tally = Tally()

    def resolve(self, lane: Lane, outcome: Outcome, now: float) -> None:
        """Apply one outcome to the batch in flight on `lane`. FatalError on a bug of ours."""
        sealed = lane.landed(outcome.batch_id)
        match outcome:
            case Accepted():
                self._accept(lane, sealed, outcome.cut, now)
                lane.answered(LaneState.READY)
            case RetryLater():
                self._retry(lane, sealed, outcome, now)
            case Refused():
                lane.answered(LaneState.READY)
                self._refuse(lane, sealed, outcome, now)
            case Blocked():
                lane.answered(LaneState.BLOCKED, outcome.reason, outcome.message)
                lane.again(self._still_owned(sealed), now + self._settings.blocked_retry_seconds)
            case Abandoned():
                lane.again(self._still_owned(sealed), now)
            case Broken():
                msg = f"a push attempt of batch {outcome.batch_id} failed: {outcome.message}"
                raise FatalError(msg)
            case _:
                assert_never(outcome)

    def _accept(self, lane: Lane, sealed: SealedBatch, cut: frozenset[int], now: float) -> None:
        target = lane.settings.target
        passage = Passage(target, lane.taken_at, now)
        for index, intent in enumerate(sealed.intents):
            if index in cut:
                continue
            intent.accepted = True
            self.tally.operations[target, intent.operation.kind.value] += 1
            for ticket in intent.covered:
                self.settle(ticket, Fate.SUPERSEDED, target=target)
            for ticket in intent.riders:
                self.settle(ticket, Fate.SKIPPED, "tombstone", target=target)
            ticket = intent.ticket
            if ticket.source_ts_ms is not None:
                times = passage.snapshot if ticket.snapshot else passage.stream
                times.append((ticket.source_ts_ms, ticket.record.timestamp_ms, ticket.taken_at))
            self.settle(ticket, Fate.ACCEPTED, target=target)
            intent.forget()
        self.tally.passages.append(passage)
        self._requeue_cut_but_owned(lane, sealed, cut)

    def _requeue_cut_but_owned(self, lane: Lane, sealed: SealedBatch, cut: frozenset[int]) -> None:
        """A worker may have read an older fence than ours: never drop what we still answer for."""
        left = [i for index, i in enumerate(sealed.intents) if index in cut]
        if any(self._tracker.is_current(intent.ticket) for intent in left):
            sealed.intents = left
            lane.again(self._still_owned(sealed), lane.not_before)

    def _retry(self, lane: Lane, sealed: SealedBatch, outcome: RetryLater, now: float) -> None:
        delay = self._backoff.delay_seconds(sealed.attempt, outcome.retry_after_seconds)
        if outcome.ambiguous:
            delay = max(delay, self._settings.max_effect_seconds)
            until = now + self._settings.max_effect_seconds
            for tp in {intent.tp for intent in sealed.intents}:
                self._ambiguous_until[tp] = max(until, self._ambiguous_until.get(tp, 0.0))
        lane.answered(LaneState.WAITING, outcome.reason, outcome.message)
        self._wait(lane, sealed, now + delay)

    def _wait(self, lane: Lane, sealed: SealedBatch, not_before: float) -> None:
        """The lane waits even if nothing of the batch is ours any more: its ids may come again."""
        lane.again(self._still_owned(sealed), not_before)

    def _still_owned(self, sealed: SealedBatch) -> SealedBatch:
        sealed.intents = [i for i in sealed.intents if self._tracker.is_current(i.ticket)]
        return sealed

    def _refuse(self, lane: Lane, sealed: SealedBatch, outcome: Refused, now: float) -> None:
        """Only who was alone is the culprit: what is left of more may be here without it."""
        sent = len(sealed.intents)
        left = self._still_owned(sealed)
        if len(left.intents) > 1:
            lane.halve(left)
            return
        if sent > 1:
            lane.again(left, now)
            return
        for intent in left.intents:
            if lane.settings.secured:
                self._refuse_secured(lane, intent, outcome, now)
            else:
                self._refuse_open(lane, intent, outcome)

    def _refuse_open(self, lane: Lane, intent: Intent, outcome: Refused) -> None:
        """The latest valid superseded operation comes back; the refused record is set aside."""
        lane.forget_delete(intent.operation.document_id)
        older = intent.give_back()
        if older is not None:
            lane.put_first(older)
        for ticket in (intent.ticket, *intent.riders):
            _take_part_off(ticket, lane.settings.target)
            self.set_aside(ticket, outcome.reason, outcome.message)

    def _refuse_secured(self, lane: Lane, intent: Intent, outcome: Refused, now: float) -> None:
        """What is refused might have narrowed access: the item is deleted instead (INV-6)."""
        if intent.operation.kind is OperationKind.DELETE:
            what = f"the delete itself was refused: {outcome.message}"
            lane.answered(LaneState.BLOCKED, outcome.reason, what)
            lane.put_first(intent)
            lane.not_before = now + self._settings.blocked_retry_seconds
            return
        delete = self._translator.delete(lane.settings.target, intent.operation.document_id)
        intent.ticket.parts += 1  # the letter and the delete
        lane.put_first(Intent(delete, intent.ticket, intent.covered, intent.riders))
        self.set_aside(intent.ticket, outcome.reason, outcome.message)

    def spread(self, ticket: Ticket, operations: Sequence[EncodedOperation]) -> None:
        """Note which targets a new ticket waits for; the others need its bytes no longer."""
        if len(ticket.targets) > 1:
            ticket.waiting = dict(Counter(operation.target for operation in operations))
            self._free(ticket)

    def settle(
        self, ticket: Ticket, fate: Fate, reason: str = "", target: TargetId | None = None
    ) -> None:
        """Settle one part, of `target` if it is an operation's.

        Once the fate is final it is counted and the bytes are given back; those of a target
        already when it has no part left, else a blocked target would fill the others' budgets.
        """
        if self._tracker.settle(ticket, fate, reason):
            assert ticket.fate is not None
            self.tally.settled[ticket.fate, ticket.reason] += 1
            self._budget.release(ticket.targets, ticket.record.size_bytes)
        elif ticket.waiting is not None and self._tracker.is_current(ticket):
            _take_part_off(ticket, target)
            self._free(ticket)

    def _free(self, ticket: Ticket) -> None:
        waiting = ticket.waiting
        if waiting is None or ticket.letters:
            return
        done = tuple(target for target in ticket.targets if not waiting.get(target))
        self._budget.release(done, ticket.record.size_bytes)
        ticket.targets = tuple(target for target in ticket.targets if waiting.get(target))

    def set_aside(self, ticket: Ticket, reason: str, message: str) -> None:
        """Make one part of the ticket a dead letter; its fate waits until that is delivered."""
        self._next_letter += 1
        ticket.letters += 1
        self._letters[self._next_letter] = (ticket, reason)
        self._to_send.append(DeadLetter(self._next_letter, ticket.record, reason, message))

    def take_letters(self) -> list[DeadLetter]:
        """Return the letters that must be sent now."""
        taken, self._to_send = self._to_send, []
        return taken

    def letters_delivered(self, letter_ids: Iterable[int]) -> None:
        """Settle what became durable; letters of lost partitions change nothing (INV-3)."""
        for letter_id in letter_ids:
            ticket, reason = self._letters.pop(letter_id)
            ticket.letters -= 1
            self.settle(ticket, Fate.DEAD_LETTERED, reason)

    def letters_open(self) -> int:
        """Return how many letters are not delivered yet."""
        return len(self._letters)

    def clean_after(self, tp: TopicPartition) -> float:
        """Return the time after which nothing ambiguous of `tp` can take effect any more."""
        return self._ambiguous_until.get(tp, 0.0)


def _take_part_off(ticket: Ticket, target: TargetId | None) -> None:
    if ticket.waiting is not None and target is not None:
        ticket.waiting[target] -= 1
