"""The workers of one member: the real attempt, one step at a time, each step an event."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from consumer.coveo.exchange import PushBatch, Reply, UpdateCatalog, Upload
from consumer.coveo.push import Steps, attempt
from consumer.domain.fates import Abandoned, Accepted, Batch, Outcome, RetryLater
from consumer.domain.fence import Fence
from tests.simulation.checks import Effect
from tests.simulation.plan import ATTEMPT_SECONDS
from tests.simulation.ports import Wait
from tests.simulation.story import Violation
from tests.simulation.wire import Sender, Wire
from tests.simulation.world import World

_BODY = b'{"addOrUpdate":'
Report = Callable[[tuple[Effect, ...]], None]


@dataclass(slots=True, eq=False)
class _Run:
    """An attempt under way."""

    batch: Batch
    steps: Steps
    sender: Sender
    began: float
    uploads: int = 0
    contents: int = 0


class SimWorkers:
    """Runs attempts as events of the world; `frozen` holds them, `dead` ends them."""

    def __init__(self, world: World, wire: Wire, name: str, fence: Fence) -> None:
        """Start idle."""
        self.dead = False
        self.frozen = False
        self.running: dict[int, _Run] = {}
        self.throttled_until = 0.0
        self.wait: Wait = world.run_until
        self.expelled: Callable[[], bool]
        self.starts: Report
        self.late: Report
        self.fetched: Callable[[], None]
        self.lost_at: Callable[[], float]
        self._world = world
        self._wire = wire
        self._name = name
        self._fence = fence
        self._outcomes: list[Outcome] = []
        self._stopped: list[tuple[_Run, Reply | None]] = []

    def submit(self, batch: Batch, since: float) -> None:
        """Start an attempt in a moment; its deadline counts from the turn's own time."""
        if self._world.now < self.throttled_until:
            msg = f"{self._name} sends batch {batch.batch_id} before Retry-After is over"
            raise Violation("RETRY-AFTER", msg)
        if self.throttled_until:
            self._world.seen.met("retry_after_obeyed")
            self.throttled_until = 0.0
        deadline = since + ATTEMPT_SECONDS
        alone = batch.operations[0].payload if batch.single_call else None
        sender = Sender(self._name, deadline, self.expelled, self.starts, self.late, alone)
        run = _Run(batch, attempt(batch, self._fence), sender, self._world.now)
        self.running[batch.batch_id] = run
        self._go_on(run, None)

    def outcomes(self, wait_seconds: float = 0.0) -> Sequence[Outcome]:
        """Return what has come back; while it waits, the world goes on."""
        if wait_seconds > 0 and not self._outcomes:
            self.wait(lambda: bool(self._outcomes), self._world.now + wait_seconds)
        outcomes, self._outcomes = self._outcomes, []
        if outcomes:
            self.fetched()
        return outcomes

    @property
    def has_outcomes(self) -> bool:
        """Return whether outcomes wait to be fetched."""
        return bool(self._outcomes)

    def thaw(self) -> None:
        """Let the workers go on."""
        self.frozen = False
        stopped, self._stopped = self._stopped, []
        for run, reply in stopped:
            self._go_on(run, reply)

    def _go_on(self, run: _Run, reply: Reply | None) -> None:
        delay = self._world.between(0.0, 0.03)
        self._world.after(delay, f"worker of {self._name}", lambda: self._advance(run, reply))

    def _advance(self, run: _Run, reply: Reply | None) -> None:
        if self.dead:
            return
        if self.frozen:
            self._stopped.append((run, reply))
            return
        try:
            step = next(run.steps) if reply is None else run.steps.send(reply)
        except StopIteration as end:
            self._end(run, end.value)
            return
        if isinstance(step, Upload):
            self._count(run, step)
        about = (
            step.endpoint
            if not isinstance(step, PushBatch | UpdateCatalog)
            else f"{step.endpoint} {step.file_id}"
        )
        self._world.tell("all", self._name, "batch", run.batch.batch_id, about)
        self._wire.perform(step, run.sender, lambda answer: self._go_on(run, answer))

    def _count(self, run: _Run, step: Upload) -> None:
        if not step.body.startswith(_BODY):
            run.contents += 1
            return
        run.uploads += 1
        if run.uploads > 1:
            self._world.seen.met("container_rebuilt")
            if run.contents:
                self._world.seen.met("content_kept")

    def _end(self, run: _Run, outcome: Outcome) -> None:
        del self.running[run.batch.batch_id]
        self._world.tell("all", self._name, "batch", run.batch.batch_id, "ends", _words(outcome))
        seen = self._world.seen
        match outcome:
            case Accepted(cut=cut) if cut:
                seen.met("cut")
            case Abandoned():
                seen.met("abandoned")
                if run.began < self.lost_at():
                    seen.met("zombie_cut")
            case RetryLater(ambiguous=True):
                seen.met("ambiguous_outcome")
            case _:
                pass
        self._outcomes.append(outcome)


def _words(outcome: Outcome) -> str:
    match outcome:
        case RetryLater(reason=reason, ambiguous=ambiguous):
            return f"retry {reason}{' ambiguous' if ambiguous else ''}"
        case _:
            return type(outcome).__name__.lower()
