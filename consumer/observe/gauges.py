"""Gauges, computed from what was published when somebody scrapes.

A partition that was revoked or a target that was removed leaves no series behind, because there
is no series: only what the status says. Imports prometheus_client.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from consumer.domain.hazards import HazardKind
from consumer.observe import catalogue
from consumer.observe.catalogue import Kind, Metric
from consumer.observe.published import Published, State, lag_records, ledger_difference
from consumer.pipeline.contract import Wait
from consumer.pipeline.lanes import LaneState
from consumer.runtime.status import LanePicture, LoopStatus, PartitionPicture

_HEARTBEAT_TOPICS: Final = "__debezium-heartbeat."
"""Before a server's name, in the name of the topic with its heartbeats."""

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
            yield single(catalogue.PUSH_LIMITER_RATE, status.quota_rate_per_second)

    def _times(self, published: Published) -> Iterator[Family]:
        objectives = self._objectives
        yield single(catalogue.FRESHNESS, published.freshness_seconds())
        yield single(catalogue.FRESHNESS_OBJECTIVE, objectives.freshness_seconds)
        yield single(catalogue.SINCE_LAST_POLL, published.seconds_since_turn())
        yield single(catalogue.MAX_POLL_INTERVAL, objectives.max_poll_interval_seconds)
        yield single(catalogue.LAST_SETTLED, _seconds(published.last_settled_ms))
        yield family(catalogue.SOURCE_HEARTBEAT, _heartbeats(published))


class Counted(Collector):
    """Counters that another part keeps, read at each scrape; any thread."""

    def __init__(self, metric: Metric, counts: Callable[[], Mapping[tuple[str, ...], int]]) -> None:
        """Ask `counts` for the metric's values by its labels."""
        self._metric = metric
        self._counts = counts

    def describe(self) -> Iterable[Family]:
        """Name the family, for the registry's check for duplicates."""
        return [family(self._metric, ())]

    def collect(self) -> Iterator[Family]:
        """Return the counts as of now."""
        yield family(self._metric, self._counts().items())


def _heartbeats(published: Published) -> Iterator[Sample]:
    """Yield those of the topics that are ours: another member hears the others."""
    owned = published.owned_topics()
    for topic, at_ms in published.heartbeats_ms.items():
        if topic in owned:
            yield (topic.removeprefix(_HEARTBEAT_TOPICS),), _seconds(at_ms)


def _program(published: Published) -> Iterator[Family]:
    labels = tuple(published.versions.get(name, "") for name in catalogue.BUILD.labels)
    states = [((state.value,), float(state is published.state)) for state in State]
    yield family(catalogue.BUILD, [(labels, 1)])
    yield family(catalogue.STATE, states)


def _records(status: LoopStatus) -> Iterator[Family]:
    held: Counter[str] = Counter()
    for picture in status.partitions:
        held[picture.wait] += picture.held_records
    polled = [((topic,), count) for topic, count in status.polled_by_topic.items()]
    yield family(catalogue.RECORDS_CONSUMED, polled)
    yield single(catalogue.RECORDS_IN_FLIGHT, status.open + status.held)
    yield family(catalogue.RECORDS_HELD, [((wait.value,), held[wait]) for wait in Wait])
    yield single(catalogue.RECORDS_RELEASED, status.released)
    yield single(catalogue.LEDGER_DIFFERENCE, ledger_difference(status))
    yield family(catalogue.LOG_HAZARDS, _hazards(status).items())
    yield single(catalogue.DEAD_LETTERS_OPEN, status.dead_letters_open)
    yield single(catalogue.DEAD_LETTERS_STUCK, float(status.dead_letters_trouble is not None))
    yield single(catalogue.DEAD_LETTER_FAILURES, status.dead_letter_failures)


def _hazards(status: LoopStatus) -> Counter[tuple[str, str]]:
    """Return how many there are of each kind, for every topic that is ours or has one."""
    topics = {picture.tp.topic for picture in status.partitions}
    found = Counter({(topic, kind.value): 0 for topic in sorted(topics) for kind in HazardKind})
    found.update((each.topic, each.kind.value) for each in status.hazards)
    return found


def _partitions(pictures: tuple[PartitionPicture, ...]) -> Iterator[Family]:
    by_partition: dict[Metric, Callable[[PartitionPicture], float | None]] = {
        catalogue.LAG: lag_records,
        catalogue.COMMITTED_OFFSET: lambda picture: picture.committed,
        catalogue.LOW_WATERMARK: lambda picture: picture.low_watermark,
        catalogue.HIGH_WATERMARK: lambda picture: picture.high_watermark,
    }
    labels = [(picture.tp.topic, str(picture.tp.partition)) for picture in pictures]
    for metric, value_of in by_partition.items():
        yield family(metric, zip(labels, map(value_of, pictures), strict=True))
    owned = Counter(picture.tp.topic for picture in pictures)
    paused = Counter(picture.tp.topic for picture in pictures if picture.paused)
    yield family(catalogue.ASSIGNED_PARTITIONS, [((t,), n) for t, n in owned.items()])
    yield family(catalogue.PAUSED_PARTITIONS, [((t,), paused[t]) for t in owned])


def _targets(lanes: tuple[LanePicture, ...]) -> Iterator[Family]:
    by_target: dict[Metric, Callable[[LanePicture], float]] = {
        catalogue.LANE_OPERATIONS: lambda lane: lane.window_operations,
        catalogue.LANE_BATCHES: lambda lane: lane.sealed_batches,
        catalogue.LANE_IN_FLIGHT: lambda lane: lane.in_flight_operations,
        catalogue.BUFFERED_BYTES: lambda lane: lane.buffered_bytes,
        catalogue.BUFFER_LIMIT: lambda lane: lane.limit_bytes,
    }
    for metric, value_of in by_target.items():
        yield family(metric, [((lane.target,), value_of(lane)) for lane in lanes])
    yield family(
        catalogue.TARGET_STATE,
        [
            ((lane.target, state.value), float(lane.state == state))
            for lane in lanes
            for state in LaneState
        ],
    )


def single(metric: Metric, value: float | None) -> Family:
    """Return a family without labels; without a value it has no sample."""
    return family(metric, [((), value)])


def family(metric: Metric, samples: Iterable[Sample]) -> Family:
    """Return a gauge or a counter of the catalogue with these samples."""
    make = CounterMetricFamily if metric.kind is Kind.COUNTER else GaugeMetricFamily
    made = make(metric.name, metric.help, labels=metric.labels)
    for labels, value in samples:
        if value is not None:
            made.add_metric(labels, value)
    return made


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000
