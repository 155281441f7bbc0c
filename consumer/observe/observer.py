"""What the loop tells: each internal event becomes one log line and its counts, here only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from consumer.domain.assignment import Assigned, CommitResult
from consumer.domain.fates import Accepted, DeadLetter, Outcome, RetryLater
from consumer.domain.operations import TargetId
from consumer.domain.records import TopicPartition
from consumer.observe import events
from consumer.observe.events import BatchSummary, Event
from consumer.observe.gauges import GaugeSettings, SnapshotGauges
from consumer.observe.metrics import Metrics
from consumer.observe.snapshot import Published, Snapshot
from consumer.pipeline.contract import Wait
from consumer.pipeline.lanes import LaneState
from consumer.pipeline.tally import Tally

_TRANSPORT = "transport"


class Log(Protocol):
    """Where lines go; structlog's bound logger is one."""

    def log(self, level: int, event: str, **fields: object) -> object:
        """Write one line."""
        ...


class Observer:
    """Owned by the loop's thread, which is the only one to call it."""

    def __init__(
        self,
        log: Callable[[Event], None],
        metrics: Metrics,
        published: Published,
        settings: GaugeSettings,
        clocks: tuple[Callable[[], float], Callable[[], int]],
    ) -> None:
        """Write lines to `log`; `clocks` give monotonic seconds and UTC milliseconds."""
        monotonic, self._wall_ms = clocks
        self._log = log
        self._metrics = metrics
        self._published = published
        self._gauges = SnapshotGauges(published, settings, monotonic, self._wall_ms)
        self._targets: dict[TargetId, tuple[LaneState, str]] = {}
        self._holds: dict[TopicPartition, Wait] = {}
        metrics.registry.register(self._gauges)
