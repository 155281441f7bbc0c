"""Container → upload → batch call: one attempt, without I/O. Imports domain.

`attempt` says what to do next and is told what came of it, so that the simulation drives the very
code that the worker threads run.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias, assert_never

from consumer.coveo import payload
from consumer.coveo.accounts import call_of
from consumer.coveo.exchange import (
    CreateContainer,
    PushBatch,
    Reply,
    Step,
    Upload,
)
from consumer.coveo.retry import classify
from consumer.coveo.verdicts import Accept, Block, Opened, Refuse, Retry, Setback, Stored
from consumer.domain.fates import (
    Abandoned,
    Accepted,
    Attempt,
    Batch,
    Blocked,
    Broken,
    Call,
    Outcome,
    Refused,
    RetryLater,
)
from consumer.domain.fence import Fence
from consumer.http.deadline import Deadline

Steps: TypeAlias = Generator[Step, Reply, Outcome]


class Performer(Protocol):
    """Carries out steps: the client, or whatever stands in for it."""

    def perform(self, step: Step, deadline: Deadline) -> Reply:
        """Carry out one step, within the deadline."""
        ...


def attempt(batch: Batch, fence: Fence) -> Steps:
    """Push what of `batch` is still ours.

    INV-3: operations of lost partitions are cut before the body is built. If one is lost between
    then and the batch call, the uploaded container, which holds it, is left to expire and
    everything begins anew without it; each such round has fewer operations, so there is an end.
    """
    journal = _Journal(batch)
    kept = tuple(range(len(batch.operations)))
    while kept := _still_ours(batch, kept, fence):
        body = payload.body(batch.operations[index] for index in kept)
        journal.body_bytes = len(body)
        opened = classify(step := CreateContainer(), (yield from journal.ask(step)))
        if not isinstance(opened, Opened):
            return journal.setback(opened)
        upload = Upload(opened.container, body)
        stored = classify(upload, (yield from journal.ask(upload)))
        if not isinstance(stored, Stored):
            return journal.setback(stored)
        if _still_ours(batch, kept, fence) != kept:
            continue
        push = PushBatch(batch.target, opened.container.file_id)
        accepted = classify(push, (yield from journal.ask(push)))
        if not isinstance(accepted, Accept):
            return journal.setback(accepted)
        return Accepted(batch.batch_id, journal.attempt(), _cut(batch, kept))
    return Abandoned(batch.batch_id, journal.attempt())


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

    def ask(self, step: Step) -> Generator[Step, Reply, Reply]:
        """Have a step carried out and note it."""
        reply = yield step
        sent_bytes = len(step.body) if isinstance(step, Upload) else 0
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
