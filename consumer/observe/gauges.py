"""Gauges, computed from what was published when somebody scrapes.

A partition that was revoked or a target that was removed leaves no series behind, because there
is no series: only what the status says. Imports prometheus_client.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from consumer.observe import catalogue
from consumer.observe.catalogue import Kind, Metric
from consumer.observe.published import Published, State, lag_records, ledger_difference
from consumer.pipeline.contract import Wait
from consumer.pipeline.lanes import LaneState
from consumer.runtime.status import LanePicture, LoopStatus, PartitionPicture

Family = GaugeMetricFamily | CounterMetricFamily
Sample = tuple[tuple[str, ...], float | None]
"""Label values, and the value; `None` is left out."""


@dataclass(frozen=True, slots=True)
class Objectives:
    """Figures of the configuration that rules compare with."""

    freshness_seconds: float
    max_poll_interval_seconds: float


class PublishedGauges(Collector):
    """Reads `Published` at each scrape; any thread."""

    def __init__(self, published: Published, objectives: Objectives) -> None:
        """Read from `published`."""
        self._published = published
        self._objectives = objectives

    def describe(self) -> Iterable[Family]:
        """Name the families, for the registry's check for duplicates."""
        return self.collect()

    def collect(self) -> Iterator[Family]:
        """Return every gauge as of now."""
        published = self._published
        status = published.status
        yield from _program(published)
        yield from self._times(published)
        if status is not None:
            yield from _records(status)
            yield from _partitions(status.partitions)
            yield from _targets(status.lanes)

    def _times(self, published: Published) -> Iterator[Family]:
        objectives = self._objectives
        yield _single(catalogue.FRESHNESS, published.freshness_seconds())
        yield _single(catalogue.FRESHNESS_OBJECTIVE, objectives.freshness_seconds)
        yield _single(catalogue.SINCE_LAST_POLL, published.seconds_since_turn())
        yield _single(catalogue.MAX_POLL_INTERVAL, objectives.max_poll_interval_seconds)
        yield _single(catalogue.LAST_SETTLED, _seconds(published.last_settled_ms))
        yield _single(catalogue.SOURCE_HEARTBEAT, _seconds(published.heartbeat_ms))


class Counted(Collector):
    """Counters that another part keeps, read at each scrape; any thread."""

    def __init__(self, metric: Metric, counts: Callable[[], Mapping[tuple[str, ...], int]]) -> None:
        """Ask `counts` for the metric's values by its labels."""
        self._metric = metric
        self._counts = counts

    def describe(self) -> Iterable[Family]:
        """Name the family, for the registry's check for duplicates."""
        return [_family(self._metric, ())]

    def collect(self) -> Iterator[Family]:
        """Return the counts as of now."""
        yield _family(self._metric, self._counts().items())


def _program(published: Published) -> Iterator[Family]:
    labels = tuple(published.versions.get(name, "") for name in catalogue.BUILD.labels)
    states = [((state.value,), float(state is published.state)) for state in State]
    yield _family(catalogue.BUILD, [(labels, 1)])
    yield _family(catalogue.STATE, states)


def _records(status: LoopStatus) -> Iterator[Family]:
    held: Counter[str] = Counter()
    for picture in status.partitions:
        held[picture.wait] += picture.held_records
    yield _single(catalogue.RECORDS_CONSUMED, status.polled)
    yield _single(catalogue.RECORDS_IN_FLIGHT, status.open + status.held)
    yield _family(catalogue.RECORDS_HELD, [((wait.value,), held[wait]) for wait in Wait])
    yield _single(catalogue.RECORDS_RELEASED, status.released)
    yield _single(catalogue.LEDGER_DIFFERENCE, ledger_difference(status))
    yield _single(catalogue.DEAD_LETTERS_OPEN, status.dead_letters_open)
    yield _single(catalogue.DEAD_LETTERS_STUCK, float(status.dead_letters_trouble is not None))


def _partitions(pictures: tuple[PartitionPicture, ...]) -> Iterator[Family]:
    by_partition: dict[Metric, Callable[[PartitionPicture], float | None]] = {
        catalogue.LAG: lag_records,
        catalogue.COMMITTED_OFFSET: lambda picture: picture.committed,
        catalogue.HIGH_WATERMARK: lambda picture: picture.high_watermark,
    }
    labels = [(picture.tp.topic, str(picture.tp.partition)) for picture in pictures]
    for metric, value_of in by_partition.items():
        yield _family(metric, zip(labels, map(value_of, pictures), strict=True))
    owned = Counter(picture.tp.topic for picture in pictures)
    paused = Counter(picture.tp.topic for picture in pictures if picture.paused)
    yield _family(catalogue.ASSIGNED_PARTITIONS, [((t,), n) for t, n in owned.items()])
    yield _family(catalogue.PAUSED_PARTITIONS, [((t,), paused[t]) for t in owned])


def _targets(lanes: tuple[LanePicture, ...]) -> Iterator[Family]:
    by_target: dict[Metric, Callable[[LanePicture], float]] = {
        catalogue.LANE_OPERATIONS: lambda lane: lane.window_operations,
        catalogue.LANE_BATCHES: lambda lane: lane.sealed_batches,
        catalogue.LANE_IN_FLIGHT: lambda lane: lane.in_flight_operations,
        catalogue.BUFFERED_BYTES: lambda lane: lane.buffered_bytes,
        catalogue.BUFFER_LIMIT: lambda lane: lane.limit_bytes,
    }
    for metric, value_of in by_target.items():
        yield _family(metric, [((lane.target,), value_of(lane)) for lane in lanes])
    yield _family(
        catalogue.TARGET_STATE,
        [
            ((lane.target, state.value), float(lane.state == state))
            for lane in lanes
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
