"""Gauges, computed from the published snapshot when somebody scrapes.

A partition that was revoked or a target that was removed leaves no series behind, because there
is no series: only what the snapshot says. Imports prometheus_client.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from consumer.observe import catalogue
from consumer.observe.catalogue import Kind, Metric
from consumer.observe.snapshot import Published, Snapshot, State, TargetStatus, freshness_seconds
from consumer.pipeline.contract import Wait
from consumer.pipeline.lanes import LaneState

Family = GaugeMetricFamily | CounterMetricFamily
Sample = tuple[tuple[str, ...], float | None]
"""Label values, and the value; `None` is left out."""


@dataclass(frozen=True, slots=True)
class GaugeSettings:
    """Figures of the configuration that rules compare with."""

    freshness_objective_seconds: float
    max_poll_interval_seconds: float


class SnapshotGauges(Collector):
    """Reads `Published` at each scrape; any thread."""

    def __init__(
        self,
        published: Published,
        settings: GaugeSettings,
        monotonic: Callable[[], float],
        wall_ms: Callable[[], int],
    ) -> None:
        """Read from `published`; clocks in monotonic seconds and UTC milliseconds."""
        self._published = published
        self._settings = settings
        self._monotonic = monotonic
        self._wall_ms = wall_ms
        self.last_settled_ms: int | None = None
        self.heartbeat_ms: int | None = None

    def describe(self) -> Iterable[Family]:
        """Name the families, for the registry's check for duplicates."""
        return self.collect()

    def collect(self) -> Iterator[Family]:
        """Return every gauge as of the latest snapshot."""
        snapshot = self._published.latest()
        yield from _program(snapshot)
        yield from self._times(snapshot)
        yield from _records(snapshot)
        yield from _partitions(snapshot)
        yield from _targets(snapshot.targets)

    def _times(self, snapshot: Snapshot) -> Iterator[Family]:
        settings = self._settings
        since_poll = self._monotonic() - snapshot.turn_monotonic
        yield _single(catalogue.FRESHNESS, freshness_seconds(snapshot, self._wall_ms()))
        yield _single(catalogue.FRESHNESS_OBJECTIVE, settings.freshness_objective_seconds)
        yield _single(catalogue.SINCE_LAST_POLL, max(0.0, since_poll))
        yield _single(catalogue.MAX_POLL_INTERVAL, settings.max_poll_interval_seconds)
        yield _single(catalogue.LAST_SETTLED, _seconds(self.last_settled_ms))
        yield _single(catalogue.SOURCE_HEARTBEAT, _seconds(self.heartbeat_ms))


def _program(snapshot: Snapshot) -> Iterator[Family]:
    versions = snapshot.versions
    labels = tuple(versions.get(name, "") for name in catalogue.BUILD.labels)
    yield _family(catalogue.BUILD, [(labels, 1)])
    yield _family(
        catalogue.STATE, [((state.value,), float(state is snapshot.state)) for state in State]
    )


def _records(snapshot: Snapshot) -> Iterator[Family]:
    ledger = snapshot.ledger
    held: Counter[Wait] = Counter()
    for status in snapshot.partitions:
        if status.wait is not None:
            held[status.wait] += status.held_records
    yield _single(catalogue.RECORDS_IN_FLIGHT, ledger.open + ledger.held)
    yield _family(catalogue.RECORDS_HELD, [((wait.value,), held[wait]) for wait in Wait])
    yield _single(catalogue.RECORDS_RELEASED, ledger.released)
    yield _single(catalogue.LEDGER_DIFFERENCE, ledger.difference)
    yield _single(catalogue.DEAD_LETTERS_STUCK, float(snapshot.dead_letters_trouble is not None))


def _partitions(snapshot: Snapshot) -> Iterator[Family]:
    named = [((status.topic, str(status.partition)), status) for status in snapshot.partitions]
    owned = Counter(status.topic for status in snapshot.partitions)
    yield _family(catalogue.LAG, [(labels, status.lag_records) for labels, status in named])
    yield _family(
        catalogue.COMMITTED_OFFSET, [(labels, status.committed_offset) for labels, status in named]
    )
    yield _family(
        catalogue.HIGH_WATERMARK, [(labels, status.high_watermark) for labels, status in named]
    )
    yield _family(
        catalogue.ASSIGNED_PARTITIONS, [((topic,), count) for topic, count in owned.items()]
    )


def _targets(targets: tuple[TargetStatus, ...]) -> Iterator[Family]:
    by_target: dict[Metric, Callable[[TargetStatus], float | None]] = {
        catalogue.LANE_OPERATIONS: lambda target: target.window_operations,
        catalogue.LANE_BATCHES: lambda target: target.sealed_batches,
        catalogue.LANE_OLDEST: lambda target: target.oldest_open_seconds or 0.0,
        catalogue.BUFFERED_BYTES: lambda target: target.buffered_bytes,
        catalogue.BUFFER_LIMIT: lambda target: target.limit_bytes,
    }
    for metric, value_of in by_target.items():
        yield _family(metric, [((target.target,), value_of(target)) for target in targets])
    yield _family(
        catalogue.TARGET_STATE,
        [
            ((target.target, state.value), float(target.state is state))
            for target in targets
            for state in LaneState
        ],
    )


def _single(metric: Metric, value: float | None) -> Family:
    return _family(metric, [((), value)])


def _family(metric: Metric, samples: Iterable[Sample]) -> Family:
    make = CounterMetricFamily if metric.kind is Kind.COUNTER else GaugeMetricFamily
    family = make(metric.name, metric.help, labels=metric.labels)
    for labels, value in samples:
        if value is not None:
            family.add_metric(labels, value)
    return family


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000
