"""Questions to the cluster, asked again while their trouble passes. May import `confluent_kafka`.

Everything is bounded by a deadline, for it is asked on the thread that polls.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from confluent_kafka import Consumer, KafkaError, KafkaException
from confluent_kafka import TopicPartition as ClientPartition

from consumer.domain.errors import CdcError
from consumer.domain.records import TopicPartition
from consumer.kafka.errors import error_in, passes, waiting
from consumer.kafka.starts import Committed, LogRange

_PAUSE_SECONDS: Final = 0.1
"""Between two tries; a coordinator that moves needs some hundred milliseconds."""

_T = TypeVar("_T")


class Asking:
    """What the group has committed, and where logs begin and end."""

    def __init__(self, consumer: Consumer, monotonic: Callable[[], float]) -> None:
        """Ask through `consumer`."""
        self._consumer = consumer
        self._monotonic = monotonic

    def log_range(self, tp: TopicPartition, deadline: float) -> LogRange:
        """Return what a log holds. Raises why that is not known."""
        return self._retrying(f"log range of {tp}", deadline, lambda left: self._range(tp, left))

    def _range(self, tp: TopicPartition, seconds: float) -> LogRange:
        return LogRange(
            *self._consumer.get_watermark_offsets(ClientPartition(*tp), timeout=seconds)
        )

    def committed(
        self, partitions: Sequence[TopicPartition], deadline: float
    ) -> dict[TopicPartition, Committed | CdcError]:
        """Return what is committed, or why it is not known, for each; asks again for passing ones.

        Raises what is wrong with all of them.
        """
        asked = [ClientPartition(*tp) for tp in partitions]
        doing = "committed offsets"
        while asked:
            answered = self._retrying(
                doing, deadline, lambda left: self._consumer.committed(asked, timeout=left)
            )
            found = {TopicPartition(p.topic, p.partition): _committed_of(p) for p in answered}
            passing = any(isinstance(p.error, KafkaError) and passes(p.error) for p in answered)
            if not passing or self._monotonic() >= deadline:
                return found
            time.sleep(_PAUSE_SECONDS)
        return {}

    def _retrying(self, doing: str, deadline: float, ask: Callable[[float], _T]) -> _T:
        """Ask until there is an answer. Raises what is wrong, passing troubles at the deadline."""
        while True:
            try:
                return ask(max(deadline - self._monotonic(), _PAUSE_SECONDS))
            except KafkaException as exception:
                error = error_in(exception)
            if not passes(error) or self._monotonic() >= deadline:
                raise waiting(error, doing)
            time.sleep(_PAUSE_SECONDS)


def _committed_of(partition: ClientPartition) -> Committed | CdcError:
    if partition.error is not None:
        tp = TopicPartition(partition.topic, partition.partition)
        return waiting(partition.error, f"committed offset of {tp}")
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
