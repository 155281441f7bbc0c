"""Hand-driven workers: what the loop hands over is kept, and comes back when a test says so."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from consumer.domain.fates import Accepted, Attempt, Batch, Outcome
from consumer.domain.source_status import StatusCall, StatusTold
from tests.fakes.clock import ManualClock

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass
class ManualWorkers:
    """Keeps batches; outcomes come when a test puts them in. Waiting moves the clock."""

    clock: ManualClock
    batches: list[Batch] = field(default_factory=list)
    ready: list[Outcome] = field(default_factory=list)
    while_waiting: Callable[[], None] | None = None

    def submit(self, batch: Batch, since: float) -> None:
        """Keep the batch."""
        del since
        self.batches.append(batch)

    def outcomes(self, wait_seconds: float = 0.0) -> Sequence[Outcome]:
        """Return and forget; if there is none, let `wait_seconds` pass."""
        if wait_seconds and self.while_waiting is not None:
            self.while_waiting()
        if wait_seconds and not self.ready:
            self.clock.now += wait_seconds
        taken, self.ready = self.ready, []
        return taken

    def accept_last(self) -> None:
        """Let the newest batch be accepted."""
        self.ready.append(Accepted(self.batches[-1].batch_id, Attempt()))


@dataclass
class ManualStatusCalls:
    """Keeps what is said; takes it unless `error` is set, or does not answer at all."""

    clock: ManualClock
    said: list[StatusCall] = field(default_factory=list)
    error: str | None = None
    answering: bool = True
    retry_after_seconds: float | None = None
    _told: list[StatusTold] = field(default_factory=list)

    def submit(self, call: StatusCall, since: float) -> None:
        """Keep and answer."""
        del since
        self.said.append(call)
        if self.answering:
            self._told.append(StatusTold(call, None, self.error, self.retry_after_seconds))

    def outcomes(self, wait_seconds: float = 0.0) -> Sequence[StatusTold]:
        """Return and forget; if there is none, let `wait_seconds` pass."""
        if wait_seconds and not self._told:
            self.clock.now += wait_seconds
        taken, self._told = self._told, []
        return taken
