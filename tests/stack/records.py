"""What stands in a topic: whole records read from the broker, and what their Avro says of rows."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from confluent_kafka import Consumer, TopicPartition

_TIMEOUT_SECONDS: Final = 30
_PREFIX_BYTES: Final = 5
"""Confluent's framing: a zero byte and the id of the schema."""


@dataclass(frozen=True, slots=True)
class RowRecord:
    """A record with its place."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None

    @property
    def place(self) -> tuple[str, int, int]:
        """Return topic, partition and offset."""
        return self.topic, self.partition, self.offset

    @property
    def key_number(self) -> int | None:
        """Return the key, if it is one column of whole numbers."""
        return None if self.key is None else zigzag(io.BytesIO(self.key[_PREFIX_BYTES:]))


def read_rows(bootstrap_servers: str, topic: str) -> Iterator[RowRecord]:
    """Read a topic from its beginning to its present end; in order within each partition."""
    settings: Any = {"bootstrap.servers": bootstrap_servers, "group.id": "nobody", "log_level": 0}
    consumer = Consumer(settings)
    try:
        numbers = consumer.list_topics(topic, timeout=_TIMEOUT_SECONDS).topics[topic].partitions
        ends = {
            number: consumer.get_watermark_offsets(
                TopicPartition(topic, number), timeout=_TIMEOUT_SECONDS
            )[1]
            for number in numbers
        }
        for number, end in ends.items():
            consumer.assign([TopicPartition(topic, number, 0)])
            next_offset = 0
            while next_offset < end:
                message = consumer.poll(_TIMEOUT_SECONDS)
                assert message is not None
                assert message.error() is None
                offset = message.offset() or 0
                next_offset = offset + 1
                yield RowRecord(topic, number, offset, message.key(), message.value())
    finally:
        consumer.close()


def zigzag(data: io.BytesIO) -> int:
    """Read one of Avro's whole numbers."""
    unsigned = shift = 0
    while True:
        (byte,) = data.read(1)
        unsigned |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return (unsigned >> 1) ^ -(unsigned & 1)
