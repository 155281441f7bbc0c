"""Hand-driven ports for the loop: what a test puts in comes out, what the loop does is kept."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from consumer.domain.assignment import Assigned, CommitPoint, CommitResult
from consumer.domain.fates import DeadLetter
from consumer.domain.fence import Fence
from consumer.domain.records import Offset, Record, TopicPartition
from consumer.pipeline.pipeline import Pipeline, PipelineSettings
from consumer.pipeline.settlement import RetrySettings
from consumer.runtime.loop import Loop, LoopSettings
from consumer.runtime.ports import Ports
from tests.fakes.clock import ManualClock
from tests.fakes.observer import EventList
from tests.fakes.pipeline import TARGET, FakeTranslator, FixedBackoff, lane_settings
from tests.fakes.workers import ManualStatusCalls, ManualWorkers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from consumer.domain.errors import CdcError
    from consumer.domain.hazards import DeletesKept, EndSeen, Hazard
    from consumer.domain.operations import TargetId
    from consumer.domain.schemas import SchemaRef
    from consumer.pipeline.lanes import LaneSettings
    from consumer.pipeline.single import SingleCalls


@dataclass
class ManualSource:
    """Hands over what was put in; `during_poll` runs inside the next poll, as rebalances do."""

    records: list[Record] = field(default_factory=list)
    during_poll: Callable[[], None] | None = None
    paused: frozenset[TopicPartition] = frozenset()
    timeouts: list[float] = field(default_factory=list)
    on_close: Callable[[], None] | None = None
    read_ends: dict[TopicPartition, int] = field(default_factory=dict)
    ends: dict[TopicPartition, int] = field(default_factory=dict)
    low: dict[TopicPartition, int] = field(default_factory=dict)
    high: dict[TopicPartition, int] = field(default_factory=dict)
    found: list[Hazard] = field(default_factory=list)
    seen: dict[TopicPartition, EndSeen] = field(default_factory=dict)
    kept: dict[str, DeletesKept] = field(default_factory=dict)
    error: CdcError | None = None

    def poll(self, timeout_seconds: float, max_records: int) -> Sequence[Record]:
        """Return and forget the records."""
        self.timeouts.append(timeout_seconds)
        if self.error is not None:
            raise self.error
        act, self.during_poll = self.during_poll, None
        if act is not None:
            act()
        taken, self.records = self.records[:max_records], self.records[max_records:]
        return taken

    def set_paused(self, partitions: frozenset[TopicPartition]) -> None:
        """Keep the set."""
        self.paused = partitions

    def high_watermarks(self) -> Mapping[TopicPartition, int]:
        """Return what a test says."""
        return self.high

    def low_watermarks(self) -> Mapping[TopicPartition, int]:
        """Return what a test says."""
        return self.low

    def read_to(self) -> Mapping[TopicPartition, int]:
        """Return what a test says."""
        return self.read_ends

    def end_of(self, partition: TopicPartition) -> int | None:
        """Return what a test says; nobody answers by default."""
        return self.ends.get(partition)

    def hazards(self) -> Sequence[Hazard]:
        """Return what a test says."""
        return self.found

    def ends_seen(self) -> Mapping[TopicPartition, EndSeen]:
        """Return and forget what a test says."""
        seen, self.seen = self.seen, {}
        return seen

    def deletes_kept(self, topic: str) -> DeletesKept | None:
        """Return what a test says."""
        return self.kept.get(topic)

    def troubles(self) -> Mapping[str, str]:
        """Have none."""
        return {}

    def close(self) -> None:
        """Revoke what a test says."""
        if self.on_close is not None:
            self.on_close()


@dataclass
class ManualCheckpoint:
    """Keeps what is committed; answers when told to, with success unless `error` is set."""

    commits: list[dict[TopicPartition, CommitPoint]] = field(default_factory=list)
    last: list[dict[TopicPartition, CommitPoint]] = field(default_factory=list)
    error: str | None = None
    answering: bool = True
    _results: list[CommitResult] = field(default_factory=list)

    def commit(self, points: Mapping[TopicPartition, CommitPoint]) -> None:
        """Keep and answer."""
        self.commits.append(dict(points))
        if self.answering:
            self._results += [CommitResult(tp, p, self.error) for tp, p in points.items()]

    def commit_now(
        self, points: Mapping[TopicPartition, CommitPoint], timeout_seconds: float
    ) -> Sequence[CommitResult]:
        """Keep."""
        del timeout_seconds
        self.last.append(dict(points))
        return [CommitResult(tp, point, self.error) for tp, point in points.items()]

    def results(self) -> Sequence[CommitResult]:
        """Return and forget."""
        taken, self._results = self._results, []
        return taken


@dataclass
class ManualDeadLetters:
    """Delivers when told to."""

    letters: list[DeadLetter] = field(default_factory=list)
    delivering: bool = True
    failed: int = 0

    def send(self, letter: DeadLetter) -> None:
        """Keep the letter."""
        self.letters.append(letter)

    def delivered(self) -> Sequence[int]:
        """Deliver everything that was sent, if delivering."""
        if not self.delivering:
            return ()
        taken, self.letters = self.letters, []
        return [letter.letter_id for letter in taken]

    def trouble(self) -> str | None:
        """Say so if not delivering."""
        return None if self.delivering else "the disk is full"

    def failures(self) -> int:
        """Return what a test says."""
        return self.failed


@dataclass
class ManualSchemas:
    """Keeps what was asked for."""

    requested: list[SchemaRef] = field(default_factory=list)

    def request(self, schema_ref: SchemaRef) -> None:
        """Keep the reference."""
        self.requested.append(schema_ref)

    def trouble(self, schema_ref: SchemaRef) -> str | None:
        """Know of none."""
        del schema_ref
        return None


@dataclass
class FreeGovernor:
    """Grants everything, and keeps what it was told."""

    spent: int = 0
    until: float = 0.0

    def due(self, now: float, requests: int) -> float:
        """Return now, or the end of a throttling."""
        del requests
        return max(now, self.until)

    def spend(self, now: float, requests: int) -> None:
        """Count."""
        del now
        self.spent += requests

    def throttled(self, until: float) -> None:
        """Keep the time."""
        self.until = until

    def rate_per_second(self, now: float) -> float:
        """Return 1, or nothing while throttled."""
        return float(now >= self.until)


class Bench:
    """A loop on hand-driven ports."""

    def __init__(
        self,
        translator: FakeTranslator | None = None,
        *,
        dead_letters: bool = True,
        quiet_seconds: float | None = None,
        single_calls: SingleCalls | None = None,
    ) -> None:
        """Wire everything; no partition is assigned yet."""
        self.clock = ManualClock()
        self.source = ManualSource()
        self.checkpoint = ManualCheckpoint()
        self.letters = ManualDeadLetters()
        self.workers = ManualWorkers(self.clock)
        self.status_calls = ManualStatusCalls(self.clock)
        self.schemas = ManualSchemas()
        self.governor = FreeGovernor()
        self.observer = EventList()
        self.fence = Fence()
        self.translator = translator or FakeTranslator()
        settings = PipelineSettings(
            lanes=_lanes(self.translator.target_ids or (TARGET,), single_calls),
            budget_bytes_per_target=100_000,
            retry=RetrySettings(max_effect_seconds=60.0, blocked_retry_seconds=30.0),
            dead_letters=dead_letters,
        )
        self.pipeline = Pipeline(self.translator, FixedBackoff(), settings)
        ports = Ports(
            self.source, self.checkpoint, self.letters, self.workers, self.status_calls,
            self.schemas, self.governor, self.clock, self.observer,
        )  # fmt: skip
        times = LoopSettings(
            poll_seconds=0.1,
            max_poll_records=500,
            commit_interval_seconds=5.0,
            revoke_seconds=20.0,
            takeover_seconds=60.0,
            quiet_seconds=quiet_seconds,
        )
        self.loop = Loop(ports, self.pipeline, self.fence, times)

    def assign(self, tp: TopicPartition, *, clean: bool = True, high_watermark: int = 0) -> None:
        """Let the next turn assign `tp` from offset 0, and do that turn."""
        given = Assigned(tp, Offset(0), Offset(high_watermark), clean)
        self.source.during_poll = lambda: self.loop.on_assigned([given])
        self.loop.turn()

    def turn(self, *records: Record, seconds: float = 0.0) -> None:
        """Let time pass, put records in, do one turn."""
        self.clock.now += seconds
        self.source.records += records
        self.loop.turn()


def _lanes(
    targets: tuple[TargetId, ...], single_calls: SingleCalls | None
) -> tuple[LaneSettings, ...]:
    return tuple(replace(lane_settings(each), single_calls=single_calls) for each in targets)
