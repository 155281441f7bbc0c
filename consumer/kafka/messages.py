"""The client's messages → our records. May import the domain and `confluent_kafka`."""

from __future__ import annotations

from operator import methodcaller

from confluent_kafka import Message

from consumer.domain.errors import FatalError
from consumer.domain.records import Header, Offset, Record, TopicPartition


def record_of_message(message: Message) -> Record:
    """Return the record of a message without error; bytes untouched, absent kept absent.

    Headers are read once: where a name is not UTF-8 the client fails, and would give out the
    unfinished list, which ends the process, when asked again (seen with 2.16.1).
    """
    topic, partition, offset = message.topic(), message.partition(), message.offset()
    if topic is None or partition is None or offset is None:
        msg = "the client handed over a record without topic, partition or offset"
        raise FatalError(msg)
    _, timestamp_ms = message.timestamp()
    headers = _headers(message)
    return Record(
        tp=TopicPartition(topic, partition),
        offset=Offset(offset),
        timestamp_ms=timestamp_ms,
        key=message.key(),
        value=message.value(),
        headers=headers or (),
        headers_unreadable=headers is None,
    )


_ask_for_headers = methodcaller("headers")
"""Calls the client in a way that looks for its error at once. It returns a list and leaves an error
behind. A call from a line that ran often skips that look; the error then comes up anywhere."""


def _headers(message: Message) -> tuple[Header, ...] | None:
    """Return the headers, `None` if they cannot be read: any client in C may write such a name."""
    try:
        headers = _ask_for_headers(message) or ()
    except (SystemError, UnicodeDecodeError):
        return None
    pairs = headers.items() if isinstance(headers, dict) else headers
    return tuple((name, v.encode() if isinstance(v, str) else v) for name, v in pairs)
