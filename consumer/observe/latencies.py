"""How long changes took from the database to Coveo's acceptance, as a whole and by stage."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from consumer.observe.metrics import Metrics
from consumer.observe.published import Clocks
from consumer.pipeline.tally import Passage, RecordTimes


class Stage(StrEnum):
    """The parts of a change's way, in order; together they are the whole."""

    SOURCE_TO_LOG = "source_to_log"
    """Database, Debezium, Kafka Connect: from the commit to the record's timestamp."""
    LOG_TO_CONSUMER = "log_to_consumer"
    """Lying in Kafka, or held back in front of the pipeline."""
    CONSUMER_TO_REQUEST = "consumer_to_request"
    """Lingering, waiting for the quota or for a retry."""
    REQUEST = "request"
    """The attempt that was accepted."""


class Origin(StrEnum):
    """What a change was read from."""

    STREAM = "stream"
    SNAPSHOT = "snapshot"
    """A row as the snapshot found it: it may be of any age, so it is counted apart."""


class Latencies:
    """Counts them, batch by batch."""

    def __init__(self, metrics: Metrics, clocks: Clocks) -> None:
        """Count in `metrics`; `clocks` must be those by which passages are timed."""
        self._metrics = metrics
        self._clocks = clocks

    def count(self, passages: Sequence[Passage]) -> int | None:
        """Count the records of these batches; return the youngest source time, UTC milliseconds."""
        # What to add to monotonic milliseconds to get UTC.
        utc_ms = self._clocks.wall_ms() - self._clocks.monotonic() * 1e3
        youngest_ms = None
        for passage in passages:
            for origin, records in (
                (Origin.STREAM, passage.stream),
                (Origin.SNAPSHOT, passage.snapshot),
            ):
                if records:
                    source_ms = self._count_records(passage, origin, records, utc_ms)
                    youngest_ms = max(source_ms, youngest_ms or source_ms)
        return youngest_ms

    def _count_records(
        self, passage: Passage, origin: Origin, records: Sequence[RecordTimes], utc_ms: float
    ) -> int:
        sources, logs, taken = zip(*records, strict=True)  # by column: there may be thousands
        ended_ms, youngest_ms = utc_ms + passage.answered_at * 1e3, max(sources)
        labels = (passage.target, origin.value)
        ages = [(ended_ms - source) / 1e3 for source in sources]
        self._metrics.end_to_end_latency.observe_all(labels, ages)
        if youngest_ms > ended_ms:
            self._metrics.clock_skew.inc(sum(source > ended_ms for source in sources))
        self._count_requests(passage, taken)
        if min(logs) > 0:
            self._count_logs(passage, records, utc_ms)
        else:
            self._count_logs(passage, [record for record in records if record[1] > 0], utc_ms)
        return int(youngest_ms)

    def _count_logs(self, passage: Passage, records: Sequence[RecordTimes], utc_ms: float) -> None:
        target, observe = passage.target, self._metrics.stage_latency.observe_all
        to_log = [(log_ms - source_ms) / 1e3 for source_ms, log_ms, _ in records]
        observe((target, Stage.SOURCE_TO_LOG.value), to_log)
        utc_seconds = utc_ms / 1e3
        to_consumer = [utc_seconds + taken_at - log_ms / 1e3 for _, log_ms, taken_at in records]
        observe((target, Stage.LOG_TO_CONSUMER.value), to_consumer)

    def _count_requests(self, passage: Passage, taken: Sequence[float]) -> None:
        stages, sent_at = self._metrics.stage_latency, passage.sent_at
        waited = [sent_at - taken_at for taken_at in taken]
        stages.observe_all((passage.target, Stage.CONSUMER_TO_REQUEST.value), waited)
        request = max(0.0, passage.answered_at - sent_at)
        stages.observe_times((passage.target, Stage.REQUEST.value), request, len(taken))
