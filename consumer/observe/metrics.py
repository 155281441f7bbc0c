"""The counters and histograms of one process, built from the catalogue in their own registry.

Gauges are not here: `gauges` computes them from what was published at each scrape, so that no
series outlives what it speaks of. Imports prometheus_client.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)

from consumer.observe import catalogue
from consumer.observe.bulk import BulkHistogram
from consumer.observe.catalogue import Kind, Metric

_LABEL_WORD: Final = re.compile(r"[a-z0-9][a-z0-9_/]{0,39}")
_MOST_WORDS: Final = 300
OTHER: Final = "other"


class Words:
    """Keeps a label bounded whose words are chosen elsewhere: codes, endpoints, reasons."""

    def __init__(self) -> None:
        """Start without words."""
        self._known: set[str] = set()

    def bounded(self, word: str) -> str:
        """Return the word if it looks like one and there are not too many yet, else `other`."""
        if word in self._known:
            return word
        if len(self._known) >= _MOST_WORDS or not _LABEL_WORD.fullmatch(word):
            return OTHER
        self._known.add(word)
        return word


class Metrics:
    """Everything that is counted. The loop's thread counts; the registry may be read by any."""

    def __init__(self) -> None:
        """Register every counter and histogram, and what describes the process."""
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self.words = Words()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        self.log_messages = self._counter(catalogue.LOG_MESSAGES)
        self.record_bytes_consumed = self._counter(catalogue.RECORD_BYTES_CONSUMED)
        self.events = self._counter(catalogue.EVENTS)
        self.records_settled = self._counter(catalogue.RECORDS_SETTLED)
        self.clock_skew = self._counter(catalogue.CLOCK_SKEW)
        self.source_replays = self._counter(catalogue.SOURCE_REPLAYS)
        self.source_replayed_records = self._counter(catalogue.SOURCE_REPLAYED_RECORDS)
        self.rebalances = self._counter(catalogue.REBALANCES)
        self.partitions_begun = self._counter(catalogue.PARTITIONS_BEGUN)
        self.commits = self._counter(catalogue.COMMITS)
        self.push_requests = self._counter(catalogue.PUSH_REQUESTS)
        self.push_bytes = self._counter(catalogue.PUSH_BYTES)
        self.push_documents = self._counter(catalogue.PUSH_DOCUMENTS)
        self.push_superseded = self._counter(catalogue.PUSH_SUPERSEDED)
        self.push_batches = self._counter(catalogue.PUSH_BATCHES)
        self.push_retries = self._counter(catalogue.PUSH_RETRIES)
        self.dead_letters = self._counter(catalogue.DEAD_LETTERS)
        self.push_request_duration = self._histogram(catalogue.PUSH_REQUEST_DURATION)
        self.push_batch_documents = self._histogram(catalogue.PUSH_BATCH_DOCUMENTS)
        self.push_batch_size = self._histogram(catalogue.PUSH_BATCH_SIZE)
        self.end_to_end_latency = self._bulk(catalogue.END_TO_END_LATENCY)
        self.stage_latency = self._bulk(catalogue.STAGE_LATENCY)
        self.transform_duration = self._bulk(catalogue.TRANSFORM_DURATION)
        self.commit_duration = self._bulk(catalogue.COMMIT_DURATION)
        self.push_limiter_wait = self._bulk(catalogue.PUSH_LIMITER_WAIT)

    def begin_at_zero(self, letter_reasons: Iterable[str]) -> None:
        """Give closed sets their series now: a first event is no increase of what was not there."""
        for reason in letter_reasons:
            self.dead_letters.labels(self.words.bounded(reason))
        for what in ("assigned", "revoked", "lost"):
            self.rebalances.labels(what)
        for result in ("ok", "failed"):
            self.commits.labels(result)

    def know_topics(self, topics: Iterable[str]) -> None:
        """Let the counters of rare things begin at 0: the first one must be seen to rise."""
        for topic in topics:
            self.partitions_begun.labels(topic)
            self.source_replays.labels(topic)
            self.source_replayed_records.labels(topic)

    def count_line(self, level: str) -> None:
        """Count one line of the log."""
        self.log_messages.labels(level).inc()

    def _counter(self, metric: Metric) -> Counter:
        assert metric.kind is Kind.COUNTER
        return Counter(metric.name, metric.help, metric.labels, registry=self.registry)

    def _bulk(self, metric: Metric) -> BulkHistogram:
        histogram = BulkHistogram(metric)
        self.registry.register(histogram)
        return histogram

    def _histogram(self, metric: Metric) -> Histogram:
        return Histogram(
            metric.name,
            metric.help,
            metric.labels,
            buckets=metric.buckets,
            registry=self.registry,
        )
