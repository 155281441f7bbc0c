"""A histogram that takes a whole turn's observations in one call.

The client library's histogram takes a lock for each observation, which per record would cost as
much as translating it. One thread writes, the scraping thread reads. Imports prometheus_client.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator

from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector

from consumer.observe.catalogue import Metric


class BulkHistogram(Collector):
    """Counts by bucket and one label."""

    def __init__(self, metric: Metric) -> None:
        """Start at zero; a label's series appears with its first observation."""
        self._metric = metric
        self._label = metric.labels[0]
        self._bounds = metric.buckets
        self._series: dict[str, tuple[list[int], list[float]]] = {}

    def observe_all(self, label: str, values: Iterable[float]) -> None:
        """Count each value under `label`. Main thread only."""
        counts, total = self._series.get(label) or self._open(label)
        bounds = self._bounds
        added = 0.0
        for value in values:
            counts[bisect_left(bounds, value)] += 1
            added += value
        total[0] += added

    def _open(self, label: str) -> tuple[list[int], list[float]]:
        # A new dictionary, so that a scrape never iterates over one that grows.
        series = ([0] * (len(self._bounds) + 1), [0.0])
        self._series = {**self._series, label: series}
        return series

    def describe(self) -> Iterator[HistogramMetricFamily]:
        """Name the family without samples, for the registry's check for duplicates."""
        yield self._family()

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """Return the counts so far, cumulated as the exposition format wants them."""
        family = self._family()
        for label, (counts, total) in self._series.items():
            family.add_metric([label], self._cumulated(tuple(counts)), total[0])
        yield family

    def _family(self) -> HistogramMetricFamily:
        return HistogramMetricFamily(self._metric.name, self._metric.help, labels=[self._label])

    def _cumulated(self, counts: tuple[int, ...]) -> list[tuple[str, float]]:
        below = 0
        buckets: list[tuple[str, float]] = []
        for bound, count in zip((*self._bounds, float("inf")), counts, strict=True):
            below += count
            buckets.append(("+Inf" if bound == float("inf") else str(float(bound)), below))
        return buckets
