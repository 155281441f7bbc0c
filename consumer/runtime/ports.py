"""The loop's ports: what the edges must provide. Implemented by `kafka`, `coveo` and the fakes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from consumer.domain.assignment import Assigned, CommitPoint, CommitResult
from consumer.domain.fates import Batch, DeadLetter, Outcome
from consumer.domain.hazards import DeletesKept, EndSeen, Hazard
from consumer.domain.records import Record, TopicPartition
from consumer.domain.schemas import SchemaRef
from consumer.domain.source_status import StatusCall, StatusTold
from consumer.runtime.observer import Observer


class Clock(Protocol):
    """Durations come from `monotonic`, timestamps from `wall_ms` (UTC epoch milliseconds)."""

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        ...

    def wall_ms(self) -> int:
        """Return UTC milliseconds since 1970."""
        ...


class RebalanceListener(Protocol):
    """Told about partitions, from inside `Source.poll`, on the thread that polls."""

    def on_assigned(self, assigned: Sequence[Assigned]) -> None:
        """Take these partitions over; they deliver nothing before this returns."""
        ...

    def on_revoked(self, partitions: Sequence[TopicPartition]) -> None:
        """Give these up: they are still owned until this returns, so it may commit."""
        ...

    def on_lost(self, partitions: Sequence[TopicPartition]) -> None:
        """Forget these: somebody else may own them already; never commit."""
        ...


class Source(Protocol):
    """Records of the assigned partitions, in offset order within each."""

    def poll(self, timeout_seconds: float, max_records: int) -> Sequence[Record]:
        """Wait up to `timeout_seconds` for records; rebalances reach the listener in here.

        Raises FatalError when the client is beyond repair, ConfigError when somebody must decide
        where reading goes on; passing troubles return nothing.
        """
        ...

    def set_paused(self, partitions: frozenset[TopicPartition]) -> None:
        """Make exactly these paused, of those assigned; kept for partitions that come later."""
        ...

    def high_watermarks(self) -> Mapping[TopicPartition, int]:
        """Return the last known end of each assigned partition, without a network call."""
        ...

    def low_watermarks(self) -> Mapping[TopicPartition, int]:
        """Return the beginnings heard together with the ends last returned, if any was."""
        ...

    def read_to(self) -> Mapping[TopicPartition, int]:
        """Return how far each assigned log was seen to its end, all of it returned by `poll`."""
        ...

    def end_of(self, partition: TopicPartition) -> int | None:
        """Ask where the log ends now, for less than a second; `None` if nobody answers."""
        ...

    def ends_seen(self) -> Mapping[TopicPartition, EndSeen]:
        """Return where logs were seen to end since the last call; asked now and then."""
        ...

    def hazards(self) -> Sequence[Hazard]:
        """Return what was found out about the logs of the assigned partitions, in this run."""
        ...

    def deletes_kept(self, topic: str) -> DeletesKept | None:
        """Return how long its log is sure to keep a delete; `None` while that is not known."""
        ...

    def troubles(self) -> Mapping[str, str]:
        """Return what keeps the cluster from answering or a partition from being read, by what."""
        ...

    def close(self) -> None:
        """Leave the group; `on_revoked` is called for what is still assigned."""
        ...


class Checkpoint(Protocol):
    """Makes next offsets durable, only ever for partitions that are owned now."""

    def commit(self, points: Mapping[TopicPartition, CommitPoint]) -> None:
        """Start committing; results come from `results`. Never blocks."""
        ...

    def commit_now(
        self, points: Mapping[TopicPartition, CommitPoint], timeout_seconds: float
    ) -> Sequence[CommitResult]:
        """Commit and wait at most `timeout_seconds`; what is not known to be durable failed."""
        ...

    def results(self) -> Sequence[CommitResult]:
        """Return the results of `commit` that have arrived since the last call."""
        ...


class DeadLetters(Protocol):
    """Keeps records aside."""

    def send(self, letter: DeadLetter) -> None:
        """Start delivering; tries again by itself until it is delivered. Never blocks for long."""
        ...

    def delivered(self) -> Sequence[int]:
        """Return the ids of letters that became durable since the last call."""
        ...

    def trouble(self) -> str | None:
        """Return why letters are not being delivered now, or `None`."""
        ...

    def failures(self) -> int:
        """Return how many tries to deliver failed since the start."""
        ...


_TaskT_contra = TypeVar("_TaskT_contra", contravariant=True)
_ResultT_co = TypeVar("_ResultT_co", covariant=True)


class Workers(Protocol[_TaskT_contra, _ResultT_co]):
    """Runs tasks elsewhere: push attempts, status calls."""

    def submit(self, task: _TaskT_contra, since: float, /) -> None:
        """Start a task. Never blocks.

        Its deadline counts from `since`, the moment when this turn knew what we own: a process that
        stands still in between must not wake up with time to send what is no longer its own.
        """
        ...

    def outcomes(self, wait_seconds: float = 0.0) -> Sequence[_ResultT_co]:
        """Return results that have arrived; wait up to `wait_seconds` for the first."""
        ...


class Governor(Protocol):
    """Keeps the organization's request quota."""

    def due(self, now: float, requests: int) -> float:
        """Return the earliest time at which so many requests may go out."""
        ...

    def spend(self, now: float, requests: int) -> None:
        """Count requests as sent."""
        ...

    def throttled(self, until: float) -> None:
        """Obey Retry-After: nothing goes out before `until`."""
        ...

    def rate_per_second(self, now: float) -> float:
        """Return how many requests a second may go out in the long run; 0 while none may."""
        ...


class SchemaDirectory(Protocol):
    """Fetches schemas in the background for the decoder."""

    def request(self, schema_ref: SchemaRef) -> None:
        """Ask for a schema unless that is under way; failures are tried again with a back-off."""
        ...

    def trouble(self, schema_ref: SchemaRef) -> str | None:
        """Return why that schema is not at hand yet, or `None` while the first try runs."""
        ...


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything outside that the loop talks to. Without `dead_letters`, poison holds."""

    source: Source
    checkpoint: Checkpoint
    dead_letters: DeadLetters | None
    workers: Workers[Batch, Outcome]
    status_calls: Workers[StatusCall, StatusTold]
    schemas: SchemaDirectory
    governor: Governor
    clock: Clock
    observer: Observer
