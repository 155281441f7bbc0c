"""Each internal event becomes one log line and its counts, here only.

`Observer` fits the loop's port (`runtime.observer.Observer`) and is called on the loop's thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from consumer.domain.assignment import Assigned, CommitResult
from consumer.domain.fates import Accepted, Batch, Call, DeadLetter, Outcome, RetryLater
from consumer.domain.hazards import Hazard
from consumer.domain.operations import TargetId
from consumer.domain.records import TopicPartition
from consumer.domain.source_status import StatusTold
from consumer.observe import events
from consumer.observe.events import Event
from consumer.observe.latencies import Latencies
from consumer.observe.metrics import Metrics
from consumer.observe.published import Published, State
from consumer.pipeline.contract import Wait
from consumer.pipeline.lanes import LaneState
from consumer.pipeline.tally import Tally
from consumer.runtime.status import LoopStatus

_PUBLISH_SECONDS = 0.25
"""A status of 1,000 partitions costs milliseconds, a turn must not: publish four times a second."""

_TRANSPORT = "transport"
"""Label of a call that got no HTTP status."""


class Observer:
    """Logs, counts, publishes."""

    def __init__(
        self, log: Callable[[Event], None], metrics: Metrics, published: Published
    ) -> None:
        """Write lines to `log`, count in `metrics`, publish to `published`."""
        self._log = log
        self._metrics = metrics
        self._published = published
        self._latencies = Latencies(metrics, published.clocks)
        self._publish_at = 0.0

    def turn_ended(self, status: Callable[[], LoopStatus], tally: Tally) -> None:
        """Count what happened since the last turn; now and then publish what is so."""
        published = self._published
        published.turned_at = published.clocks.monotonic()
        if published.turned_at >= self._publish_at:
            published.publish(status())
            self._publish_at = published.turned_at + _PUBLISH_SECONDS
        self._count(tally)

    def _count(self, tally: Tally) -> None:
        metrics = self._metrics
        for topic, count in tally.record_bytes.items():
            metrics.record_bytes_consumed.labels(topic).inc(count)
        for (topic, event), count in tally.events.items():
            metrics.events.labels(topic, self._word(event)).inc(count)
        for (fate, reason), count in tally.settled.items():
            metrics.records_settled.labels(fate.value, self._word(reason)).inc(count)
        for (target, kind), count in tally.operations.items():
            metrics.push_documents.labels(target, kind).inc(count)
        for target, count in tally.superseded.items():
            metrics.push_superseded.labels(target).inc(count)
        metrics.push_limiter_wait.observe_all((), tally.quota_waits_seconds)
        if taken := sum(tally.events.values()):
            mean = tally.taking_in_seconds / taken
            metrics.transform_duration.observe_times((), mean, taken)
        for topic, count in tally.repeated.items():
            metrics.source_replayed_records.labels(topic).inc(count)
        for replay in tally.replays:
            metrics.source_replays.labels(replay.tp.topic).inc()
            self._log(events.source_replayed(replay))
        youngest_ms = self._latencies.count(tally.passages) if tally.passages else None
        self._keep_times(tally, youngest_ms)

    def _keep_times(self, tally: Tally, youngest_ms: int | None) -> None:
        published = self._published
        if tally.settled:
            published.last_settled_ms = published.clocks.wall_ms()
        if tally.heartbeats_ms:  # a new dictionary: a scrape may be reading the old one
            published.heartbeats_ms = {**published.heartbeats_ms, **tally.heartbeats_ms}
        if youngest_ms is not None:
            known = published.last_accepted_source_ms or youngest_ms
            published.last_accepted_source_ms = max(youngest_ms, known)

    def _word(self, word: str) -> str:
        return self._metrics.words.bounded(word) if word else ""

    def batch_resolved(self, batch: Batch, outcome: Outcome) -> None:
        """Tell how an attempt ended, and count its calls."""
        self._log(events.batch_resolved(batch, outcome))
        metrics, target = self._metrics, batch.target
        metrics.push_batches.labels(target, events.outcome_name(outcome)).inc()
        for call in outcome.attempt.calls:
            self._count_call(target, call)
        if isinstance(outcome, Accepted):
            size = len(batch.operations) - len(outcome.cut)
            metrics.push_batch_documents.labels(target).observe(size)
            metrics.push_batch_size.labels(target).observe(outcome.attempt.body_bytes)
        elif isinstance(outcome, RetryLater):
            metrics.push_retries.labels(target, self._word(outcome.reason)).inc()

    def _count_call(self, target: TargetId, call: Call) -> None:
        self._published.calls.add(call)
        metrics, endpoint = self._metrics, self._word(call.endpoint)
        code = _TRANSPORT if call.code is None else str(call.code)
        metrics.push_requests.labels(target, endpoint, self._word(code)).inc()
        metrics.push_request_duration.labels(endpoint).observe(call.seconds)
        metrics.push_bytes.labels(endpoint).inc(call.sent_bytes)

    def status_told(self, told: StatusTold) -> None:
        """Tell what the console shows from now on, and count the call."""
        self._log(events.status_told(told))
        if told.call is not None:
            self._count_call(told.asked.target, told.call)

    def lane_changed(self, target: TargetId, state: LaneState, reason: str, message: str) -> None:
        """Tell that a target waits, is blocked, or goes on; its status is due at once."""
        self._log(events.lane_changed(target, state, reason, message))
        self._publish_at = 0.0

    def wait_changed(self, tp: TopicPartition, wait: Wait | None, detail: str) -> None:
        """Tell why a partition holds its records back, or that it goes on."""
        self._log(events.wait_changed(tp, wait, detail))
        self._publish_at = 0.0

    def partitions_changed(self, what: str, partitions: Sequence[TopicPartition]) -> None:
        """Tell what was assigned, revoked or lost."""
        self._log(events.partitions_changed(what, partitions))
        self._metrics.rebalances.labels(self._word(what)).inc()
        self._metrics.know_topics({tp.topic for tp in partitions})
        self._publish_at = 0.0

    def partitions_begun(self, begun: Sequence[Assigned], *, group_is_new: bool) -> None:
        """Tell where reading began without a commit."""
        self._log(events.partitions_begun(begun, group_is_new=group_is_new))
        for each in begun:
            self._metrics.partitions_begun.labels(each.tp.topic).inc()

    def hazard_found(self, hazard: Hazard) -> None:
        """Tell what is or may be wrong with a log; its status is due at once."""
        self._log(events.hazard_found(hazard))
        self._publish_at = 0.0

    def dead_letter_sent(self, letter: DeadLetter) -> None:
        """Tell that a record is being set aside."""
        self._log(events.dead_letter_sent(letter))
        self._metrics.dead_letters.labels(self._word(letter.reason)).inc()

    def committed(self, results: Sequence[CommitResult]) -> None:
        """Count commits, and tell those that failed."""
        answered = [result.seconds for result in results if result.seconds is not None]
        self._metrics.commit_duration.observe_all((), answered)
        for result in results:
            self._metrics.commits.labels("ok" if result.error is None else "failed").inc()
            if result.error is not None:
                self._log(events.commit_failed(result))

    def state_changed(self, state: str) -> None:
        """Tell that the loop runs, drains or has stopped."""
        self._published.state = State(state)
        self._log(events.state_changed(state))
        self._publish_at = 0.0
