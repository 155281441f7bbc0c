"""Copies records of a topic without being a member of any group. May import `confluent_kafka`."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from confluent_kafka import Consumer, KafkaException
from confluent_kafka import TopicPartition as ClientPartition

from consumer.domain.errors import CdcError, ConfigError, RetryableError
from consumer.domain.records import Record
from consumer.kafka.errors import error_in, translate
from consumer.kafka.membership import CLIENT_LOG
from consumer.kafka.messages import record_of_message
from consumer.kafka.settings import KafkaSettings


def first_records(
    settings: KafkaSettings, topic: str, count: int, wait_seconds: float
) -> list[Record]:
    """Return the first `count` records of `topic`, or those that came until it was quiet so long.

    Nothing is joined and nothing committed. Raises ConfigError (no such topic, no right) or
    RetryableError (not reachable).
    """
    with _assigned(settings, topic, wait_seconds) as consumer:
        records: list[Record] = []
        quiet_at = time.monotonic() + wait_seconds
        while len(records) < count and (left := quiet_at - time.monotonic()) > 0:
            message = consumer.poll(min(left, 1.0))
            if message is None:
                continue
            if (error := message.error()) is not None:
                _raise(translate(error, topic))
            else:
                records.append(record_of_message(message))
                quiet_at = time.monotonic() + wait_seconds
        return records


@contextmanager
def _assigned(settings: KafkaSettings, topic: str, seconds: float) -> Iterator[Consumer]:
    try:
        consumer = Consumer(settings.consumer_config(), logger=logging.getLogger(CLIENT_LOG))
    except KafkaException as exception:
        msg = f"kafka.settings: the client refuses them: {error_in(exception).str()}"
        raise ConfigError(msg) from None
    try:
        partitions = consumer.list_topics(topic, timeout=seconds).topics[topic]
        if partitions.error is not None:
            _raise(translate(partitions.error, topic))
        starts = [ClientPartition(topic, number) for number in partitions.partitions]
        for start in starts:
            start.offset, _ = consumer.get_watermark_offsets(start, timeout=seconds)
        consumer.assign(starts)
        yield consumer
    except KafkaException as exception:
        raise (translate(error_in(exception), topic) or RetryableError(topic)) from None
    finally:
        consumer.close()


def _raise(error: CdcError | None) -> None:
    if error is not None:
        raise error
