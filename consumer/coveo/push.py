"""Container → upload → batch call, or one call for one item: an attempt, without I/O.

`attempt` says what to do next and is told what came of it, so that the simulation drives the very
code that the worker threads run. Imports domain.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias, assert_never

from consumer.coveo import payload
from consumer.coveo.accounts import call_of
from consumer.coveo.exchange import (
    CreateContainer,
    Delivery,
    FileContainer,
    PushBatch,
    PushItem,
    Reply,
    Step,
    UpdateCatalog,
    Upload,
)
from consumer.coveo.retry import classify
from consumer.coveo.verdicts import Accept, Block, Opened, Refuse, Retry, Setback, Stored
from consumer.domain.fates import (
    Abandoned,
    Accepted,
    Attempt,
    Batch,
    BatchOperation,
    Blocked,
    Broken,
    Call,
    Outcome,
    Refused,
    RetryLater,
)
from consumer.domain.fence import Fence
from consumer.domain.operations import SourceKind
from consumer.http.deadline import Deadline

Steps: TypeAlias = Generator[Step, Reply, Outcome]


class Performer(Protocol):
    """Carries out steps: the client, or whatever stands in for it."""

    def perform(self, step: Step, deadline: Deadline) -> Reply:
        """Carry out one step, within the deadline."""
        ...


def attempt(batch: Batch, fence: Fence) -> Steps:
    """Push what of `batch` is still ours.

    Contents that are too large for their items go first, each into a container of its own; the
    body refers to them. INV-3: operations of lost partitions are cut before the body is built. If
    one is lost between then and the batch call, the uploaded container, which holds it, is left to
    expire and everything begins anew without it; each such round has fewer operations, so there is
    an end. Contents that are in their containers stay there for the next round: nothing has used
    them. The next attempt uploads them anew, for nobody knows what used them then.
    """
    journal = _Journal(batch)
    if batch.single_call:
        return (yield from _one_call(journal, fence))
    kept = tuple(range(len(batch.operations)))
    while kept := _still_ours(batch, kept, fence):
        setback = yield from journal.store_contents(kept)
        if setback is not None:
            return journal.setback(setback)
        if _still_ours(batch, kept, fence) != kept:
            continue
        filled = yield from journal.store(journal.body(kept))
        if not isinstance(filled, FileContainer):
            return journal.setback(filled)
        if _still_ours(batch, kept, fence) != kept:
            continue
        push = _delivery(batch, filled.file_id)
        accepted = classify(push, (yield from journal.ask(push)))
        if not isinstance(accepted, Accept):
            return journal.setback(accepted)
        return Accepted(batch.batch_id, journal.attempt(), _cut(batch, kept))
    return Abandoned(batch.batch_id, journal.attempt())


def _one_call(journal: _Journal, fence: Fence) -> Steps:
    """Push the only operation by the call for one item, right after asking the fence (INV-3)."""
    batch = journal.batch
    (operation,) = batch.operations
    if not fence.holds(operation.tp, operation.epoch):
        return Abandoned(batch.batch_id, journal.attempt())
    call = payload.single_call(batch.target, operation)
    if isinstance(call, PushItem):
        journal.body_bytes = len(call.body)
    accepted = classify(call, (yield from journal.ask(call)))
    if not isinstance(accepted, Accept):
        return journal.setback(accepted)
    return Accepted(batch.batch_id, journal.attempt())


def run_attempt(batch: Batch, fence: Fence, client: Performer, deadline: Deadline) -> Outcome:
    """Run one attempt to its end within `deadline`. Never raises: a worker has nobody to tell."""
    try:
        steps = attempt(batch, fence)
        step = next(steps)
        while True:
            step = steps.send(client.perform(step, deadline))
    except StopIteration as end:
        outcome: Outcome = end.value
        return outcome
    except Exception as error:  # noqa: BLE001 - the thread's outermost frame
        return Broken(batch.batch_id, Attempt(), _where(error))


def _delivery(batch: Batch, file_id: str) -> Delivery:
    match batch.source_kind:
        case SourceKind.PUSH:
            return PushBatch(batch.target, file_id)
        case SourceKind.CATALOG:
            return UpdateCatalog(batch.target, file_id)
        case _:
            assert_never(batch.source_kind)


def _still_ours(batch: Batch, kept: tuple[int, ...], fence: Fence) -> tuple[int, ...]:
    operations = ((index, batch.operations[index]) for index in kept)
    return tuple(index for index, each in operations if fence.holds(each.tp, each.epoch))


def _cut(batch: Batch, kept: tuple[int, ...]) -> frozenset[int]:
    return frozenset(range(len(batch.operations))).difference(kept)


def _where(error: Exception) -> str:
    # The text of an unforeseen exception may quote data; its name and place do not.
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return type(error).__name__
    place = trace.tb_frame.f_globals.get("__name__", "?")
    return f"{type(error).__name__} in {place}, line {trace.tb_lineno}"


@dataclass(slots=True)
class _Journal:
    """What an attempt did so far, for its outcome."""

    batch: Batch
    calls: list[Call] = field(default_factory=list)
    body_bytes: int = 0
    contents: dict[int, str] = field(default_factory=dict)
    """File ids of the contents that are in their containers, by index of their operation."""

    def body(self, kept: Iterable[int]) -> bytes:
        """Return the body of these operations; their contents are stored."""
        made = payload.body(self._as_sent(index) for index in kept)
        self.body_bytes = len(made)
        return made

    def _as_sent(self, index: int) -> BatchOperation:
        operation = self.batch.operations[index]
        if operation.content is None:
            return operation
        return payload.referring(operation, self.contents[index])

    def store_contents(self, kept: Iterable[int]) -> Generator[Step, Reply, Setback | None]:
        """Upload each content that is not stored yet; return what went wrong, if anything."""
        for index in kept:
            content = self.batch.operations[index].content
            if content is None or index in self.contents:
                continue
            filled = yield from self.store(content)
            if not isinstance(filled, FileContainer):
                return filled
            self.contents[index] = filled.file_id
        return None

    def store(self, body: bytes) -> Generator[Step, Reply, FileContainer | Setback]:
        """Ask for a container and fill it."""
        opened = classify(create := CreateContainer(), (yield from self.ask(create)))
        if not isinstance(opened, Opened):
            return opened
        upload = Upload(opened.container, body)
        stored = classify(upload, (yield from self.ask(upload)))
        return opened.container if isinstance(stored, Stored) else stored

    def ask(self, step: Step) -> Generator[Step, Reply, Reply]:
        """Have a step carried out and note it."""
        reply = yield step
        sent_bytes = len(step.body) if isinstance(step, Upload | PushItem) else 0
        self.calls.append(call_of(step.endpoint, reply, sent_bytes))
        return reply

    def attempt(self) -> Attempt:
        """Return what the outcome tells of the attempt."""
        return Attempt(tuple(self.calls), self.body_bytes)

    def setback(self, verdict: Setback) -> Outcome:
        """Return the outcome that a verdict other than success means."""
        batch_id, attempt = self.batch.batch_id, self.attempt()
        message = f"target {self.batch.target}: {verdict.message}"
        match verdict:
            case Retry(reason, _, seconds, ambiguous):
                return RetryLater(batch_id, attempt, reason, message, seconds, ambiguous)
            case Refuse(reason, _):
                return Refused(batch_id, attempt, reason, message)
            case Block(reason, _):
                return Blocked(batch_id, attempt, reason, message)
            case _:
                assert_never(verdict)
