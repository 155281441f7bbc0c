"""The client's messages → our records. May import the domain and `confluent_kafka`."""

from __future__ import annotations

from confluent_kafka import Message

from consumer.domain.errors import FatalError
from consumer.domain.records import Header, Offset, Record, TopicPartition


def record_of_message(message: Message) -> Record:
    """Return the record of a message without error; bytes untouched, absent kept absent."""
    topic, partition, offset = message.topic(), message.partition(), message.offset()
    if topic is None or partition is None or offset is None:
        msg = "the client handed over a record without topic, partition or offset"
        raise FatalError(msg)
    _, timestamp_ms = message.timestamp()
    return Record(
        tp=TopicPartition(topic, partition),
        offset=Offset(offset),
        timestamp_ms=timestamp_ms,
        key=message.key(),
        value=message.value(),
        headers=_headers(message),
    )


def _headers(message: Message) -> tuple[Header, ...]:
    headers = message.headers() or ()
    pairs = headers.items() if isinstance(headers, dict) else headers
    return tuple((name, v.encode() if isinstance(v, str) else v) for name, v in pairs)
