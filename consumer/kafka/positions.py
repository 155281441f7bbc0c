"""Asks the cluster where the reading of partitions starts. May import `confluent_kafka`.

Called from inside the rebalance callback, so everything is bounded; what could not be found out
in time is held back, never guessed and never forgotten.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar

from confluent_kafka import Consumer, KafkaError, KafkaException
from confluent_kafka import TopicPartition as ClientPartition

from consumer.domain.assignment import Assigned
from consumer.domain.errors import CdcError, ConfigError, RetryableError
from consumer.domain.records import TopicPartition
from consumer.kafka.errors import Verdict, error_in, translate, verdict_of
from consumer.kafka.starts import Committed, LogRange, Start, begin

_PAUSE_SECONDS: Final = 0.1
"""Between two tries; a coordinator that moves needs some hundred milliseconds."""

_NO_TIME: Final = "not asked yet where to start: the answers for others took all the time"

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Resolution:
    """Partitions whose start is known, and those held back, each with why."""

    ready: tuple[Assigned, ...]
    held: Mapping[TopicPartition, CdcError] = field(default_factory=dict)
    """A ConfigError says that the committed offset is not in the log, and nothing else."""
    unasked: frozenset[TopicPartition] = frozenset()
    """Those of the held ones for which there was no time left."""


class Positions(Protocol):
    """Finds starts."""

    def resolve(self, partitions: Sequence[TopicPartition], seconds: float) -> Resolution:
        """Return starts and holds, within about `seconds`. Never raises for a single partition."""
        ...


class ClusterPositions:
    """Committed offsets from the coordinator, log ranges from the leaders."""

    def __init__(
        self, consumer: Consumer, start: Start, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """Ask through `consumer`; `start` holds for topics without any commit."""
        self._consumer = consumer
        self._start = start
        self._monotonic = monotonic

    def resolve(self, partitions: Sequence[TopicPartition], seconds: float) -> Resolution:
        """Return starts and holds, within about `seconds`; passing errors are tried again.

        What the cluster refuses holds the partition, too: a topic of a pattern may be new or just
        deleted, a right may come. Only an offset outside its log is somebody's to decide.
        """
        deadline = self._monotonic() + seconds
        ready: list[Assigned] = []
        held: dict[TopicPartition, CdcError] = {}
        unasked: list[TopicPartition] = []
        committed = self._committed_or_why(partitions, deadline - seconds / 2)
        for tp in partitions:
            found = committed[tp]
            if isinstance(found, CdcError):
                held[tp] = found
            elif (ready or held) and self._monotonic() >= deadline:
                unasked.append(tp)
            else:
                try:
                    ready.append(self._begin(tp, found, deadline))
                except CdcError as error:
                    held[tp] = error
        held |= {tp: RetryableError(f"{tp}: {_NO_TIME}") for tp in unasked}
        return Resolution(tuple(ready), held, frozenset(unasked))

    def _begin(self, tp: TopicPartition, committed: Committed, deadline: float) -> Assigned:
        log = self._retrying(f"log range of {tp}", deadline, lambda left: self._range(tp, left))
        is_new = committed.next_offset is None and self._topic_is_new(tp.topic, deadline)
        return begin(tp, committed, log, self._start, topic_is_new=is_new)

    def _range(self, tp: TopicPartition, seconds: float) -> LogRange:
        return LogRange(
            *self._consumer.get_watermark_offsets(ClientPartition(*tp), timeout=seconds)
        )

    def _topic_is_new(self, topic: str, deadline: float) -> bool:
        """Return whether no partition of `topic` has a commit; asked only where it matters."""
        if self._start is Start.EARLIEST:
            return True
        doing = f"partitions of {topic}"
        metadata = self._retrying(
            doing, deadline, lambda left: self._consumer.list_topics(topic, timeout=left)
        )
        about = metadata.topics[topic]
        if about.error is not None:
            raise _held_by(about.error, doing)
        siblings = [TopicPartition(topic, p) for p in about.partitions]
        for found in self._committed(siblings, deadline).values():
            if isinstance(found, CdcError):
                raise found
            if found.next_offset is not None:
                return False
        return True

    def _committed_or_why(
        self, partitions: Sequence[TopicPartition], deadline: float
    ) -> Mapping[TopicPartition, Committed | CdcError]:
        try:
            return self._committed(partitions, deadline)
        except CdcError as error:
            return dict.fromkeys(partitions, error)

    def _committed(
        self, partitions: Sequence[TopicPartition], deadline: float
    ) -> dict[TopicPartition, Committed | CdcError]:
        """Return what is committed, or why it is not known, for each; asks again for passing ones.

        Raises what is wrong with all of them.
        """
        asked = [ClientPartition(*tp) for tp in partitions]
        doing = "committed offsets"
        while True:
            answered = self._retrying(
                doing, deadline, lambda left: self._consumer.committed(asked, timeout=left)
            )
            found = {TopicPartition(p.topic, p.partition): _committed_of(p) for p in answered}
            passing = any(isinstance(p.error, KafkaError) and _passes(p.error) for p in answered)
            if not passing or self._monotonic() >= deadline:
                return found
            time.sleep(_PAUSE_SECONDS)

    def _retrying(self, doing: str, deadline: float, ask: Callable[[float], _T]) -> _T:
        """Ask until there is an answer. Raises what is wrong, passing troubles at the deadline."""
        while True:
            try:
                return ask(max(deadline - self._monotonic(), _PAUSE_SECONDS))
            except KafkaException as exception:
                error = error_in(exception)
            if not _passes(error) or self._monotonic() >= deadline:
                raise _held_by(error, doing)
            time.sleep(_PAUSE_SECONDS)


def _passes(error: KafkaError) -> bool:
    return verdict_of(error)[0] in {Verdict.RETRY, Verdict.BENIGN}


def _held_by(error: KafkaError, doing: str) -> CdcError:
    """Return our error, one that waits: even what someone must mend is asked for again."""
    match translate(error, doing):
        case None:
            return RetryableError(doing)
        case ConfigError() as refusal:
            return RetryableError(str(refusal))
        case other:
            return other


def _committed_of(partition: ClientPartition) -> Committed | CdcError:
    if partition.error is not None:
        tp = TopicPartition(partition.topic, partition.partition)
        return _held_by(partition.error, f"committed offset of {tp}")
    # Negative offsets are librdkafka's marks for "none" (-1001 invalid, -1 none at the broker).
    offset = partition.offset if partition.offset >= 0 else None
    return Committed(offset, partition.metadata)


def end_of_log(consumer: Consumer, tp: TopicPartition, seconds: float) -> int | None:
    """Return where a log ends now, `None` if nobody answers in time; the client says itself why."""
    try:
        _, high = consumer.get_watermark_offsets(ClientPartition(*tp), timeout=seconds)
    except KafkaException:
        return None
    return high
