"""Station 11, plain form: next offsets committed to the group. May import `confluent_kafka`.

The broker checks who commits, not what they own: a former owner's commit succeeds and moves the
group's offset (measured on Kafka 4.3). So ownership is checked here, right before sending, and
librdkafka does not let a partition go while a commit is outstanding.

`commit_now` cannot use the client's synchronous commit: it has no time-out, and without a
coordinator it waits for up to `session.timeout.ms` and more. It sends an asynchronous commit and
then reads back what the group has committed, which does have a time-out. Both go to the same
coordinator in order, so the first answer usually tells (0.3 ms on loopback).
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka import TopicPartition as ClientPartition

from consumer.domain.assignment import CommitPoint, CommitResult
from consumer.domain.records import TopicPartition
from consumer.kafka.errors import error_in, tells_of_rebalance
from consumer.kafka.membership import CommitAnswer, Membership
from consumer.kafka.notes import Note, written

NOT_OURS: Final = "not sent: the partition is not ours now"
_LOOK_PAUSE_SECONDS: Final = 0.02

Points = Mapping[TopicPartition, CommitPoint]


@dataclass(frozen=True, slots=True)
class _Sent:
    """A commit under way. Its answer counts only in the turn of ownership it was sent in."""

    point: CommitPoint
    tenure: int | None
    reported: bool
    at_monotonic: float


class _Waiting(NamedTuple):
    """A commit to come. It is sent only in the turn of ownership it was asked for in."""

    point: CommitPoint
    tenure: int | None


class KafkaCheckpoint:
    """The `Checkpoint` that commits offsets, with a note (`notes`) as their metadata."""

    def __init__(
        self,
        membership: Membership,
        settle_seconds: float = 0.5,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Commit through `membership`.

        `settle_seconds`: how long `commit_now` goes on looking after the group first answered
        with another offset; a refused commit looks just like one that is a moment late.
        """
        self._membership = membership
        self._settle_seconds = settle_seconds
        self._monotonic = monotonic
        self._sent: dict[TopicPartition, deque[_Sent]] = {}
        self._waiting: dict[TopicPartition, _Waiting] = {}
        self._results: list[CommitResult] = []

    def commit(self, points: Points) -> None:
        """Start committing; never blocks.

        One commit per partition is under way at a time, so that results arrive in order. A later
        point waits for it, and is replaced by a still later one: the replaced has no result. Nor
        has one whose partition was away in between: the group's offset has moved on by then.
        """
        for tp, point in points.items():
            self._waiting[tp] = _Waiting(point, self._membership.tenure(tp))
        self._send_waiting()

    def results(self) -> Sequence[CommitResult]:
        """Return the results that arrived since the last call; `Source.poll` brings them."""
        while self._membership.arrivals.commits:
            self._take(self._membership.arrivals.commits.popleft())
        self._send_waiting()
        results, self._results = self._results, []
        return results

    def commit_now(self, points: Points, timeout_seconds: float) -> Sequence[CommitResult]:
        """Commit and wait, at most about `timeout_seconds`; what is not confirmed counts as failed.

        A commit that was reported as failed may still become durable, but not after another
        member has taken the partition over.
        """
        began = self._monotonic()
        ours = {tp: p for tp, p in points.items() if self._membership.tenure(tp) is not None}
        refused = [CommitResult(tp, p, NOT_OURS) for tp, p in points.items() if tp not in ours]
        for tp in ours:
            self._waiting.pop(tp, None)
        failure = self._send(ours, reported=False) if ours else None
        if failure is not None:
            return [*refused, *(CommitResult(tp, p, failure) for tp, p in ours.items())]
        return [*refused, *self._confirm(ours, began, began + timeout_seconds)]

    # --- sending

    def _send_waiting(self) -> None:
        self._drop_what_is_over()
        free = {tp: one.point for tp, one in self._waiting.items() if not self._sent.get(tp)}
        for tp in free:
            del self._waiting[tp]
        failure = self._send(free, reported=True) if free else None
        if failure is not None:
            self._results.extend(CommitResult(tp, p, failure) for tp, p in free.items())

    def _drop_what_is_over(self) -> None:
        for tp, (point, tenure) in list(self._waiting.items()):
            now = self._membership.tenure(tp)
            if now is None:
                self._results.append(CommitResult(tp, point, NOT_OURS))
            if now is None or now != tenure:
                del self._waiting[tp]

    def _send(self, points: Points, *, reported: bool) -> str | None:
        """Hand a commit to the client; return why that failed, or `None`."""
        sent_at = self._monotonic()
        offsets = [ClientPartition(*tp, *self._key(tp, p)) for tp, p in points.items()]
        try:
            self._membership.consumer.commit(offsets=offsets, asynchronous=True)
        except KafkaException as exception:
            return _text(exception)
        for tp, point in points.items():
            entry = _Sent(point, self._membership.tenure(tp), reported, sent_at)
            self._sent.setdefault(tp, deque()).append(entry)
        return None

    def _key(self, tp: TopicPartition, point: CommitPoint) -> tuple[int, str]:
        """Return what is committed: the offset, and the note that goes with it."""
        next_offset, topic = int(point.next_offset), self._membership.incarnation(tp)
        witness = self._membership.witnesses.before(tp, next_offset)
        note = Note(point.tenure, topic.topic_id, topic.partitions, point.end_seen_ms, witness)
        return next_offset, written(note)

    # --- answers

    def _take(self, answer: CommitAnswer) -> None:
        for partition in answer.partitions:
            tp = TopicPartition(partition.topic, partition.partition)
            error = partition.error or answer.error
            self._settle(tp, partition.offset, error, answer.at_monotonic)

    def _settle(self, tp: TopicPartition, offset: int, error: KafkaError | None, at: float) -> None:
        """Match an answer to its commit: the oldest under way that asked for this offset."""
        queue = self._sent.get(tp, deque())
        entry = next((one for one in queue if int(one.point.next_offset) == offset), None)
        if entry is None:
            return
        queue.remove(entry)
        if entry.reported and entry.tenure == self._membership.tenure(tp):
            seconds = max(0.0, at - entry.at_monotonic)
            text = None if error is None else error.str()
            calm = error is not None and tells_of_rebalance(error)
            self._results.append(CommitResult(tp, entry.point, text, seconds, calm))

    # --- reading back

    def _confirm(self, points: Points, began: float, deadline: float) -> Iterable[CommitResult]:
        """Look until all is durable, the deadline is over, or the group's answer has settled."""
        durable: dict[TopicPartition, float] = {}
        why = "not confirmed in time"
        # (A time-out of zero or less would mean to the client: for ever.)
        while len(durable) < len(points) and (left := deadline - self._monotonic()) > 0:
            missing = {tp: p for tp, p in points.items() if tp not in durable}
            try:
                seen = self._read_back(missing, left)
            except KafkaException as exception:
                why = _text(exception)
            else:
                now = self._monotonic()
                deadline = min(deadline, now + self._settle_seconds)
                confirmed = (tp for tp, p in missing.items() if seen.get(tp) == self._key(tp, p))
                durable |= dict.fromkeys(confirmed, now - began)
                why = "the group did not take it"
            if len(durable) < len(points):
                time.sleep(_LOOK_PAUSE_SECONDS)
        return [
            CommitResult(tp, p, None if tp in durable else why, durable.get(tp))
            for tp, p in points.items()
        ]

    def _read_back(
        self, points: Points, timeout_seconds: float
    ) -> Mapping[TopicPartition, tuple[int, str | None]]:
        asked = [ClientPartition(*tp) for tp in points]
        answered = self._membership.consumer.committed(asked, timeout=timeout_seconds)
        return {
            TopicPartition(p.topic, p.partition): (p.offset, p.metadata)
            for p in answered
            if p.error is None
        }


def _text(exception: KafkaException) -> str:
    error = error_in(exception)
    return f"{error.name()}: {error.str()}"
