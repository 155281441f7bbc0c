"""Asks the cluster where the reading of partitions starts. May import `confluent_kafka`.

Called from inside the rebalance callback, so everything is bounded; what could not be found out
in time is held back, never guessed and never forgotten.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar

from confluent_kafka import Consumer, KafkaException
from confluent_kafka import TopicPartition as ClientPartition

from consumer.domain.assignment import Assigned
from consumer.domain.errors import CdcError, ConfigError, RetryableError
from consumer.domain.records import TopicPartition
from consumer.kafka.errors import error_in, translate
from consumer.kafka.starts import Committed, LogRange, Start, begin

_PAUSE_SECONDS: Final = 0.1
"""Between two tries; a coordinator that moves needs some hundred milliseconds."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Resolution:
    """Partitions whose start is known, and those held back, each with why."""

    ready: tuple[Assigned, ...]
    held: Mapping[TopicPartition, CdcError] = field(default_factory=dict)


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
        """Return starts and holds, within about `seconds`; passing errors are tried again."""
        deadline = self._monotonic() + seconds
        ready: list[Assigned] = []
        held: dict[TopicPartition, CdcError] = {}
        try:
            committed = self._committed(partitions, deadline)
        except CdcError as error:
            return Resolution((), dict.fromkeys(partitions, error))
        for tp in partitions:
            try:
                ready.append(self._begin(tp, committed[tp], deadline))
            except CdcError as error:
                held[tp] = error
        return Resolution(tuple(ready), held)

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
        siblings = [TopicPartition(topic, p) for p in metadata.topics[topic].partitions]
        committed = self._committed(siblings, deadline)
        return all(one.next_offset is None for one in committed.values())

    def _committed(
        self, partitions: Sequence[TopicPartition], deadline: float
    ) -> dict[TopicPartition, Committed]:
        asked = [ClientPartition(*tp) for tp in partitions]
        answered = self._retrying(
            "committed offsets",
            deadline,
            lambda left: _checked(self._consumer.committed(asked, timeout=left)),
        )
        return {TopicPartition(p.topic, p.partition): _committed_of(p) for p in answered}

    def _retrying(self, doing: str, deadline: float, ask: Callable[[float], _T]) -> _T:
        """Ask until there is an answer. Raises what is wrong, passing troubles at the deadline."""
        while True:
            try:
                return ask(max(deadline - self._monotonic(), _PAUSE_SECONDS))
            except KafkaException as exception:
                error = translate(error_in(exception), doing) or RetryableError(doing)
            if isinstance(error, ConfigError) or self._monotonic() >= deadline:
                raise error
            time.sleep(_PAUSE_SECONDS)


def _checked(partitions: list[ClientPartition]) -> list[ClientPartition]:
    for partition in partitions:
        if partition.error is not None:
            raise KafkaException(partition.error)
    return partitions


def _committed_of(partition: ClientPartition) -> Committed:
    # Negative offsets are librdkafka's marks for "none" (-1001 invalid, -1 none at the broker).
    offset = partition.offset if partition.offset >= 0 else None
    return Committed(offset, partition.metadata)
